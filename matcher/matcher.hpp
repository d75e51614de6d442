// Matches every line against every signature of its format at once, and makes a Finding of each that a rule recognised.
//
// SignatureSet is what a rule set compiles to: one Hyperscan database a format for the span where the program speaks,
// one more where rules look at the whole line, databases of public rules that formats share, the field conditions, and
// the RE2 programs that extract named groups. It is immutable and shared by all matcher threads. Matcher is one
// thread's view of it with its own scratch.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "formats/line_reader.hpp"
#include "formats/redaction/redactor.hpp"
#include "knowledge/model/rule.hpp"
#include "matcher/noise.hpp"
#include "values/finding.hpp"
#include "values/line_batch.hpp"

namespace triaged::matcher {

/// How patterns become databases. Public rule packs are large: compiling them anew takes many seconds, and `later`
/// leaves out what is not cached.
enum class PublicRules { now, later };
struct Compilation {
  std::filesystem::path cache;  // folder of compiled databases; empty: none
  PublicRules public_rules = PublicRules::now;
  std::stop_token stop;  // requested: what is not compiled yet is left out
};

class SignatureSet {
 public:
  /// What becomes of a refusal that is found only when a format's first line is seen; called on that matcher's thread.
  using Report = std::function<void(const Problem&)>;

  /// Compiles the matches of `rules` for every format, now. What Hyperscan refuses is reported in `problems`
  /// with the place of the pattern and the engine's own reason, and left out. (RE2 was asked when the rules were read.)
  [[nodiscard]] static std::shared_ptr<const SignatureSet> compile(std::shared_ptr<const knowledge::RuleSet> rules,
                                                                   Problems& problems,
                                                                   const Compilation& compilation = {});
  /// The same, but each format is compiled when its first line is seen (a quarter of a second for a large one), so that
  /// a look at one log does not pay for all formats.
  [[nodiscard]] static std::shared_ptr<const SignatureSet> compile_when_needed(
      std::shared_ptr<const knowledge::RuleSet> rules, Report report, const Compilation& compilation = {});
  ~SignatureSet();

  [[nodiscard]] const knowledge::RuleSet& rules() const;
  /// Public rules were left out (PublicRules::later): compile once more, on a thread that may take its time.
  [[nodiscard]] bool waits_for_public_rules() const;
  /// Patterns in the databases of `format`, conditions included; for status and benchmarks.
  [[nodiscard]] std::size_t signatures_of(formats::Format format) const;

  struct Compiled;
  [[nodiscard]] Compiled& compiled() const { return *compiled_; }

 private:
  SignatureSet();
  std::unique_ptr<Compiled> compiled_;
};

/// One rule's verdict about one line, for explain, lint and rule tests.
struct Verdict {
  const knowledge::Rule* rule = nullptr;
  const knowledge::Match* match = nullptr;  // the line that the rule looks for
  std::uint32_t term = 0;                   // TermLine::term; 0: the line alone is the failure
  bool pattern_hit = false;                 // the regex matched in its span (or there is none)
  bool pattern_hit_elsewhere = false;       // it matches the line, but only outside the span where the program speaks
  bool conditions_hold = false;
  bool counts = false;  // the line is one of several that the rule looks for: it holds, and alone it fires nothing
  std::string missing;  // why it does not fire, one sentence; empty when it does

  [[nodiscard]] bool fires() const { return missing.empty(); }
};

/// Lines that count nothing. The first two stand so near to a client's text that the client may have written them.
struct DistrustedLines {
  std::uint64_t taken_back = 0;  // a rule had recognised them before a later line showed it
  std::uint64_t silenced = 0;    // of other programs than the one whose log it is
  std::uint64_t own = 0;         // triaged wrote them
};

/// About when a line was written that has no time: the time of the nearest line of its stream that has one.
struct NearTime {
  std::uint64_t offset = 0;  // of the line
  TimePoint at;
};

class Matcher {
 public:
  /// `redactor` takes what must not leave out of the findings, when everything that reads the lines is done.
  explicit Matcher(std::shared_ptr<const SignatureSet> signatures,
                   std::shared_ptr<const formats::Redactor> redactor = formats::usual_redactor());
  ~Matcher();
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;

  /// What is found in a batch: first single lines, in line order, then counts of several lines of one second. `reader`
  /// is the one of the batch's source. Of a line that comes again, whole, only what its part that was emitted before
  /// did not show.
  [[nodiscard]] std::vector<Finding> match(const LineBatch& batch, formats::LineReader& reader);

  /// Which time the lines of the last batch cover, for each format and host. Of lines without a time it is that at
  /// which the batch was read.
  [[nodiscard]] std::vector<CoveredTime> take_covered_times();

  /// Of the lines of the last batch in which something was found and that have no time, in their order; without those
  /// that have no neighbour with one in the batch.
  [[nodiscard]] const std::vector<NearTime>& near_times();
  /// Of the last line of that batch that has one.
  [[nodiscard]] std::optional<TimePoint> last_time() const;

  /// Lines read so far, by format; for status.
  [[nodiscard]] const std::array<std::uint64_t, formats::format_count>& lines_by_format() const;

  /// So far.
  [[nodiscard]] DistrustedLines distrusted_lines() const;

  /// Public rules that turned out to be noise in a source since the last call.
  [[nodiscard]] std::vector<NoisyRule> take_noisy_rules();

  /// The verdict of every rule of the line's format, slow and complete. Those that fire come first.
  [[nodiscard]] std::vector<Verdict> explain(const formats::ReadLine& line);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace triaged::matcher
