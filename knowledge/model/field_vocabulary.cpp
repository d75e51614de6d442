#include "knowledge/model/field_vocabulary.hpp"

#include <algorithm>

#include "formats/format.hpp"
#include "formats/reasons/reasons.hpp"

namespace triaged::knowledge {

const std::vector<std::string_view>& known_fields() {
  static const auto names = [] {
    std::vector<std::string_view> all = {"source"};  // of the place where the line stood
    for (const auto field : formats::words_in(formats::wrapper_fields)) all.push_back(field);
    for (const auto field : formats::words_in(formats::reason_fields)) all.push_back(field);
    for (const auto format : formats::all_formats()) {
      for (const auto field : formats::words_in(formats::facts_of(format).fields)) all.push_back(field);
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }();
  return names;
}

}  // namespace triaged::knowledge
