#include "matcher/line_spans.hpp"

#include <functional>

namespace triaged::matcher {

std::string_view speech_in(const formats::ReadLine& line, std::string_view text) {
  const auto& message = line.message;
  if (message.empty() || formats::facts_of(line.format).opening != formats::Opening::program) return message;
  const bool is_in_text = std::less_equal<>()(text.data(), message.data()) &&
                          std::less_equal<>()(message.data() + message.size(), text.data() + text.size());
  return is_in_text ? text.substr(0, static_cast<std::size_t>(message.data() - text.data()) + message.size()) : message;
}

std::string_view line_in(const formats::ReadLine& line, std::string_view text) {
  return line.format == formats::Format::nginx_error && line.message.empty() ? std::string_view() : text;
}

std::string_view span_of(const knowledge::Match& match, const formats::ReadLine& line, std::string_view text) {
  switch (match.within) {
    case knowledge::Within::line:
      return line_in(line, text);
    case knowledge::Within::speech:
      return speech_in(line, text);
    case knowledge::Within::message:
      break;
  }
  return line.message;
}

}  // namespace triaged::matcher
