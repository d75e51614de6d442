#include "values/html.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace triaged::inline values {

namespace {

void add_escaped(std::string& html, std::string_view line) {
  for (const char c : to_printable(line)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
}

}  // namespace

std::string escaped_html(std::string_view text) {
  std::string html;
  for (;;) {
    const auto end = std::min(text.find('\n'), text.size());
    add_escaped(html, text.substr(0, end));
    if (end == text.size()) return html;
    html += '\n';
    text.remove_prefix(end + 1);
  }
}

}  // namespace triaged::inline values
