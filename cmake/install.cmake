# Install rules: headers, libraries, command, CMake package, pkg-config.
install(DIRECTORY include/speig ${PROJECT_BINARY_DIR}/include/speig
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
