#include "matcher/counted_request.hpp"

#include <charconv>

namespace triaged::matcher {

std::size_t status_number(std::string_view status) {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(status.data(), status.data() + status.size(), number);
  return failure == std::errc() && end == status.data() + status.size() && number < 1000 ? number : 1000;
}

/// Of 499 nobody knows what the answer would have been; HAProxy says how the session ended ("--": as usual, whatever
/// its cookies did).
bool is_good_answer(const formats::ReadLine& line) {
  const auto number = status_number(line.field("status"));
  const auto termination = line.field("termination");
  return number >= 100 && number < 500 && number != 499 && (termination.empty() || termination.starts_with("--"));
}

bool is_failed(const formats::ReadLine& line) {
  const auto number = status_number(line.field("status"));
  return number >= 500 && number < 600;
}

MatchedLine counted_request(const formats::ReadLine& line, const std::string& source, TimePoint at,
                            std::uint64_t offset) {
  return {.format = std::string(name_of(line.format)),
          .source = source,
          .offset = offset,
          .at = at,
          .has_own_time = line.time.has_value(),
          .host = std::string(line.host)};
}

}  // namespace triaged::matcher
