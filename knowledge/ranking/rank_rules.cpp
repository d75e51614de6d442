// How it works: every rule is a document of words with weights by where they stand. An inverted index gives BM25 for
// all rules that share a word with the message; the best few hundred of these are then looked at closely (signature,
// pairs of words, pattern). The weights below were chosen on messages that are not the benchmark's
// (docs/writing-rules.md says how they are measured).
#include "knowledge/ranking/rank_rules.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <re2/re2.h>

#include "knowledge/model/public_scope.hpp"
#include "knowledge/patterns/pattern.hpp"
#include "knowledge/patterns/pattern_literals.hpp"
#include "knowledge/ranking/domain_marks.hpp"
#include "knowledge/ranking/search_words.hpp"

namespace triaged::knowledge {

namespace {

constexpr std::size_t longest_message = 10'000;
constexpr std::size_t looked_at_closely = 100;
constexpr std::size_t voters = 10;  // rules whose domains are counted

// BM25: how soon a repeated word stops counting, and how much a long text is held against its rule.
constexpr double saturation = 1.2;
constexpr double length_penalty = 0.4;

// By where a word stands in its rule.
constexpr float in_signature = 3, in_name = 2, in_pattern = 1.5F, in_root_cause = 1, in_example = 1, in_advice = 0.3F;

// What the parts weigh.
constexpr double words_weight = 1.0, signature_weight = 1.2, phrase_weight = 0.6, pattern_weight = 0.8,
                 vote_weight = 0.5, mark_weight = 0.5, environment_weight = 0.1, success_weight = 0.05;
// What is said four times over is not four times as true: words, signature, phrase and pattern together approach this
// sum, so that between two good texts the domain decides.
constexpr double most_text = 3.0, half_text = 1.5;
constexpr double letters_of_a_full_pattern = 30;
constexpr float mere_number_weight = 0.2F;

using WordId = std::uint32_t;

struct Posting {
  std::uint32_t document;
  float weight;
};

struct Document {
  const Rule* rule = nullptr;
  float length = 0;               // sum of its words' weights
  std::vector<WordId> signature;  // in order
  std::vector<WordId> environment;
};

std::uint64_t pair_of(WordId first, WordId second) { return (std::uint64_t{first} << 32U) | second; }

/// Patterns, compiled when first asked for: a question asks for a hundred of thousands, the next one often for the
/// same.
class Expressions {
 public:
  [[nodiscard]] const re2::RE2& of(const Match& match) {
    auto& expression = compiled_[&match];
    if (!expression) {
      re2::RE2::Options options;
      options.set_log_errors(false);
      options.set_encoding(re2::RE2::Options::EncodingLatin1);
      options.set_case_sensitive(!match.caseless);
      expression = std::make_unique<re2::RE2>("(" + to_re2_syntax(match.regex) + ")", options);
    }
    return *expression;
  }

 private:
  std::unordered_map<const Match*, std::unique_ptr<re2::RE2>> compiled_;
};

/// Off because nobody would meet it in the work of operations or development.
bool is_hidden(const Rule& rule) {
  return rule.standing == Standing::off && public_domain(rule.domain).kind == DomainKind::everyday;
}

}  // namespace

struct RuleRanking::Index {
  std::unordered_map<std::string, WordId> ids;
  std::vector<std::vector<Posting>> postings;  // by word
  std::vector<double> rarity;                  // by word: its inverse document frequency
  std::vector<Document> documents;
  double mean_length = 1;
  Expressions expressions;

  Index(const RuleSet& rules, Everyday everyday);

