// What `triaged explain` finds out about one message before it prints anything.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "formats/line_reader.hpp"
#include "formats/nearest_format.hpp"
#include "formats/wrapper_words.hpp"
#include "knowledge/dialects/load_rules.hpp"
#include "knowledge/ranking/rank_rules.hpp"
#include "matcher/matcher.hpp"
#include "scan/timed_explanation.hpp"
#include "scan/unknown_prefix.hpp"

namespace triaged::scan {

/// Text of the message that a client wrote and a rule's pattern stands in.
struct ClientSpan {
  std::size_t begin = 0, end = 0;  // bytes of the line
  std::string field;               // whose value it is, if any
};

struct ExplainedRule {
  const knowledge::Rule* rule = nullptr;
  knowledge::ScoreParts parts;
  double fires_bonus = 0;  // it fires and is one of the product's own: written for these very lines
  bool fires = false;
  bool counts = false;  // it is one of several lines that the rule looks for
  std::string why_not;  // one sentence; empty when it fires
  std::optional<ClientSpan> client_text;

  [[nodiscard]] double score() const { return parts.sum() + fires_bonus; }
};

/// Of `line` and `read` nothing was redacted: whoever shows a piece of them asks a RedactedText of the line. What a
/// rule says is fit to be shown.
struct Explanation {
  /// Of a message of several lines the one that is shown: the first on which a rule fires, else the first. Without what
  /// transport put around it.
  std::string_view line;
  formats::ReadLine read;                       // of `line`
  std::vector<formats::WrapperWords> wrappers;  // that stood around it
  /// Of a line that no format reads whole, or by its header only: which one it comes nearest to, and how far.
  struct Near {
    formats::NearFormat format;
    std::string_view text;  // that was compared
  };
  std::optional<Near> near;
  std::optional<UnknownPrefix> prefix;    // of a line that no format reads, in front of one that some format would read
  std::vector<ExplainedRule> candidates;  // best first
};

/// Keeps what ReadLine points into.
class Explainer {
 public:
  Explainer(const knowledge::LoadedRules& rules, std::shared_ptr<const matcher::SignatureSet> signatures,
            std::optional<formats::Format> format,
            std::shared_ptr<const formats::Redactor> redactor = formats::usual_redactor());

  /// `message` may hold several lines; the answer is valid until the next call.
  [[nodiscard]] const Explanation& explain(const std::string& message);

 private:
  void read_lines(const std::string& message);
  void read_line(const std::string& line);
  void find_layers();
  [[nodiscard]] bool a_rule_fires() const;
  static void apply(const TimedFinding& finding, ExplainedRule& explained);
  [[nodiscard]] ExplainedRule explained(const matcher::Verdict& verdict) const;
  [[nodiscard]] std::string why_not_looked_for(const knowledge::Rule& rule) const;

  const knowledge::RuleSet& rules_;
  knowledge::RuleRanking ranking_;
  std::shared_ptr<const matcher::SignatureSet> signatures_;
  std::optional<formats::Format> format_;
  std::shared_ptr<const formats::Redactor> redactor_;
  matcher::Matcher matcher_;
  formats::LineReaderOptions reading_;
  formats::LineReader reader_;
  std::string line_;  // as it was given
  Explanation explanation_;
  std::vector<matcher::Verdict> verdicts_;
};

}  // namespace triaged::scan
