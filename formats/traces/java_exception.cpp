// Java, and what else runs in its machine (Kotlin, Scala, Groovy):
//
//   Exception in thread "main" java.lang.RuntimeException: cannot start
//   	at com.example.Shop.main(Shop.java:12)
//   	... 12 more
//   Caused by: java.net.ConnectException: Connection refused
//
// Without "Exception in thread" a class is known by the first word of its package, for Python's exceptions have dots,
// too; directly below a logger's line of an error any class is, also indented (Tomcat indents the whole stack):
//
//   2020-06-19 17:17:27.517 ERROR 76924 --- [nio-9081-exec-3] o.a.c.c.C.[.[.[/] : Servlet.service() … threw exception
//
//   shop.cart.PriceMissing: no price for sku
//   	at shop.cart.Cart.total(Cart.java:28) ~[classes/:na]
//
// Such an exception has the level of that line, and its time. One that ended a thread has neither: nobody logged it,
// the machine printed it, whatever stands above.
#include <algorithm>
#include <array>

#include "formats/scanner.hpp"
#include "formats/traces/trace.hpp"

namespace triaged::formats {

namespace {

using namespace std::string_view_literals;

constexpr std::array packages{"java."sv, "javax."sv,  "jakarta."sv, "org."sv,  "com."sv,     "net."sv,
                              "io."sv,   "kotlin."sv, "scala."sv,   "akka."sv, "reactor."sv, "sun."sv};

/// The size of `java.net.ConnectException` at the beginning; 0: no class stands there.
std::size_t class_name_at(std::string_view text) {
  std::size_t size = 0, last = 0;
  for (; size < text.size(); ++size) {
    const char c = text[size];
    if (c == '.') last = size + 1;
    if (!is_lower(c) && !is_upper(c) && !is_digit(c) && c != '.' && c != '_' && c != '$') break;
  }
  return last < size && is_upper(text[last]) ? size : 0;
}

bool read_class(std::string_view text, Failure& into) {
  const auto size = class_name_at(text);
  into.exception = text.substr(0, size);
  return size > 0 && take_text_behind_name(text.substr(size), into.text);
}

bool is_throwable(std::string_view name) {
  return name.ends_with("Exception") || name.ends_with("Error") || name.ends_with("Throwable");
}

constexpr std::string_view ended_thread = "Exception in thread \"";

/// The level of the logger's line that stands directly above; empty: none of an error does, or nobody logged `line`.
std::string_view level_above(std::string_view line, const ReaderMemory& memory) {
  return has_line_above(memory) && !line.starts_with(ended_thread) ? memory.above.level : std::string_view();
}

bool read_head(std::string_view line, bool is_logged, Failure& into) {
  Scanner scanner(line);
  std::string_view thread;
  if (scanner.skip(ended_thread)) {
    return scanner.take_until('"', thread) && scanner.skip(" ") && read_class(scanner.rest(), into);
  }
  if (is_logged) return read_class(without_margin(line), into) && contains(into.exception, ".");
  const bool is_known =
      std::ranges::any_of(packages, [&](std::string_view package) { return line.starts_with(package); });
  return is_known && read_class(line, into) && is_throwable(into.exception);
}

bool read_cause(std::string_view line, Failure& into) {
  Scanner scanner(line);
  if (!scanner.skip("Caused by: ") && !scanner.skip("Suppressed: ") && !scanner.skip("Wrapped by: ")) return false;
  return read_class(scanner.rest(), into) && (is_throwable(into.exception) || contains(into.exception, "."));
}

/// `at com.example.Shop.main(Shop.java:12)`, perhaps with `~[shop.jar:1.0]` behind it.
bool read_frame(std::string_view line, Frame& into) {
  Scanner scanner(line);
  std::string_view place;
  if (!scanner.skip("at ") || !scanner.take_until('(', into.function) || !scanner.take_until(')', place)) return false;
  if (!contains(into.function, ".") || contains(into.function, " ")) return false;
  if (place == "Native Method" || place == "Unknown Source" || place == "<generated>") return true;
  // "java.base/java.lang.Thread.run", "app//com.example.Shop.main": the module and the class loader
  into.function.remove_prefix(into.function.rfind('/') + 1);
  const auto colon = std::min(place.find(':'), place.size());
  into.file = place.substr(0, colon);
  into.line = place.substr(std::min(colon + 1, place.size()));
  return std::ranges::any_of(std::array{".java"sv, ".kt"sv, ".scala"sv, ".groovy"sv},
                             [&](std::string_view end) { return into.file.ends_with(end); });
}

/// `... 12 more`, `... 12 common frames omitted`.
bool is_left_out(std::string_view line) {
  Scanner scanner(line);
  std::string_view number;
  return scanner.skip("... ") && scanner.take_digits(number) &&
         (scanner.rest().starts_with(" more") || scanner.rest().starts_with(" common frames omitted"));
}

}  // namespace

bool read_java_exception(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  Failure failure;
  const auto level = level_above(line, memory);
  if (read_head(line, !level.empty(), failure)) {
    if (!into.time && !level.empty()) into.time = memory.above.time;
    begin_trace(Format::java_exception, without_margin(line), failure, memory, into);
    if (!level.empty()) into.fields.push_back({"level", level});
    return true;
  }
  const auto words = without_margin(line);
  // Java begins it with the line. With a margin it belongs to a stack that was indented as a whole; alone it may be a
  // client's, whose line feed a program indents (the journal, as text).
  const bool is_in_place = words.size() == line.size() || has_open_trace(Format::java_exception, memory);
  if (is_in_place && read_cause(words, failure)) {
    add_cause(Format::java_exception, words, failure, memory, into);
    return true;
  }
  Frame frame;
  const bool is_among_frames =
      words.size() < line.size() &&
      (read_frame(words, frame) || (is_left_out(words) && has_open_trace(Format::java_exception, memory)));
  if (!is_among_frames) return false;
  add_frame(Format::java_exception, line, memory, into);
  if (has_open_trace(Format::java_exception, memory) && is_own_java(frame)) place_trace(frame, memory, into);
  return true;
}

}  // namespace triaged::formats
