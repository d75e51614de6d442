#include "daemon/rule_examples.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "formats/line_reader.hpp"

namespace triaged {

namespace {

constexpr std::size_t longest_excerpt = 160;

/// Reads an example as a line of the format that its match is for, and gives the rules that fire on it. An example may
/// hold several lines (a record with its traceback): the rules of all of them count.
class ExampleReader {
 public:
  explicit ExampleReader(const std::shared_ptr<const SignatureSet>& signatures) : matcher_(signatures) {}

  std::set<std::string> firing(const std::string& example, const Match& match) {
    LineReaderOptions options;
    if (match.formats.size() == 1) options.format = match.formats.front();
    auto fired = fire(example, options);
    // A match for several formats does not say which of them the example is of: let the content decide.
    if (match.formats.size() > 1) {
      for (const auto format : match.formats) {
        options.format = format;
        fired.merge(fire(example, options));
      }
    }
    return fired;
  }

 private:
  std::set<std::string> fire(const std::string& example, const LineReaderOptions& options) {
    LineReader reader(options);
    LineBatch batch;
    batch.bytes = example;
    for (std::size_t at = 0; at < example.size();) {
      const auto end = std::min(example.find('\n', at), example.size());
      batch.lines.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end - at), at});
      at = end + 1;
    }
    std::set<std::string> rules;
    for (const auto& symptom : matcher_.match(batch, reader)) rules.insert(symptom.rule);
    return rules;
  }

  Matcher matcher_;
};

bool knows(const Rule& rule, const std::string& other) {
  const auto names = [&](const std::vector<Transition>& transitions) {
    return std::any_of(transitions.begin(), transitions.end(), [&](const Transition& t) { return t.rule == other; });
  };
  return names(rule.confused_with) || names(rule.leads_to) || names(rule.preceded_by);
}

Problem problem_of(Gravity gravity, const Match& match, std::string message, const std::string& line) {
  return {gravity,
          match.place.file,
          match.place.line,
          match.place.column,
          std::move(message),
          to_printable(prefix_of(line, longest_excerpt))};
}

}  // namespace

ExampleResults try_examples(const std::shared_ptr<const SignatureSet>& signatures) {
  ExampleResults results;
  ExampleReader reader(signatures);
  const auto& rules = signatures->rules();
  for (const auto& rule : rules.rules()) {
    for (const auto& match : rule.matches) {
      for (const auto& example : match.examples) {
        ++results.examples;
        const auto fired = reader.firing(example, match);
        if (fired.count(rule.id) == 0) {
          results.problems.push_back(
              problem_of(Gravity::error, match, fmt::format("an example of {} does not match", rule.id), example));
        }
        for (const auto& other : fired) {
          const auto* other_rule = rules.find(other);
          if (other == rule.id || knows(rule, other) || knows(*other_rule, rule.id)) continue;
          results.problems.push_back(
              problem_of(Gravity::warning, match,
                         fmt::format("an example of {} matches {} too; say in 'confused_with' how to tell them apart",
                                     rule.id, other),
                         example));
        }
      }
      for (const auto& near_miss : match.near_misses) {
        ++results.near_misses;
        if (reader.firing(near_miss, match).count(rule.id) == 0) continue;
        results.problems.push_back(
            problem_of(Gravity::error, match, fmt::format("a near miss of {} matches", rule.id), near_miss));
      }
    }
  }
  return results;
}

}  // namespace triaged
