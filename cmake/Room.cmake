# A room is a folder of the product, built as one static library. Its headers are reached only through link folders of its
# own. rooms/NAME/faces/NAME holds its faces, each a link of its own: that is what other rooms see, so including what is no
# face, or a room that is not in USES, fails. rooms/NAME/own/NAME is the whole folder, for the room itself and its tests.

add_library(triaged_flags INTERFACE)
target_compile_options(triaged_flags INTERFACE -pthread -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                                               -Wno-missing-field-initializers  # designated initialisers leave defaults out
                                               # Files of one batch may not be blamed for their neighbours.
                                               "$<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-shadow;-Wno-subobject-linkage>"
                                               $<$<BOOL:${TRIAGED_WARNINGS_AS_ERRORS}>:-Werror>)
target_link_libraries(triaged_flags INTERFACE Threads::Threads)
if(TRIAGED_SANITIZE)
  string(REPLACE "," ";" sanitizers "${TRIAGED_SANITIZE}")
  # UBSan without vptr: its check opens a pipe, which a test that runs out of descriptors does not get.
  target_compile_options(triaged_flags INTERFACE -fsanitize=${TRIAGED_SANITIZE} -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=all
                                                 $<$<IN_LIST:undefined,${sanitizers}>:-fno-sanitize=vptr>
                                                 -Wno-maybe-uninitialized  # GCC 12 is wrong about it in instrumented code
                                                 -Wno-tsan)                # Asio's fences, which TSan cannot see, back its locks
  target_link_options(triaged_flags INTERFACE -fsanitize=${TRIAGED_SANITIZE})
endif()

# Asio takes ten seconds a file to compile; with separate compilation its code is compiled once, here.
add_library(triaged_asio STATIC cmake/asio.cpp)
target_compile_definitions(triaged_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
                                               BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(triaged_asio PUBLIC Boost::headers PRIVATE triaged_flags)
target_compile_options(triaged_asio PRIVATE -w $<$<CONFIG:Release,RelWithDebInfo>:-O1>)

function(triaged_room name)
  cmake_parse_arguments(room "" "" "USES;FACES" ${ARGN})
  set_property(GLOBAL APPEND PROPERTY triaged_rooms ${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/cli/main\\.cpp$")
  add_library(triaged_${name} STATIC ${sources})
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.hpp)
  triaged_public_names(${name} ${headers})
  if(TRIAGED_UNITY)
    triaged_unity(triaged_${name} ${name} ${sources})
  endif()
  set(links ${PROJECT_BINARY_DIR}/rooms/${name})
  file(REMOVE_RECURSE ${links})  # a face that is none any more would still be found
  file(MAKE_DIRECTORY ${links}/own ${links}/faces)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${name} ${links}/own/${name} SYMBOLIC)
  foreach(face IN LISTS room_FACES)
    if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${name}/${face})
      message(FATAL_ERROR "cmake/RoomList.cmake: there is no ${name}/${face}")
    endif()
    get_filename_component(alcove ${links}/faces/${name}/${face} DIRECTORY)
    file(MAKE_DIRECTORY ${alcove})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${name}/${face} ${links}/faces/${name}/${face} SYMBOLIC)
  endforeach()
  target_include_directories(triaged_${name} PRIVATE ${links}/own INTERFACE ${links}/faces)
  target_link_libraries(triaged_${name} PUBLIC triaged_flags)
  foreach(used IN LISTS room_USES)
    target_link_libraries(triaged_${name} PUBLIC triaged_${used})
  endforeach()
  if(name STREQUAL "base")
    target_precompile_headers(triaged_base PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp)
  else()
    target_precompile_headers(triaged_${name} REUSE_FROM triaged_base)
  endif()
endfunction()