  void add_rule(const Rule& rule);
  void add_words(const std::vector<std::string>& words, float weight, std::unordered_map<WordId, float>& into);
  WordId id_of(const std::string& word);
  [[nodiscard]] std::vector<WordId> known_words(std::string_view message) const;
  [[nodiscard]] std::vector<std::pair<double, std::uint32_t>> by_words(const std::vector<WordId>& words) const;
};

WordId RuleRanking::Index::id_of(const std::string& word) {
  const auto [found, is_new] = ids.try_emplace(word, static_cast<WordId>(ids.size()));
  if (is_new) postings.emplace_back();
  return found->second;
}

void RuleRanking::Index::add_words(const std::vector<std::string>& words, float weight,
                                   std::unordered_map<WordId, float>& into) {
  for (const auto& word : words) into[id_of(word)] += is_mere_number(word) ? weight * mere_number_weight : weight;
}

void RuleRanking::Index::add_rule(const Rule& rule) {
  Document document{.rule = &rule};
  std::unordered_map<WordId, float> weights;
  const auto add = [&](std::string_view text, float weight) { add_words(search_words(text), weight, weights); };
  for (const auto* title : {&rule.title.english, &rule.title.chinese}) {
    for (const auto& word : search_words(*title)) {
      if (title == &rule.title.english) document.signature.push_back(id_of(word));
    }
    add(*title, in_signature);
  }
  for (const auto& name : {rule.id, rule.domain, rule.category, rule.error_code}) add(name, in_name);
  for (const auto& tag : rule.tags) add(tag, in_name);
  if (rule.record) {
    for (const auto& name : {rule.record->runtime, rule.record->os, rule.record->framework}) {
      for (const auto& word : search_words(name)) document.environment.push_back(id_of(word));
      add(name, in_root_cause);
    }
    for (const auto& alias : rule.record->aliases) add(alias, in_signature);
  }
  for (const auto& match : rule.matches) {
    add_words(words_in_pattern(match.regex), in_pattern, weights);
    for (const auto& example : match.examples) add(example, in_example);
  }
  add(rule.root_cause.english, in_root_cause);
  add(rule.root_cause.chinese, in_root_cause);
  for (const auto& cause : rule.causes) {
    if (rule.dialect != Dialect::triaged_yaml) break;  // a public record's only cause is its root cause once more
    add(cause.text.english, in_root_cause);
    add(cause.text.chinese, in_root_cause);
  }
  for (const auto& workaround : rule.workarounds) add(workaround.action.english, in_advice);
  for (const auto& dead_end : rule.dead_ends) add(dead_end.action.english, in_advice);
  for (const auto& [word, weight] : weights) {
    postings[word].push_back({static_cast<std::uint32_t>(documents.size()), weight});
    document.length += weight;
  }
  documents.push_back(std::move(document));
}

RuleRanking::Index::Index(const RuleSet& rules, Everyday everyday) {
  for (const auto& rule : rules.rules()) {
    if (everyday == Everyday::ranked || !is_hidden(rule)) add_rule(rule);
  }
  double total = 0;
  for (const auto& document : documents) total += document.length;
  if (total > 0) mean_length = total / static_cast<double>(documents.size());
  const auto count = static_cast<double>(documents.size());
  for (const auto& posting : postings) {
    const auto holders = static_cast<double>(posting.size());
    rarity.push_back(std::log(1 + (count - holders + 0.5) / (holders + 0.5)));
  }
}

/// In the order of the message; words that no rule knows are left out.
std::vector<WordId> RuleRanking::Index::known_words(std::string_view message) const {
  std::vector<WordId> words;
  for (const auto& word : search_words(message)) {
    const auto found = ids.find(word);
    if (found != ids.end()) words.push_back(found->second);
  }
  return words;
}

/// BM25 of every document that shares a word, best first.
std::vector<std::pair<double, std::uint32_t>> RuleRanking::Index::by_words(const std::vector<WordId>& words) const {
  std::vector<double> scores(documents.size());
  for (const auto word : std::set<WordId>(words.begin(), words.end())) {
    for (const auto& posting : postings[word]) {
      const double length = documents[posting.document].length / mean_length;
      const double weight = posting.weight;
      scores[posting.document] += rarity[word] * weight * (saturation + 1) /
                                  (weight + saturation * (1 - length_penalty + length_penalty * length));
    }
  }
  std::vector<std::pair<double, std::uint32_t>> ranked;
  for (std::uint32_t i = 0; i < scores.size(); ++i) {
    if (scores[i] > 0) ranked.emplace_back(scores[i], i);
  }
  std::sort(ranked.begin(), ranked.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : documents[a.second].rule->id < documents[b.second].rule->id;
  });
  return ranked;
}

namespace {

/// The letters of the matched text that the pattern fixes: what ".*" ran over says nothing.
std::size_t fixed_letters(std::string_view matched, std::string_view regex) {
  const auto words = words_in_pattern(regex);
  const std::unordered_set<std::string> fixed(words.begin(), words.end());
  std::size_t letters = 0;
  std::unordered_set<std::string> counted;
  std::string word;
  const auto end_word = [&] {
    if (fixed.count(word) != 0 && counted.insert(word).second) letters += word.size();
    word.clear();
  };
  for (const char c : matched) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && static_cast<unsigned char>(c) < 0x80) {
      end_word();
    } else {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  end_word();
  return std::max<std::size_t>(letters, std::min<std::size_t>(required_letters(regex), matched.size()));
}

/// One message, looked at from the side of each rule.
class Question {
 public:
  Question(std::string_view message, const std::vector<WordId>& words, const std::vector<double>& rarity,
           Expressions& expressions)
      : message_(message),
        words_(words.begin(), words.end()),
        rarity_(rarity),
        expressions_(expressions),
        marks_(marked_domains(message)) {
    for (std::size_t i = 1; i < words.size(); ++i) pairs_.insert(pair_of(words[i - 1], words[i]));
  }

  [[nodiscard]] double signature_share(const Document& document) const {
    double shared = 0, all = 0;
    for (const auto word : std::set<WordId>(document.signature.begin(), document.signature.end())) {
      all += rarity_[word];
      if (words_.count(word) != 0) shared += rarity_[word];
    }
    // A signature of one common word is easily held whole: what it says in all counts too.
    return all == 0 ? 0 : shared / all * (shared / (shared + 6));
  }

