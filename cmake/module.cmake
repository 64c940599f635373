# speig_module(NAME SOURCE...): a part that libspeig opens when it is first needed (base/module.h).
# In the build tree it lies in speig/ beside libspeig.so, as in an installed one. It shows nothing
# but its entry, speig_NAME_module_get.
set(SPEIG_MODULE_BUILD_DIR ${PROJECT_BINARY_DIR}/src/speig)

function(speig_module name)
  set(map ${PROJECT_BINARY_DIR}/speig_${name}.map)
  file(WRITE ${map}.in "{ global: speig_${name}_module_get; local: *; };\n")
  configure_file(${map}.in ${map} COPYONLY)
  add_library(speig_${name} MODULE ${ARGN})
  target_include_directories(speig_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
  target_link_options(speig_${name} PRIVATE LINKER:--version-script=${map})
  set_target_properties(speig_${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${SPEIG_MODULE_BUILD_DIR}
    LINK_DEPENDS ${map})
  install(TARGETS speig_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/speig)
endfunction()
