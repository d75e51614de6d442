// CRE sets: lines in any order, with and without negative terms.
#include "cre/cre_set.hpp"

#include <algorithm>

#include "cre/cre_terms.hpp"

namespace triaged::cre {

namespace {

class Single final : public CreMachine {
 public:
  explicit Single(unsigned term) : term_(term) {}

  CreHits scan(const CreLine& line) override {
    if (!(*line.terms)[term_]) return {};
    return {1, {{line.at, line.number}}};
  }
  CreHits end() override { return {}; }

 private:
  unsigned term_;
};

class Set final : public CreMachine {
 public:
  Set(std::int64_t window, std::vector<CreAsserts> terms) : window_(window), terms_(std::move(terms)) {}

  CreHits scan(const CreLine& line) override {
    if (line.at < clock_) return {};
    clock_ = line.at;
    clean_up();
    for (auto& term : terms_) {
      if ((*line.terms)[term.term]) term.marks.push_back({line.at, line.number});
    }
    CreHits hits;
    if (std::all_of(terms_.begin(), terms_.end(), [](const CreAsserts& term) { return term.has_enough(); })) {
      take_frame(terms_, hits);
    }
    return hits;
  }
  CreHits end() override { return {}; }

 private:
  /// Lines exactly the window apart still belong together.
  void clean_up() {
    std::int64_t oldest = never;
    for (const auto& term : terms_) {
      if (!term.marks.empty()) oldest = std::min(oldest, term.marks.front().at);
    }
    if (oldest == never || clock_ - oldest <= window_) return;
    for (auto& term : terms_) term.drop_before(clock_ - window_);
  }

  std::int64_t clock_ = 0;
  std::int64_t window_;
  std::vector<CreAsserts> terms_;
};

class InverseSet final : public CreMachine {
 public:
  InverseSet(std::int64_t window, std::vector<CreAsserts> terms, std::vector<CreResets> resets)
      : window_(window),
        terms_(std::move(terms)),
        is_hot_(terms_.size()),
        resets_(std::move(resets)),
        reach_(reach_of(window, resets_)) {}

  CreHits scan(const CreLine& line) override {
    if (line.at < clock_) return {};
    clock_ = line.at;
    if (clock_ >= mark_) clean_up();
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      if (!(*line.terms)[terms_[i].term]) continue;
      terms_[i].marks.push_back({line.at, line.number});
      if (terms_[i].has_enough()) is_hot_[i] = true;
      mark_ = std::min(mark_, line.at + reach_.ahead);
    }
    const bool is_any_hot = std::find(is_hot_.begin(), is_hot_.end(), true) != is_hot_.end();
    if (!is_any_hot && reach_.back == 0) return {};
    for (auto& reset : resets_) {
      if (!(*line.terms)[reset.term]) continue;
      reset.times.push_back(line.at);
      mark_ = std::min(mark_, line.at + reach_.back + reach_.ahead);
    }
    return evaluate();
  }

  CreHits end() override {
    clock_ = end_of_time;
    return evaluate();
  }

 private:
  [[nodiscard]] bool is_complete() const { return std::find(is_hot_.begin(), is_hot_.end(), false) == is_hot_.end(); }

  CreHits evaluate() {
    CreHits hits;
    while (is_complete()) {
      // Cleaning up can leave a term hot with too few lines; the home engine fails there, and nothing is hit.
      if (!std::all_of(terms_.begin(), terms_.end(), [](const CreAsserts& term) { return term.has_enough(); })) {
        for (std::size_t i = 0; i < terms_.size(); ++i) is_hot_[i] = terms_[i].has_enough();
        break;
      }
      auto anchors = frame_of(terms_);
      const auto by_time = [](const CreAnchor& a, const CreAnchor& b) { return a.at < b.at; };
      std::stable_sort(anchors.begin(), anchors.end(), by_time);
      if (anchors.back().at - anchors.front().at > window_) {
        give_up({.term = anchors.front().term, .index = 0});
        continue;
      }
      const auto verdict = judge(anchors, resets_, clock_);
      if (verdict.kind == CreVerdict::Kind::waits) break;
      if (verdict.kind == CreVerdict::Kind::forbidden) {
        give_up(verdict.given_up);
        continue;
      }
      take_frame(terms_, hits);
      for (std::size_t i = 0; i < terms_.size(); ++i) is_hot_[i] = is_hot_[i] && terms_[i].has_enough();
    }
    return hits;
  }

  void give_up(const CreAnchor& anchor) {
    auto& term = terms_[anchor.term];
    term.marks.erase(term.marks.begin() + static_cast<std::ptrdiff_t>(anchor.index));
    if (!term.has_enough()) is_hot_[anchor.term] = false;
  }

  void clean_up() {
    if (!resets_.empty() && is_complete()) {
      mark_ = never;
      return;
    }
    mark_ = never;
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      terms_[i].drop_before(clock_ - reach_.ahead);
      if (terms_[i].marks.empty()) {
        is_hot_[i] = false;
      } else {
        mark_ = std::min(mark_, terms_[i].marks.front().at + reach_.ahead);
      }
    }
    drop_resets_before(clock_ - reach_.ahead - reach_.back, resets_);
    for (const auto& reset : resets_) {
      if (!reset.times.empty()) mark_ = std::min(mark_, reset.times.front() + reach_.back + reach_.ahead);
    }
  }

  std::int64_t clock_ = 0, mark_ = never;
  std::int64_t window_;
  std::vector<CreAsserts> terms_;
  std::vector<bool> is_hot_;
  std::vector<CreResets> resets_;
  CreReach reach_;
};

}  // namespace

std::unique_ptr<CreMachine> make_cre_set(const knowledge::CreRule& rule, const std::vector<unsigned>& positives,
                                         const std::vector<unsigned>& negatives) {
  if (!negatives.empty()) {
    return std::make_unique<InverseSet>(rule.window, merged_terms(positives, Merge::anywhere),
                                        resets_of(rule, negatives));
  }
  if (positives.size() == 1) return std::make_unique<Single>(positives.front());
  return std::make_unique<Set>(rule.window, merged_terms(positives, Merge::anywhere));
}

}  // namespace triaged::cre
