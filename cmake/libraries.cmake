# cairn_library(FOLDER DEPS ...): every .cpp of FOLDER (not of sub-folders named main) as one static library.
# A dependency is a folder of ours or a cairn::NAME of cmake/dependencies.cmake.
function(cairn_target_defaults target)
  target_link_libraries(${target} PRIVATE cairn_flags)
endfunction()

function(cairn_library folder)
  cmake_parse_arguments(L "" "" "DEPS" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "^${CMAKE_SOURCE_DIR}/.*/main/")
  set(scope PUBLIC)
  if(sources)
    add_library(cairn_${name} STATIC ${sources})
    target_link_libraries(cairn_${name} PUBLIC cairn_flags)
  else()
    add_library(cairn_${name} INTERFACE)
    set(scope INTERFACE)
    target_link_libraries(cairn_${name} INTERFACE cairn_flags)
  endif()
  foreach(dependency ${L_DEPS})
    if(dependency MATCHES "::")
      target_link_libraries(cairn_${name} ${scope} ${dependency})
    else()
      string(REPLACE "/" "_" dependency ${dependency})
      target_link_libraries(cairn_${name} ${scope} cairn_${dependency})
    endif()
  endforeach()
endfunction()

# cairn_flatbuffers(SCHEMA.fbs): the generated header is <schemas/NAME_generated.h>, through cairn::schemas.
function(cairn_flatbuffers schema)
  find_program(FLATC flatc REQUIRED)
  get_filename_component(stem ${schema} NAME_WE)
  set(out ${CMAKE_BINARY_DIR}/generated/schemas/${stem}_generated.h)
  add_custom_command(OUTPUT ${out}
    COMMAND ${FLATC} --cpp --scoped-enums -o ${CMAKE_BINARY_DIR}/generated/schemas ${CMAKE_SOURCE_DIR}/${schema}
    DEPENDS ${CMAKE_SOURCE_DIR}/${schema} VERBATIM)
  add_custom_target(cairn_schemas_generated DEPENDS ${out})
  add_library(cairn_schemas INTERFACE)
  target_include_directories(cairn_schemas SYSTEM INTERFACE ${CMAKE_BINARY_DIR}/generated)
  add_dependencies(cairn_schemas cairn_schemas_generated)
  add_library(cairn::schemas ALIAS cairn_schemas)
endfunction()

# cairn_text(FILE HEADER CONSTANT): the text of FILE as a string_view in <schemas/HEADER>, through cairn::schemas.
function(cairn_text file header constant)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${file})
  file(READ ${CMAKE_SOURCE_DIR}/${file} text)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/schemas/${header} @ONLY CONTENT
"#pragma once
#include <string_view>
namespace cairn {
inline constexpr std::string_view @constant@ = R\"text(@text@)text\";
}
")
endfunction()
