#include "scan/example_reason.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/line_reader.hpp"
#include "knowledge/patterns/pattern_prefix.hpp"
#include "scan/timed_explanation.hpp"

namespace triaged::scan {

namespace {

constexpr std::string_view needs_header =
    "a traceback begins with its line 'Traceback (most recent call last):', which the example lacks";

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    if (end > at) lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string names_of(const std::vector<formats::Format>& formats) {
  std::vector<std::string_view> names;
  for (const auto format : formats) names.push_back(name_of(format));
  return fmt::format("{}", fmt::join(names, " or "));
}

/// Where the pattern stops in a line of the right format; empty: the pattern is not to blame.
std::string where_it_stops(const knowledge::Match& match, std::string_view text) {
  if (match.regex.empty()) return {};
  const auto prefix = knowledge::matching_prefix(match.regex, match.caseless, text);
  if (prefix.matching.empty()) return "not even the beginning of its pattern is in the line";
  return fmt::format("its pattern matches as far as '{}'; '{}' is missing after it", prefix.matching, prefix.missing);
}

}  // namespace

std::string why_not_matched(const knowledge::Match& match, const std::string& example,
                            const std::shared_ptr<const matcher::SignatureSet>& signatures) {
  matcher::Matcher matcher(signatures);
  formats::LineReaderOptions options;
  if (match.formats.size() == 1) options.format = match.formats.front();
  formats::LineReader reader(options);
  std::string why;
  formats::Format other{};
  for (const auto& line : lines_in(example)) {
    formats::ReadLine read;
    reader.read(line, read);
    other = read.format;
    if (!reads(match, read.format)) continue;
    const auto verdicts = matcher.explain(read);
    const auto own =
        std::find_if(verdicts.begin(), verdicts.end(), [&](const auto& verdict) { return verdict.match == &match; });
    if (own == verdicts.end()) continue;
    if (own->pattern_hit || own->pattern_hit_elsewhere) return own->missing;
    const bool is_line = match.within == knowledge::Within::line;
    if (why.empty()) why = where_it_stops(match, is_line ? read.text : std::string_view(read.message));
  }
  if (!why.empty()) return why;
  const auto& formats = match.formats;
  why = fmt::format("it is read as a line of {}, and the match reads {}", name_of(other), names_of(formats));
  const bool wants_traceback =
      std::find(formats.begin(), formats.end(), formats::Format::python_traceback) != formats.end();
  if (wants_traceback && example.find("Traceback (most recent call last)") == std::string::npos) {
    why += fmt::format(": {}", needs_header);
  }
  return why;
}

std::string why_not_matched(const knowledge::Rule& rule, const std::string& example,
                            std::optional<formats::Format> format,
                            const std::shared_ptr<const matcher::SignatureSet>& signatures) {
  for (const auto& finding : explain_timed(example, signatures, format)) {
    if (finding.rule == &rule && !finding.fires()) return finding.why_not;
  }
  return "none of its lines is one that the condition looks for";
}

}  // namespace triaged::scan