  [[nodiscard]] double phrase_share(const Document& document) const {
    double shared = 0, all = 0;
    for (std::size_t i = 1; i < document.signature.size(); ++i) {
      const double weight = rarity_[document.signature[i - 1]] + rarity_[document.signature[i]];
      all += weight;
      if (pairs_.count(pair_of(document.signature[i - 1], document.signature[i])) != 0) shared += weight;
    }
    return all == 0 ? 0 : shared / all * (shared / (shared + 6));
  }

  /// How much fixed text the rule's patterns match, at most 1; nullopt: none matches.
  [[nodiscard]] std::optional<double> pattern_share(const Rule& rule) const {
    std::optional<double> best;
    for (const auto& match : rule.matches) {
      if (match.regex.empty()) continue;
      const auto& expression = expressions_.of(match);
      re2::StringPiece matched;
      if (!expression.ok() ||
          !re2::RE2::PartialMatch(re2::StringPiece(message_.data(), message_.size()), expression, &matched)) {
        continue;
      }
      const auto letters = fixed_letters({matched.data(), matched.size()}, match.regex);
      best = std::max(best.value_or(0), std::min(1.0, static_cast<double>(letters) / letters_of_a_full_pattern));
    }
    return best;
  }

  [[nodiscard]] double mark_share(const Rule& rule) const {
    const auto found = std::find(marks_.begin(), marks_.end(), rule.domain);
    return found == marks_.end() ? 0 : 1 / (1 + static_cast<double>(found - marks_.begin()));
  }

  [[nodiscard]] double environment_share(const Document& document) const {
    if (document.environment.empty()) return 0;
    const auto named = std::count_if(document.environment.begin(), document.environment.end(),
                                     [&](WordId word) { return words_.count(word) != 0; });
    return static_cast<double>(named) / static_cast<double>(document.environment.size());
  }

 private:
  std::string_view message_;
  std::unordered_set<WordId> words_;
  std::unordered_set<std::uint64_t> pairs_;
  const std::vector<double>& rarity_;
  Expressions& expressions_;
  std::vector<std::string_view> marks_;
};

void saturate(ScoreParts& parts) {
  const double scale = most_text / (parts.words + parts.signature + parts.phrase + parts.pattern + half_text);
  for (auto* part : {&parts.words, &parts.signature, &parts.phrase, &parts.pattern}) *part *= scale;
}

void order(std::vector<RankedRule>& ranked) {
  std::sort(ranked.begin(), ranked.end(), [](const RankedRule& a, const RankedRule& b) {
    const double difference = a.score() - b.score();
    return std::abs(difference) > 1e-12 ? difference > 0 : a.rule->id < b.rule->id;
  });
}

/// The domains of the best rules, each vote counting as much as the rule's own score: a message about Docker finds many
/// rules about Docker.
void add_votes(std::vector<RankedRule>& ranked) {
  std::unordered_map<std::string_view, double> votes;
  double all = 0;
  for (std::size_t i = 0; i < std::min(voters, ranked.size()); ++i) {
    const double vote = ranked[i].score() * ranked[i].score();
    votes[ranked[i].rule->domain] += vote;
    all += vote;
  }
  if (all == 0) return;
  for (auto& candidate : ranked) {
    const auto found = votes.find(candidate.rule->domain);
    if (found != votes.end()) candidate.parts.domain += vote_weight * found->second / all;
  }
}

}  // namespace

RuleRanking::RuleRanking(const RuleSet& rules, Everyday everyday) : index_(std::make_unique<Index>(rules, everyday)) {}
RuleRanking::~RuleRanking() = default;
RuleRanking::RuleRanking(RuleRanking&&) noexcept = default;
RuleRanking& RuleRanking::operator=(RuleRanking&&) noexcept = default;

std::vector<RankedRule> RuleRanking::rank(std::string_view message, std::size_t most) const {
  message = message.substr(0, longest_message);
  const auto words = index_->known_words(message);
  auto by_words = index_->by_words(words);
  if (by_words.size() > looked_at_closely) by_words.resize(looked_at_closely);
  const Question question(message, words, index_->rarity, index_->expressions);
  std::vector<RankedRule> ranked;
  for (const auto& [score, number] : by_words) {
    const auto& document = index_->documents[number];
    RankedRule candidate{.rule = document.rule};
    auto& parts = candidate.parts;
    parts.words = words_weight * score / by_words.front().first;
    parts.signature = signature_weight * question.signature_share(document);
    parts.phrase = phrase_weight * question.phrase_share(document);
    if (const auto share = question.pattern_share(*document.rule)) {
      candidate.pattern_matches = true;
      parts.pattern = pattern_weight * *share;
    }
    saturate(parts);
    parts.domain = mark_weight * question.mark_share(*document.rule);
    parts.environment = environment_weight * question.environment_share(document);
    parts.success = success_weight * document.rule->fix_rate.value_or(0.5) * document.rule->confidence;
    ranked.push_back(candidate);
  }
  order(ranked);
  add_votes(ranked);
  order(ranked);
  if (ranked.size() > most) ranked.resize(most);
  return ranked;
}

}  // namespace triaged::knowledge
