// Go: a panic that ended the program, one that net/http caught, and what the runtime itself gives up for.
//
//   panic: runtime error: index out of range [5] with length 3
//   2026/11/21 01:17:36 http: panic serving 127.0.0.1:51040: assignment to entry in nil map
//   fatal error: all goroutines are asleep - deadlock!
//
//   goroutine 1 [running]:
//   main.main.func3({0x18499303b?, 0xffffffffffffffff?}, 0x4a8ad3?)
//   	/srv/app/gobackend.go:21 +0x2e
//   created by net/http.(*Server).Serve in goroutine 1
//   exit status 2
#include <algorithm>
#include <array>

#include "formats/scanner.hpp"
#include "formats/traces/trace.hpp"

namespace triaged::formats {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t longest_call = 256;

/// runtime.throw's and runtime.fatal's; a compiler's "fatal error: x.h: No such file" is none.
constexpr std::array runtime_errors{"all goroutines are asleep"sv,
                                    "concurrent map "sv,
                                    "stack overflow"sv,
                                    "unexpected signal"sv,
                                    "out of memory"sv,
                                    "runtime: "sv,
                                    "runtime."sv,
                                    "sync: "sv,
                                    "newosproc"sv,
                                    "no goroutines"sv,
                                    "invalid runtime "sv,
                                    "fault"sv};

/// "runtime error" is what Go calls its own; all other panics are the program's.
Failure panic_with(std::string_view text) {
  constexpr std::string_view runtime = "runtime error: ";
  if (text.starts_with(runtime)) return {"runtime error", text.substr(runtime.size())};
  return {"panic", text};
}

bool read_panic(std::string_view line, Failure& into) {
  Scanner scanner(line);
  if (scanner.skip("panic: ")) {
    into = panic_with(scanner.rest());
    return !scanner.rest().empty();
  }
  if (!scanner.skip("fatal error: ")) return false;
  into = {"fatal error", scanner.rest()};
  return std::ranges::any_of(runtime_errors, [&](std::string_view words) { return into.text.starts_with(words); });
}

/// `http: panic serving 127.0.0.1:51040: text`, behind the time that package log writes.
bool read_served_panic(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (!contains(line, "panic serving ")) return false;
  std::size_t consumed = 0;
  const auto time = memory.times.nginx_error(line, consumed);
  if (time && consumed < line.size() && line[consumed] == '.') static_cast<void>(microseconds_at(line, ++consumed));
  Scanner scanner(without_margin(line.substr(consumed)));
  const auto words = scanner.rest();
  if (!scanner.skip("http: panic serving ") && !scanner.skip("http2: panic serving ")) return false;
  const auto end = scanner.rest().find(": ");
  if (end == std::string_view::npos) return false;
  into.time = time;
  begin_trace(Format::go_panic, words, panic_with(scanner.rest().substr(end + 2)), memory, into);
  into.fields.push_back({"client", scanner.rest().substr(0, end)});
  return true;
}

/// `goroutine 110 [running]:`.
bool begins_goroutine(std::string_view line) {
  Scanner scanner(line);
  std::string_view number;
  return scanner.skip("goroutine ") && scanner.take_digits(number) && line.ends_with("]:");
}

/// `main.(*T).run(0xc0000, {0x6e7cc8, 0x1})`.
bool is_call(std::string_view line) {
  const auto bracket = line.find('(');
  const auto name = line.substr(0, line.find(' '));
  return bracket != std::string_view::npos && line.ends_with(')') && bracket < name.size() &&
         (contains(line.substr(0, bracket), ".") || line.starts_with("panic("));
}

bool is_among_frames(std::string_view line) {
  return line.starts_with('\t') || line.starts_with("[signal ") || line.starts_with("created by ") ||
         line.starts_with("exit status ") || line == "runtime stack:" || line.ends_with("frames elided...") ||
         is_call(line);
}

/// `main.(*T).run` of `main.(*T).run(0xc0000, …)`.
std::string_view function_of(std::string_view call) {
  std::size_t depth = 0, at = call.size();
  while (at > 0) {
    --at;
    if (call[at] == ')') ++depth;
    if (call[at] == '(' && --depth == 0) break;
  }
  return call.substr(0, at);
}

/// `	/srv/app/gobackend.go:21 +0x2e`, below its call. What was called before a panic began is its handling: deferred
/// functions.
void read_place(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  OpenTrace& trace = memory.trace;
  if (!trace.is_first_stack || trace.call.empty() || !line.starts_with('\t')) return;
  Frame frame{.file = {}, .line = {}, .function = trace.call};
  const auto place = without_margin(line);
  const auto colon = place.rfind(':');
  if (colon == std::string_view::npos) return;
  frame.file = place.substr(0, colon);
  if (Scanner(place.substr(colon + 1)).take_digits(frame.line) && is_own_go(frame)) place_trace(frame, memory, into);
}

void note_frame(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  OpenTrace& trace = memory.trace;
  read_place(line, memory, into);
  trace.call.clear();
  if (line.starts_with("panic(")) trace.place = {};
  if (line.starts_with("created by ")) trace.is_first_stack = false;
  if (is_call(line)) trace.call.assign(function_of(line).substr(0, longest_call));
}

}  // namespace

bool read_go_panic(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  Failure failure;
  if (read_panic(line, failure)) {
    begin_trace(Format::go_panic, line, failure, memory, into);
    return true;
  }
  if (read_served_panic(line, memory, into)) return true;
  if (begins_goroutine(line)) {
    begin_with_frame(Format::go_panic, line, memory, into);
    return true;
  }
  if (!has_open_trace(Format::go_panic, memory)) return false;
  if (line.starts_with('\t') && read_panic(without_margin(line), failure)) {  // a panic while one was handled
    add_cause(Format::go_panic, without_margin(line), failure, memory, into);
    return true;
  }
  if (!is_among_frames(line)) return false;
  add_frame(Format::go_panic, line, memory, into);
  note_frame(line, memory, into);
  return true;
}

}  // namespace triaged::formats
