// Tables of options. A row says of one option of the configuration its name, what may stand there, where the value
// goes, what holds without it and what it means. The reading with its messages comes from these rows, and so do the
// tables in docs/configuration.md and docs/sinks.md and the editor's docs/configuration.schema.json
// (config/option_reference.hpp). A section, a source or a sink has its table beside its code:
//
//   using Value = OptionsOf<ProbeOptions>;
//   const OptionTable<ProbeOptions> table = {
//       {"enabled", Value::boolean(&ProbeOptions::is_enabled), "Whether triaged probes its own host for evidence."},
//       {"timeout", Value::duration(&ProbeOptions::timeout, {.most = 10s}), "A probe that takes longer is abandoned."},
//   };
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "base/yaml.hpp"

namespace triaged::inline base {

/// All of an option but where its value goes.
struct OptionFacts {
  enum class Shape {
    boolean,
    whole,  // a whole number
    duration,
    size,
    text,
    texts,     // a list of texts, or one text
    word,      // one of `words`
    words,     // a list of them
    text_map,  // texts under names of the user's
    section,   // a map of `fields`
    entries,   // a list of maps with one field each: one of `fields`, which are sections
  };
  Shape shape = Shape::text;
  std::vector<std::string_view> words = {};
  std::string value = {};           // what holds without the option, as it would be written; empty: it is no value
  std::string limits = {};          // "above 0 and at most 10s", "at least 1"; empty: none
  std::string_view unit = {};       // Shape::whole: what is counted, "notification"
  std::optional<long> least, most;  // Shape::whole
  std::vector<OptionFacts> fields = {};
  std::string_view name = {}, meaning = {};
  std::string_view otherwise = {};  // what holds without the option, in words; Markdown
  bool is_needed = false;
};

struct DurationLimits {
  std::optional<Microseconds> least = {};  // the smallest that can be kept: messages say "above 0"
  std::optional<Microseconds> most = {};
  std::string_view message = {};  // empty: made of the limits, as in all limits
};
struct WholeLimits {
  std::optional<long> least = {}, most = {};
  std::string_view unit = {};
  std::string_view message = {};
};
struct SizeLimits {
  std::uint64_t least = 0;
  std::string_view message = {};
};

/// What is wrong with a text; empty: nothing is. A message quotes nothing (Quoting in base/yaml.hpp).
using TextCheck = std::string (*)(const YamlValue& text);

/// The value that a field has, read and held to its limits; nullopt when it is not there, or after a mistake was
/// reported.
[[nodiscard]] std::optional<Microseconds> read_option(YamlMapReader& reader, const OptionFacts& option,
                                                      const DurationLimits& limits);
[[nodiscard]] std::optional<long> read_option(YamlMapReader& reader, const OptionFacts& option,
                                              const WholeLimits& limits);
[[nodiscard]] std::optional<std::uint64_t> read_option(YamlMapReader& reader, const OptionFacts& option,
                                                       const SizeLimits& limits);
[[nodiscard]] OptionFacts facts_of(const DurationLimits& limits, Microseconds value);
[[nodiscard]] OptionFacts facts_of(const WholeLimits& limits, long value);
[[nodiscard]] OptionFacts facts_of(const SizeLimits& limits, std::uint64_t value);

/// What may stand in a row, and how it is read into a Section.
template <class Section>
struct OptionValue {
  OptionFacts facts;
  std::function<void(YamlMapReader&, const OptionFacts&, Section&)> read = {};  // empty: the row before it reads both
};

template <class Section>
struct Option {
  std::string_view name;
  OptionValue<Section> value;
  std::string_view meaning;         // one sentence, for the docs and for editors
  std::string_view otherwise = {};  // what holds without it, when that is more than the value in a fresh Section
  bool is_needed = false;
};

template <class Section>
class OptionTable {
 public:
  OptionTable(std::initializer_list<Option<Section>> options) {
    for (const auto& option : options) {
      rows_.push_back(option.value.read);
      auto& facts = facts_.emplace_back(option.value.facts);
      facts.name = option.name;
      facts.meaning = option.meaning;
      facts.otherwise = option.otherwise;
      facts.is_needed = option.is_needed;
    }
  }

  /// Reads every option of the table in its order. What is not there leaves `section` as it is.
  void read(YamlMapReader& reader, Section& section) const {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (facts_[i].is_needed) reader.require(facts_[i].name);
      if (rows_[i]) rows_[i](reader, facts_[i], section);
    }
  }
  /// The map under `name`, when it is there, which may hold nothing else. `what` names it in messages.
  void read_map(YamlMapReader& parent, std::string_view name, std::string what, Section& section) const {
    const auto* map = parent.map(name);
    if (map == nullptr) return;
    auto reader = parent.nested(*map, std::move(what));
    read(reader, section);
    reader.finish(ProblemLevel::error);
  }

  [[nodiscard]] const std::vector<OptionFacts>& facts() const { return facts_; }

