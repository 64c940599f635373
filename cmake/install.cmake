# Install rules: headers, libraries, command, CMake package, pkg-config. The installed tree can be
# moved: nothing in it holds the prefix.
include(CMakePackageConfigHelpers)

install(DIRECTORY include/speig ${PROJECT_BINARY_DIR}/include/speig
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

# Only speig_* leaves the shared library, under a version node that a later ABI can stand beside.
set(SPEIG_VERSION_SCRIPT ${PROJECT_SOURCE_DIR}/cmake/speig.map)
target_link_options(speig PRIVATE LINKER:--version-script=${SPEIG_VERSION_SCRIPT})
set_target_properties(speig PROPERTIES LINK_DEPENDS ${SPEIG_VERSION_SCRIPT})

# Two export sets: who uses the shared library does not need what the static one is linked with.
set(SPEIG_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/speig)
install(TARGETS speig EXPORT speig-shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS speig_static EXPORT speig-static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(kind shared static)
  install(EXPORT speig-${kind} FILE speig-${kind}-targets.cmake NAMESPACE speig::
          DESTINATION ${SPEIG_PACKAGE_DIR})
endforeach()
configure_package_config_file(cmake/speig-config.cmake.in
  ${PROJECT_BINARY_DIR}/speig-config.cmake INSTALL_DESTINATION ${SPEIG_PACKAGE_DIR}
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/speig-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/speig-config.cmake
              ${PROJECT_BINARY_DIR}/speig-config-version.cmake DESTINATION ${SPEIG_PACKAGE_DIR})

# pkg-config: the prefix is found from where the file lies.
set(SPEIG_PC_DIR ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH SPEIG_PC_UP /prefix/${SPEIG_PC_DIR} /prefix)
string(REGEX REPLACE "/$" "" SPEIG_PC_UP "${SPEIG_PC_UP}")
set(SPEIG_PC_PREFIX "\${pcfiledir}/${SPEIG_PC_UP}")
string(JOIN " " SPEIG_PC_LIBS_PRIVATE ${SPEIG_LINK_NAMES} ${OpenMP_C_FLAGS})
configure_file(cmake/speig.pc.in ${PROJECT_BINARY_DIR}/speig.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/speig.pc DESTINATION ${SPEIG_PC_DIR})

if(SPEIG_BUILD_CLI)
  file(RELATIVE_PATH SPEIG_BIN_TO_LIB /prefix/${CMAKE_INSTALL_BINDIR}
       /prefix/${CMAKE_INSTALL_LIBDIR})
  set_target_properties(speig_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${SPEIG_BIN_TO_LIB}")
  install(TARGETS speig_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  # Made by the command's own build.
  install(FILES ${PROJECT_BINARY_DIR}/speig.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${PROJECT_BINARY_DIR}/speig.bash RENAME speig
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
