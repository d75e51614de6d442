#include "formats/traces/trace.hpp"

#include <algorithm>

#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

constexpr std::size_t longest_trace = 64 * 1024;
constexpr std::size_t longest_header = 4096;

void open(Format format, std::string_view line, ReaderMemory& memory) {
  OpenTrace& trace = memory.trace;
  trace.format = format;
  trace.header.assign(line.substr(0, longest_header));
  trace.time.reset();
  trace.read_at = memory.options.reference;
  trace.bytes = 0;
  trace.program.assign(memory.program_tag);
  trace.place = {};
  trace.call.clear();
  trace.is_first_stack = true;
}

void add_record(ReaderMemory& memory, ReadLine& into) {
  into.header = memory.trace.header;
  if (!into.time) into.time = memory.trace.time;
  memory.trace.read_at = memory.options.reference;
}

/// A request that the program repeats in quotes is a client's.
std::string_view words_of_program(std::string_view line) {
  if (!contains(line, " HTTP/")) return line;
  const auto quote = line.find('"');
  return quote == std::string_view::npos ? std::string_view() : line.substr(0, quote);
}

void say(Format format, std::string_view line, const Failure& failure, ReadLine& into) {
  into.format = format;
  into.message = words_of_program(line);
  if (!failure.exception.empty()) into.fields.push_back({"exception", failure.exception});
  if (!failure.text.empty()) into.fields.push_back({"exception_text", failure.text});
}

}  // namespace

bool has_open_trace(Format format, const ReaderMemory& memory) {
  const OpenTrace& trace = memory.trace;
  return !trace.header.empty() && trace.format == format && trace.program == memory.program_tag &&
         trace.bytes <= longest_trace && memory.options.reference - trace.read_at <= longest_pause;
}

void begin_trace(Format format, std::string_view line, Failure failure, ReaderMemory& memory, ReadLine& into) {
  open(format, line, memory);
  memory.trace.time = into.time;
  say(format, line, failure, into);
}

void add_cause(Format format, std::string_view line, Failure failure, ReaderMemory& memory, ReadLine& into) {
  if (!has_open_trace(format, memory)) return begin_trace(format, line, failure, memory, into);
  say(format, line, failure, into);
  add_place(memory.trace.place, into);
  add_record(memory, into);
}

void add_frame(Format format, std::string_view line, ReaderMemory& memory, ReadLine& into) {
  into.format = format;
  into.message = words_of_program(line);
  if (has_open_trace(format, memory)) add_record(memory, into);
}

void begin_with_frame(Format format, std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (!has_open_trace(format, memory)) open(format, line, memory);
  add_frame(format, line, memory, into);
}

void place_trace(const Frame& frame, ReaderMemory& memory, ReadLine& into) {
  OpenTrace& trace = memory.trace;
  if (trace.place.is_known()) return;
  trace.place = to_place(frame);
  add_place(trace.place, into);
}

std::string_view without_margin(std::string_view line) {
  return line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
}

bool take_text_behind_name(std::string_view behind_name, std::string_view& text) {
  text = {};
  if (behind_name.empty() || behind_name == ":") return true;
  if (!behind_name.starts_with(": ")) return false;
  text = behind_name.substr(2);
  return true;
}

}  // namespace triaged::formats
