// What Rails logs of each request:
//
//   I, [2021-12-06T14:28:19.736545 #2804090]  INFO -- : [34091cb5-…] Started GET "/cart" for 127.0.0.1 at 2021-12-06 …
//   I, [2021-12-06T14:28:19.803112 #2804090]  INFO -- : [34091cb5-…] Completed 500 Internal Server Error in 66ms (…)
//
// The header is that of Ruby's Logger, and may be missing, as may the tags. The first line holds a client's path, so it
// says nothing; only the last one knows the status.
#include "formats/rails.hpp"

#include <algorithm>

#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

/// ` Internal Server Error`; a blank alone for a status without a name.
bool is_reason(std::string_view words) {
  if (words == " ") return true;
  const bool is_capital = words.size() > 1 && words[0] == ' ' && is_upper(words[1]);
  return is_capital && std::ranges::all_of(words, [](char c) {
           return is_upper(c) || is_lower(c) || contains(" '-", {&c, 1});
         });
}

/// `66ms`, `12.5ms`, and in brackets what took so long.
bool is_duration(Scanner scanner) {
  std::string_view digits;
  if (!scanner.take_digits(digits)) return false;
  if (scanner.skip(".") && !scanner.take_digits(digits)) return false;
  return scanner.skip("ms") && (scanner.rest().empty() || scanner.rest().starts_with(" ("));
}

/// `500 Internal Server Error in 66ms (ActiveRecord: 8.0ms | Allocations: 24885)`.
bool read_completed(Scanner scanner, ReadLine& into) {
  constexpr std::string_view between = " in ";
  std::string_view status;
  if (!scanner.take_digits(status) || status.size() != 3) return false;
  const auto in = scanner.rest().find(between);
  if (in == std::string_view::npos || !is_reason(scanner.rest().substr(0, in))) return false;
  if (!is_duration(Scanner(scanner.rest().substr(in + between.size())))) return false;
  into.fields.push_back({"status", status});
  return true;
}

/// `GET "/cart?item=7" for 127.0.0.1 at 2012-09-26 14:51:42 -0700`.
bool read_started(Scanner scanner, LogTimes& times, ReadLine& into) {
  constexpr std::string_view behind_path = "\" for ", behind_client = " at ";
  std::string_view method;
  if (!scanner.take_until(' ', method) || method.empty() || !std::ranges::all_of(method, is_upper)) return false;
  if (!scanner.skip("\"")) return false;
  const auto rest = scanner.rest();
  const auto end = rest.rfind(behind_path);
  if (end == std::string_view::npos) return false;
  const auto client = rest.substr(end + behind_path.size());
  const auto at = client.find(behind_client);
  if (at == std::string_view::npos) return false;
  std::size_t size = 0;
  const auto time = times.iso(client.substr(at + behind_client.size()), size);
  if (!time) return false;
  into.time = time;
  into.fields.push_back({"client", client.substr(0, at)});
  into.fields.push_back({"method", method});
  into.fields.push_back({"path", path_of(rest.substr(0, end))});
  return true;
}

}  // namespace

bool skip_ruby_log_head(Scanner& scanner, LogTimes& times, RubyLogHead& into) {
  const auto text = scanner.rest();
  constexpr std::string_view mark = ", [";
  if (text.size() < 4 || !is_upper(text[0]) || text.substr(1, mark.size()) != mark) return false;
  std::size_t size = 0;
  into.time = times.iso(text.substr(1 + mark.size()), size);
  Scanner behind(text.substr(1 + mark.size() + size));
  std::string_view name;
  if (!into.time || !behind.skip(" #") || !behind.take_digits(into.pid) || !behind.skip("]")) return false;
  behind.skip_spaces();
  if (!behind.take_until(' ', into.level) || !behind.skip("-- ") || !behind.take_until(':', name)) return false;
  if (!behind.skip(" ")) return false;
  scanner = behind;
  return true;
}

void skip_ruby_tags(Scanner& scanner) {
  std::string_view tag;
  for (auto behind = scanner; behind.skip("[") && behind.take_until(']', tag) && behind.skip(" ");) scanner = behind;
}

bool read_rails_request(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  // Most other lines are turned down by their first bytes.
  if (line.size() < 2 || (!contains("CS[", line.substr(0, 1)) && line[1] != ',')) return false;
  Scanner scanner(line);
  RubyLogHead head;
  if (skip_ruby_log_head(scanner, memory.times, head)) {
    into.time = head.time;
    into.fields.push_back({"pid", head.pid});
  }
  skip_ruby_tags(scanner);
  const bool is_request = scanner.skip("Completed ")
                              ? read_completed(scanner, into)
                              : scanner.skip("Started ") && read_started(scanner, memory.times, into);
  if (is_request) {
    into.format = Format::app_access;
  } else {
    into.time.reset();
    into.fields.clear();
  }
  return is_request;
}

}  // namespace triaged::formats
