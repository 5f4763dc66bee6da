# What every target of ours is compiled with.
add_library(cairn_flags INTERFACE)
target_compile_options(cairn_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual -Wextra-semi
  -Woverloaded-virtual -Wimplicit-fallthrough -Wno-missing-field-initializers -fno-omit-frame-pointer)
target_include_directories(cairn_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(cairn_flags INTERFACE CAIRN_VERSION="${PROJECT_VERSION}"
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION VALIJSON_USE_EXCEPTIONS=1)

if(CAIRN_SANITIZE)
  add_compile_options(-fsanitize=${CAIRN_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CAIRN_SANITIZE})
endif()
if(CAIRN_SANITIZE MATCHES "address.*undefined")
  # A third of the time to compile, for accesses that the address sanitizer stops at as well (but for misaligned ones).
  add_compile_options(-fno-sanitize=null,alignment,object-size)
endif()
if(CAIRN_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(CAIRN_CCACHE ccache)
if(CAIRN_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CAIRN_CCACHE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
endif()
