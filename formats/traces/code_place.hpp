// Where in a program's own code a failure came about: the innermost frame that is neither of the language nor of a
// library. What a language and its package managers bring stands in folders and packages of known names:
//
//   File "/usr/lib/python3/dist-packages/flask/app.py", line 1822, in full_dispatch_request      a library
//   File "/srv/flaskshop/wsgi.py", line 9, in total                                              the program's own
//
// The fields `code_file`, `code_line` and `code_function` carry it. Private to this room.
#pragma once

#include <string_view>

#include "formats/reader_memory.hpp"

namespace triaged::formats {

struct Frame {
  std::string_view file, line, function;  // of Java, the function is "com.example.Shop.main"
};

[[nodiscard]] bool is_own_python(const Frame& frame);
[[nodiscard]] bool is_own_go(const Frame& frame);
[[nodiscard]] bool is_own_java(const Frame& frame);
[[nodiscard]] bool is_own_node(const Frame& frame);
[[nodiscard]] bool is_own_ruby(const Frame& frame);

[[nodiscard]] CodePlace to_place(const Frame& frame);
/// As fields of a line, when it is known.
void add_place(const CodePlace& place, ReadLine& into);

}  // namespace triaged::formats
