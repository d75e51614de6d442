// Why an example of a rule does not match, for `triaged rules test`.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "formats/format.hpp"
#include "knowledge/model/rule.hpp"
#include "matcher/matcher.hpp"

namespace triaged::scan {

/// Of an example of one line, or of a line with the record that it stands in. REQUIRES: it does not match.
[[nodiscard]] std::string why_not_matched(const knowledge::Match& match, const std::string& example,
                                          const std::shared_ptr<const matcher::SignatureSet>& signatures);

/// Of several lines. `format` is what the lines are read as; nullopt: they are recognised.
[[nodiscard]] std::string why_not_matched(const knowledge::Rule& rule, const std::string& example,
                                          std::optional<formats::Format> format,
                                          const std::shared_ptr<const matcher::SignatureSet>& signatures);

}  // namespace triaged::scan
