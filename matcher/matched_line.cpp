#include "matcher/matched_line.hpp"

#include "matcher/line_spans.hpp"

namespace triaged::matcher {

std::string name_of_source(const LineBatch& batch, const Envelope* envelope) {
  if (envelope == nullptr || envelope->stream.empty()) return batch.source_name;
  return batch.source_name + " " + envelope->stream;
}

MatchedLine to_matched(const Signature& signature, const std::string& source, const LineBatch& batch,
                       const LineSpan& span, const formats::ReadLine& line, std::size_t longest) {
  const auto text = line.text;
  const auto cut = [&](std::string_view whole) { return std::string(whole.substr(0, longest)); };
  MatchedLine matched{.rule = signature.rule().id,
                      .format = std::string(name_of(line.format)),
                      .source = source,
                      .offset = span.offset,
                      .at = line.time.value_or(batch.observed_at),
                      .has_own_time = line.time.has_value(),
                      .host = std::string(line.host),
                      .line = cut(text),
                      .header = cut(line.header),
                      .fields = {}};
  matched.fields.reserve(line.fields.size() + 2);
  for (const auto& [name, value] : line.fields) matched.fields.push_back({std::string(name), cut(value)});
  if (signature.has_pattern()) {
    signature.extract(span_of(signature.match(), line, text), matched.fields);
  }
  signature.add_reasons(line, matched.fields);
  return matched;
}

}  // namespace triaged::matcher
