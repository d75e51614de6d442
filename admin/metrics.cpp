#include "admin/metrics.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace triaged::admin {

namespace {

std::string escaped(std::string_view text, bool is_label) {
  std::string safe;
  for (const char c : to_valid_utf8(text)) {
    if (c == '\\') {
      safe += "\\\\";
    } else if (c == '\n') {
      safe += "\\n";
    } else if (c == '"' && is_label) {
      safe += "\\\"";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace

std::string to_prometheus(const std::vector<Metric>& metrics) {
  std::string text;
  for (const auto& metric : metrics) {
    text += fmt::format("# HELP {} {}\n# TYPE {} {}\n", metric.name, escaped(metric.help, false), metric.name,
                        metric.is_counter ? "counter" : "gauge");
    for (const auto& [labels, value] : metric.values) {
      std::string shown;
      for (const auto& [name, label] : labels) {
        shown += fmt::format("{}{}=\"{}\"", shown.empty() ? "" : ",", name, escaped(label, true));
      }
      text += shown.empty() ? fmt::format("{} {}\n", metric.name, value)
                            : fmt::format("{}{{{}}} {}\n", metric.name, shown, value);
    }
  }
  return text;
}

}  // namespace triaged::admin