 private:
  std::vector<OptionFacts> facts_;
  std::vector<std::function<void(YamlMapReader&, const OptionFacts&, Section&)>> rows_;
};

template <class T>
struct WithoutOptional {
  using type = T;
};
template <class T>
struct WithoutOptional<std::optional<T>> {
  using type = T;
};

/// A member of a member of Section, as a place.
template <class Outer, class Inner>
auto member_of(Outer outer, Inner inner) {
  return [outer, inner](auto& section) -> decltype(auto) { return (std::invoke(inner, std::invoke(outer, section))); };
}

/// The usual values. `place` is a pointer to a member of Section or a member_of() one; what stands there in a fresh
/// Section is what holds without the option.
template <class Section>
struct OptionsOf {
  using Value = OptionValue<Section>;
  using Shape = OptionFacts::Shape;
  /// What stands at `place`, or would stand in the optional there.
  template <class Place>
  using Kept = typename WithoutOptional<std::remove_cvref_t<std::invoke_result_t<Place, Section&>>>::type;

  template <class Place>
  static Value boolean(Place place) {
    return {{.shape = Shape::boolean, .value = usual(place) ? "true" : "false"},
            [place](YamlMapReader& reader, const OptionFacts& option, Section& section) {
              if (const auto given = reader.boolean(option.name)) std::invoke(place, section) = *given;
            }};
  }

  template <class Place>
  static Value duration(Place place, DurationLimits limits = {}) {
    return {facts_of(limits, usual(place)),
            [place, limits](YamlMapReader& reader, const OptionFacts& option, Section& section) {
              const auto given = read_option(reader, option, limits);
              if (given) std::invoke(place, section) = std::chrono::duration_cast<Kept<Place>>(*given);
            }};
  }

  template <class Place>
  static Value whole(Place place, WholeLimits limits = {}) {
    return {facts_of(limits, static_cast<long>(usual(place))),
            [place, limits](YamlMapReader& reader, const OptionFacts& option, Section& section) {
              const auto given = read_option(reader, option, limits);
              if (given) std::invoke(place, section) = static_cast<Kept<Place>>(*given);
            }};
  }

  template <class Place>
  static Value size(Place place, SizeLimits limits = {}) {
    return {facts_of(limits, usual(place)),
            [place, limits](YamlMapReader& reader, const OptionFacts& option, Section& section) {
              const auto given = read_option(reader, option, limits);
              if (given) std::invoke(place, section) = *given;
            }};
  }

  template <class Place>
  static Value text(Place place, TextCheck check = nullptr) {
    return {{.shape = Shape::text, .value = usual(place)},
            [place, check](YamlMapReader& reader, const OptionFacts& option, Section& section) {
              const auto given = reader.text(option.name);
              if (!given) return;
              report_mistake(reader, *reader.peek(option.name), check);
              std::invoke(place, section) = *given;
            }};
  }

  template <class Place>
  static Value texts(Place place, TextCheck check = nullptr) {
    return {{.shape = Shape::texts},
            [place, check](YamlMapReader& reader, const OptionFacts& option, Section& section) {
              const auto given = reader.text_values(option.name);
              if (reader.peek(option.name) == nullptr) return;
              auto& list = std::invoke(place, section);
              list.clear();
              for (const auto* text : given) {
                report_mistake(reader, *text, check);
                list.emplace_back(text->text);
              }
            }};
  }

  /// One word of several, each with what it stands for.
  template <class Place>
  static Value word(Place place, std::vector<std::pair<std::string_view, Kept<Place>>> words) {
    OptionFacts facts{.shape = Shape::word};
    for (const auto& [word, meaning] : words) {
      facts.words.push_back(word);
      if (meaning == usual(place)) facts.value = word;
    }
    return {std::move(facts), [place, words](YamlMapReader& reader, const OptionFacts& option, Section& section) {
              const auto given = reader.choice(option.name, option.words);
              for (const auto& [word, meaning] : words) {
                if (given == word) std::invoke(place, section) = meaning;
              }
            }};
  }

  /// A map with a table of its own. `what` names it in messages.
  template <class Place, class Part>
  static Value section(Place place, std::string what, const OptionTable<Part>& table) {
    return {{.shape = Shape::section, .fields = table.facts()},
            [place, what, &table](YamlMapReader& reader, const OptionFacts& option, Section& section) {
              table.read_map(reader, option.name, what, std::invoke(place, section));
            }};
  }

 private:
  template <class Place>
  static auto usual(Place place) {
    Section section{};
    return std::invoke(place, section);
  }
  static void report_mistake(YamlMapReader& reader, const YamlValue& text, TextCheck check) {
    auto mistake = check == nullptr ? std::string() : check(text);
    if (!mistake.empty()) reader.report(ProblemLevel::error, text, std::move(mistake));
  }
};

}  // namespace triaged::inline base
