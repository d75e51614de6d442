// Watches how much of a source's lines the public rules match. A signature that stands in every tenth line, with no
// rule of this product's own near to say that something is wrong, tells nothing: from then on it is supporting evidence
// in that source. One watch per matcher; bounded by the sources and the rules that fired in them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace triaged::matcher {

/// A public rule that was demoted in one source, and what it matched until then.
struct NoisyRule {
  std::string rule;
  std::string source;
  std::uint64_t lines = 0;    // read of the source
  std::uint64_t matched = 0;  // of these, by the rule, uncorroborated

  friend bool operator==(const NoisyRule&, const NoisyRule&) = default;
};

class NoiseWatch {
 public:
  static constexpr std::uint64_t fewest_lines = 500;       // before that nobody is judged
  static constexpr double most_share = 0.10;               // of the lines
  static constexpr std::uint64_t corroborated_for = 1000;  // lines after a rule of the product's own has fired
  static constexpr std::size_t most_sources = 20'000;

  /// One line of `source` has been read.
  class Source {
   public:
    void count_line() { ++lines_; }
    /// Lines since the last call.
    [[nodiscard]] std::uint64_t take_new_lines() { return lines_ - std::exchange(lines_taken_, lines_); }
    void own_rule_fired() { corroborated_until_ = lines_ + corroborated_for; }
    /// The public rule matched the line counted last. True when it is noise here.
    [[nodiscard]] bool is_noise(const std::string& rule, const std::string& source, std::vector<NoisyRule>& news);

   private:
    struct Count {
      std::uint64_t matched = 0;
      bool is_noisy = false;
    };
    std::uint64_t lines_ = 0, lines_taken_ = 0, corroborated_until_ = 0;
    std::unique_ptr<std::unordered_map<std::string, Count>> rules_;  // of most sources none
  };

  [[nodiscard]] Source& of(const std::string& source);

 private:
  std::unordered_map<std::size_t, Source> sources_;  // by the hash of their names: there are thousands, mostly quiet
};

}  // namespace triaged::matcher
