// CRE sequences: lines one after the other, with and without negative terms.
#include "cre/cre_sequence.hpp"

#include <algorithm>
#include <utility>

#include "cre/cre_set.hpp"
#include "cre/cre_terms.hpp"

namespace triaged::cre {

namespace {

class Sequence final : public CreMachine {
 public:
  Sequence(std::int64_t window, std::vector<CreAsserts> terms) : window_(window), terms_(std::move(terms)) {}

  CreHits scan(const CreLine& line) override {
    if (line.at < clock_) return {};
    clock_ = line.at;
    // While the first term still collects its lines nothing is complete, and then nothing is ever forgotten.
    if (complete_ > 0 && clock_ - terms_.front().marks.front().at >= window_) {
      terms_.front().drop_before(clock_ - window_);
      tidy();
    }
    for (std::size_t i = 0; i < complete_; ++i) {
      if ((*line.terms)[terms_[i].term]) terms_[i].marks.push_back({line.at, line.number});
    }
    auto& next = terms_[complete_];
    if (!(*line.terms)[next.term]) return {};
    next.marks.push_back({line.at, line.number});
    if (!next.has_enough()) return {};
    if (++complete_ < terms_.size()) return {};
    CreHits hits;
    take_frame(terms_, hits);
    tidy();
    return hits;
  }
  CreHits end() override { return {}; }

 private:
  /// Lines before the one that completed the first term are out of order now.
  void tidy() {
    const auto was_complete = std::exchange(complete_, 0);
    if (terms_.front().marks.empty()) {
      for (auto& term : terms_) term.marks.clear();
      return;
    }
    bool is_broken = !terms_.front().has_enough();
    if (!is_broken) complete_ = 1;
    const auto bound = is_broken ? 0 : terms_.front().marks[terms_.front().wanted - 1].at;
    for (std::size_t i = 1; i < was_complete; ++i) {
      if (is_broken) {
        terms_[i].marks.clear();
        continue;
      }
      terms_[i].drop_before(bound);
      is_broken = !terms_[i].has_enough();
      if (!is_broken) ++complete_;
    }
  }

  std::int64_t clock_ = 0;
  std::int64_t window_;
  std::size_t complete_ = 0;  // leading terms that have enough lines
  std::vector<CreAsserts> terms_;
};

class InverseSequence final : public CreMachine {
 public:
  InverseSequence(std::int64_t window, std::vector<CreAsserts> terms, std::vector<CreResets> resets)
      : window_(window), terms_(std::move(terms)), resets_(std::move(resets)), reach_(reach_of(window, resets_)) {}

  CreHits scan(const CreLine& line) override {
    if (line.at < clock_) return {};
    clock_ = line.at;
    if (clock_ >= mark_) clean_up();
    const bool is_idle = terms_.front().marks.empty() && reach_.back == 0;
    if (is_idle && !(*line.terms)[terms_.front().term]) return {};
    for (auto& reset : resets_) {
      if (!(*line.terms)[reset.term]) continue;
      reset.times.push_back(line.at);
      mark_ = std::min(mark_, line.at + reach_.back + reach_.ahead);
    }
    for (std::size_t i = 0; i < complete_; ++i) {
      if ((*line.terms)[terms_[i].term]) terms_[i].marks.push_back({line.at, line.number});
    }
    if (complete_ < terms_.size()) {
      auto& next = terms_[complete_];
      if (!(*line.terms)[next.term]) return {};
      next.marks.push_back({line.at, line.number});
      mark_ = std::min(mark_, line.at + reach_.ahead);
      if (!next.has_enough()) return {};
      if (++complete_ < terms_.size()) return {};
    }
    return evaluate();
  }

  CreHits end() override {
    clock_ = end_of_time;
    return evaluate();
  }

 private:
  CreHits evaluate() {
    CreHits hits;
    while (complete_ == terms_.size()) {
      const auto& last = terms_.back();
      if (last.marks[last.wanted - 1].at - terms_.front().marks.front().at > window_) {
        terms_.front().drop(1);
        tidy();
        continue;
      }
      const auto verdict = judge(frame_of(terms_), resets_, clock_);
      if (verdict.kind == CreVerdict::Kind::waits) break;
      if (verdict.kind == CreVerdict::Kind::forbidden) {
        auto& marks = terms_[verdict.given_up.term].marks;
        marks.erase(marks.begin() + static_cast<std::ptrdiff_t>(verdict.given_up.index));
      } else {
        take_frame(terms_, hits);
      }
      tidy();
    }
    return hits;
  }

  /// Each term's first line that is kept is the bound of the next term's.
  void tidy() {
    const auto was_complete = std::exchange(complete_, 0);
    if (terms_.front().marks.empty()) {
      for (auto& term : terms_) term.marks.clear();
      return;
    }
    bool is_broken = !terms_.front().has_enough();
    if (!is_broken) complete_ = 1;
    auto bound = terms_.front().marks.front().at;
    for (std::size_t i = 1; i < was_complete; ++i) {
      if (is_broken) {
        terms_[i].marks.clear();
        continue;
      }
      terms_[i].drop_before(bound);
      if (!terms_[i].marks.empty()) bound = terms_[i].marks.front().at;
      is_broken = !terms_[i].has_enough();
      if (!is_broken) ++complete_;
    }
  }

  void clean_up() {
    mark_ = never;
    if (complete_ == terms_.size() && !resets_.empty()) return;
    terms_.front().drop_before(clock_ - reach_.ahead);
    tidy();
    if (complete_ > 0) mark_ = terms_.front().marks.front().at + reach_.ahead;
    drop_resets_before(clock_ - reach_.ahead - reach_.back, resets_);
    for (const auto& reset : resets_) {
      if (!reset.times.empty()) mark_ = std::min(mark_, reset.times.front() + reach_.back + reach_.ahead);
    }
  }

  std::int64_t clock_ = 0, mark_ = never;
  std::int64_t window_;
  std::size_t complete_ = 0;
  std::vector<CreAsserts> terms_;
  std::vector<CreResets> resets_;
  CreReach reach_;
};

}  // namespace

std::unique_ptr<CreMachine> make_cre_sequence(const knowledge::CreRule& rule, const std::vector<unsigned>& positives,
                                              const std::vector<unsigned>& negatives) {
  auto terms = merged_terms(positives, Merge::neighbours);
  if (negatives.empty()) return std::make_unique<Sequence>(rule.window, std::move(terms));
  return std::make_unique<InverseSequence>(rule.window, std::move(terms), resets_of(rule, negatives));
}

std::unique_ptr<CreMachine> make_cre_machine(const knowledge::CreRule& rule, std::vector<unsigned> positives,
                                             std::vector<unsigned> negatives) {
  return rule.is_sequence ? make_cre_sequence(rule, positives, negatives) : make_cre_set(rule, positives, negatives);
}

}  // namespace triaged::cre
