#include "values/html.hpp"

#include "base/utf8.hpp"

namespace triaged {

std::string escaped_html(std::string_view text) {
  std::string html;
  for (const char c : to_valid_utf8(text)) {
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
        // Control characters mean nothing in a page, and some are not allowed in one.
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') html += c;
    }
  }
  return html;
}

}  // namespace triaged
