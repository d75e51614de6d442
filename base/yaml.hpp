// YAML as a plain tree that remembers where everything stood, so that configuration and rules can point at a mistake.
// Only read_yaml.cpp knows yaml-cpp: its exceptions stop there and none of its types leaves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "base/time.hpp"

namespace triaged::inline base {

struct YamlEntry;

struct YamlValue {
  enum class Kind { null, text, list, map };
  Kind kind = Kind::null;
  std::string text;                // Kind::text: the scalar, unquoted
  bool quoted = false;             // Kind::text: it was quoted or a block scalar, so "true" is not a boolean
  std::string written;             // Kind::text: as the file has it, when ${NAME} was replaced in `text`; else empty
  bool hidden = false;             // it may hold a secret: messages quote it only as Quoting says
  unsigned line = 0;               // 1-based
  unsigned column = 0;             // 1-based
  std::vector<YamlValue> items;    // Kind::list
  std::vector<YamlEntry> entries;  // Kind::map, in file order; keys are text

  /// The value under `key` of a map; nullptr when it is not there.
  [[nodiscard]] const YamlValue* find(std::string_view key) const;
};

struct YamlEntry {
  YamlValue key, value;
};

/// All documents of `text`. A syntax error, a control character, invalid UTF-8, a duplicate key or a tree of more than
/// 100,000 nodes or 64 MiB (aliases can grow one without end) is added to `problems`, and the list is then empty. These
/// problems quote nothing: a file of the wrong kind, or a quote that is not closed, could put a secret into them.
[[nodiscard]] std::vector<YamlValue> read_yaml(std::string_view text, const std::string& file, Problems& problems);

/// Marks every text of the tree, names of fields included, as one that may hold a secret.
void hide_texts(YamlValue& value);

/// Whether a message may quote a text that may hold a secret. A stray comma, colon or quote moves a secret to any
/// place, so that the place says nothing; only what the text looks like does.
enum class Quoting {
  near_a_known_word,  // an enumeration or a name of a field: at most two edits away from a word of ours
  short_number,       // a number, duration or size: it starts with a digit and has at most 7 characters
};

/// `value` as messages may show it: the same, or hidden no longer.
[[nodiscard]] YamlValue quotable(const YamlValue& value, Quoting quoting,
                                 const std::vector<std::string_view>& known = {});

/// "there is no format 'nginx.eror'; did you mean 'nginx.error'?" for `what` = "there is no format". A text that must
/// not be quoted is left out and the known words are listed instead.
[[nodiscard]] std::string unknown_word(std::string_view what, const YamlValue& value,
                                       const std::vector<std::string_view>& known);

/// Reads one map field by field and reports, with position, what has the wrong type and, in finish(), every field that
/// nobody asked for. Copies nothing: the map, `file` and `problems` must outlive the reader.
class YamlMapReader {
 public:
  /// `what` names the map in messages: "rule", "source file", "sinks[2] webhook".
  YamlMapReader(const YamlValue& map, std::string what, const std::string& file, Problems& problems);

  /// Each asks for one optional field; absent or null is nullopt / nullptr / empty without a word. A value of the
  /// wrong type is reported and is nullopt.
  [[nodiscard]] std::optional<std::string> text(std::string_view key);
  [[nodiscard]] std::optional<double> number(std::string_view key);
  [[nodiscard]] std::optional<long> integer(std::string_view key);
  [[nodiscard]] std::optional<bool> boolean(std::string_view key);
  [[nodiscard]] std::optional<Microseconds> duration(std::string_view key);
  /// "100MiB", "4KiB", "1GiB" or plain bytes.
  [[nodiscard]] std::optional<std::uint64_t> size(std::string_view key);
  [[nodiscard]] const YamlValue* map(std::string_view key);
  [[nodiscard]] const YamlValue* list(std::string_view key);
  /// A list of texts; a single text is a list of one.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);
  /// The same with the place of each.
  [[nodiscard]] std::vector<const YamlValue*> text_values(std::string_view key);
  /// One of `words`.
  [[nodiscard]] std::optional<std::string> choice(std::string_view key, const std::vector<std::string_view>& words);
  /// Any kind.
  [[nodiscard]] const YamlValue* any(std::string_view key);
  /// A field that is known and not used: finish() says nothing about it.
  void ignore(std::string_view key) { asked_.push_back(key); }

  /// Reports that `key` is missing when it is.
  void require(std::string_view key);
  /// Reports every field that was not asked for, with the nearest known name, as `level`.
  void finish(ProblemLevel level);

  void report(ProblemLevel level, const YamlValue& at, std::string message) const;
  /// At the value of `key`, or at the map when it is not there.
  void report(ProblemLevel level, std::string_view key, std::string message) const;
  /// At the map.
  void report(ProblemLevel level, std::string message) const { report(level, map_, std::move(message)); }

  /// What stands under `key`, null too; nullptr when it is not there. Asks for nothing.
  [[nodiscard]] const YamlValue* peek(std::string_view key) const { return map_.find(key); }
  /// The text of `key` as messages may show it: with ${NAME} where the environment's value stands.
  [[nodiscard]] std::string shown(std::string_view key) const;
  [[nodiscard]] const std::string& what() const { return what_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] Problems& problems() const { return problems_; }
  /// A reader for `map`, which is one of the fields or stands in one.
  [[nodiscard]] YamlMapReader nested(const YamlValue& map, std::string what) const {
    return {map, std::move(what), file_, problems_};
  }

 private:
  const YamlValue* take(std::string_view key);
  const YamlValue* take_text(std::string_view key, std::string_view wanted);
  void report_number(const YamlValue& at, std::string message) const;

  const YamlValue& map_;
  std::string what_;
  const std::string& file_;
  Problems& problems_;
  std::vector<std::string_view> asked_;
};

/// A problem at `at`, with its text as the excerpt unless it is hidden.
[[nodiscard]] Problem problem_at(ProblemLevel level, const std::string& file, const YamlValue& at, std::string message);

}  // namespace triaged::inline base
