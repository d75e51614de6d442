// The way from YAML's text to a tree of YamlValues; the one file that knows yaml-cpp.
#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <unordered_map>

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "base/utf8.hpp"
#include "base/yaml.hpp"

namespace triaged::inline base {

namespace {

constexpr std::size_t largest_tree = 100'000;      // nodes; a "billion laughs" file stops here
constexpr std::size_t largest_text = 64ULL << 20;  // bytes of all texts; aliases can repeat a long one
constexpr std::size_t deepest_tree = 100;

struct TreeTooLarge {};

/// Finds places in the text that was read: yaml-cpp takes some files that it should refuse.
class SourceText {
 public:
  explicit SourceText(std::string_view text) : text_(text) {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
      starts_.push_back(at + 1);
    }
  }

  /// Where the first byte stands that has no business in a YAML file, and what it is.
  [[nodiscard]] std::optional<Problem> first_bad_byte(const std::string& file) const {
    const auto bad = std::find_if(text_.begin(), text_.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
    });
    const auto valid = to_valid_utf8(text_);
    const auto invalid = std::mismatch(text_.begin(), text_.end(), valid.begin(), valid.end()).first;
    if (bad == text_.end() && invalid == text_.end()) return std::nullopt;
    const auto first = std::min(bad, invalid);
    const auto byte = static_cast<unsigned char>(*first);
    auto message = first == invalid ? fmt::format("not valid UTF-8: byte 0x{:02x}", byte)
                                    : fmt::format("a control character (0x{:02x}) stands here", byte);
    return problem_at_offset(file, static_cast<std::size_t>(first - text_.begin()), std::move(message));
  }

  /// True when the quoted text that begins at this place goes on to the end of the file.
  [[nodiscard]] bool is_unclosed(unsigned line, unsigned column) const {
    if (line == 0 || line > starts_.size()) return false;
    std::size_t at = starts_[line - 1] + column - 1;
    if (at >= text_.size() || (text_[at] != '\'' && text_[at] != '"')) return false;
    const char quote = text_[at];
    for (++at; at < text_.size(); ++at) {
      const bool is_escape = quote == '"' && text_[at] == '\\';
      const bool is_doubled = quote == '\'' && text_.substr(at, 2) == "''";
      if (is_escape || is_doubled) {
        ++at;
      } else if (text_[at] == quote) {
        return false;
      }
    }
    return true;
  }

  /// A tab that indents the line `last` or one of the two above it: yaml-cpp often sees the mistake a line later.
  [[nodiscard]] std::optional<Problem> indenting_tab_near(const std::string& file, std::size_t last) const {
    for (std::size_t i = last > 3 ? last - 3 : 0; i < std::min(last, starts_.size()); ++i) {
      const auto text = text_.find_first_not_of(" \t-", starts_[i]);
      const auto tab = text_.find('\t', starts_[i]);
      if (tab == std::string_view::npos || tab >= std::min(text, text_.size())) continue;
      return problem_at_offset(file, tab,
                               "a tab indents this line; YAML indents with blanks only: replace it by blanks");
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] Problem problem_at_offset(const std::string& file, std::size_t offset, std::string message) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    return {ProblemLevel::error,
            file,
            static_cast<unsigned>(after - starts_.begin()),
            static_cast<unsigned>(offset - *(after - 1) + 1),
            std::move(message),
            ""};
  }

  std::string_view text_;
  std::vector<std::size_t> starts_ = {0};
};

/// Makes our trees from yaml-cpp's events: its own trees cost half as much again, and their map look-up is linear too.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source, const std::string& file, Problems& problems)
      : source_(source), file_(file), problems_(problems) {}

  [[nodiscard]] std::vector<YamlValue> take() && { return std::move(documents_); }

  /// At some texts that are no YAML, yaml-cpp finds empty documents without end and without reading on.
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (mark.pos <= last_start_) throw YAML::ParserException(mark, YAML::ErrorMsg::UNKNOWN_TOKEN);
    last_start_ = mark.pos;
    anchored_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto value = value_at(mark, YamlValue::Kind::null);
    count(value, open_.size());
    add(std::move(value), anchor);
  }

  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) throw TreeTooLarge{};  // an alias inside what it names: the tree has no end
    count(found->second, open_.size());
    add(found->second, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    auto value = value_at(mark, YamlValue::Kind::text);
    value.text = text;
    value.quoted = tag == "!";
    if (value.quoted && source_.is_unclosed(value.line, value.column)) {
      report(value, "this quoted text is not closed");
    }
    count(value, open_.size());
    add(std::move(value), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(value_at(mark, YamlValue::Kind::list), anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(value_at(mark, YamlValue::Kind::map), anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct OpenValue {
    YamlValue value;
    YAML::anchor_t anchor;
    std::optional<YamlValue> key;          // of a map, when its value is still to come
    std::map<std::string, unsigned> seen;  // name and line
  };

  void report(const YamlValue& at, std::string message) {
    problems_.push_back({ProblemLevel::error, file_, at.line, at.column, std::move(message), ""});
  }

  static YamlValue value_at(const YAML::Mark& mark, YamlValue::Kind kind) {
    YamlValue value;
    value.kind = kind;
    value.line = static_cast<unsigned>(mark.line + 1);
    value.column = static_cast<unsigned>(mark.column + 1);
    return value;
  }

  /// Counts what `value` adds to the tree before it is copied into it.
  void count(const YamlValue& value, std::size_t depth) {
    bytes_ += value.text.size();
    if (++nodes_ > largest_tree || bytes_ > largest_text || depth > deepest_tree) throw TreeTooLarge{};
    for (const auto& item : value.items) count(item, depth + 1);
    for (const auto& [key, field] : value.entries) {
      count(key, depth + 1);
      count(field, depth + 1);
    }
  }

  void open(YamlValue value, YAML::anchor_t anchor) {
    count(value, open_.size());
    open_.push_back({std::move(value), anchor, std::nullopt, {}});
  }

  void close() {
    auto closed = std::move(open_.back());
    open_.pop_back();
    add(std::move(closed.value), closed.anchor);
  }

  void add(YamlValue value, YAML::anchor_t anchor) {
    if (anchor != 0) {
      count(value, 0);  // a copy as well: anchors inside anchors multiply what is kept
      anchored_[anchor] = value;
    }
    if (open_.empty()) {
      documents_.push_back(std::move(value));
    } else if (open_.back().value.kind == YamlValue::Kind::list) {
      open_.back().value.items.push_back(std::move(value));
    } else if (!open_.back().key) {
      open_.back().key = std::move(value);
    } else {
      add_field(open_.back(), std::move(value));
    }
  }

  void add_field(OpenValue& map, YamlValue value) {
    auto key = *std::exchange(map.key, std::nullopt);
    if (key.kind != YamlValue::Kind::text) {
      return report(key, "a field name must be plain text");
    }
    const auto [first, is_new] = map.seen.emplace(key.text, key.line);
    if (!is_new) return report(key, fmt::format("this field is given twice, first in line {}", first->second));
    if (value.kind == YamlValue::Kind::null && value.line != key.line) {
      value.line = key.line;  // yaml-cpp puts a missing value where the next field begins
      value.column = key.column;
    }
    map.value.entries.push_back({std::move(key), std::move(value)});
  }

  const SourceText& source_;
  const std::string& file_;
  Problems& problems_;
  std::vector<YamlValue> documents_;
  std::vector<OpenValue> open_;
  std::unordered_map<YAML::anchor_t, YamlValue> anchored_;
  std::size_t nodes_ = 0, bytes_ = 0;
  int last_start_ = -1;  // where the last document began
};

/// What is wrong, in words of ours: yaml-cpp's may repeat the file's text, which may be a secret.
std::string_view words_for(std::string_view reason) {
  struct Wording {
    std::string_view start;  // of yaml-cpp's reason
    std::string_view words;
  };
  namespace Said = YAML::ErrorMsg;
  // The mistake of everybody who writes a regular expression in double quotes deserves the most words.
  static constexpr std::string_view odd_escape =
      "this escape does not exist (in double quotes a backslash begins an escape; use single quotes)";
  static const Wording wordings[] = {
      {Said::INVALID_ESCAPE, odd_escape},
      {Said::INVALID_HEX, odd_escape},
      {Said::INVALID_UNICODE, odd_escape},
      {Said::END_OF_MAP_FLOW, "expected ',' or '}' of a map that is still open"},
      {Said::END_OF_SEQ_FLOW, "expected ',' or ']' of a list that is still open"},
      {Said::END_OF_MAP, "expected a field of the map, indented like its other fields, or its end"},
      {Said::END_OF_SEQ, "expected '- ' of the list's next item, indented like the others, or the end of the list"},
      {Said::FLOW_END, "this bracket closes nothing"},
      {Said::BLOCK_ENTRY, "no list can begin here: '- ' stands in a wrong place"},
      {Said::MAP_KEY, "no field can begin here: look at the indentation, and at ':' in a text without quotes"},
      {Said::MAP_VALUE, "no ':' can stand here: look at the indentation, and at ':' in a text without quotes"},
      {Said::TAB_IN_INDENTATION, "expected blanks: a tab cannot indent"},
      {Said::EOF_IN_SCALAR, "this text is not closed: the file ends inside it"},
      {Said::DOC_IN_SCALAR, "this text is not closed: a new document begins inside it"},
      {Said::UNKNOWN_TOKEN, "no value can begin with this character: put the text in quotes"},
      {Said::UNKNOWN_ANCHOR, "no anchor (&) of this name stands above; a text that begins with * needs quotes"},
      {Said::CHAR_IN_ALIAS, "a text that begins with * needs quotes"},
      {Said::CHAR_IN_ANCHOR, "a text that begins with & needs quotes"},
      {Said::ALIAS_NOT_FOUND, "a text that begins with * needs quotes"},
      {Said::ANCHOR_NOT_FOUND, "a text that begins with & needs quotes"},
      {Said::ALIAS_CONTENT, "an alias (*) cannot have a tag or an anchor"},
      {Said::CHAR_IN_TAG_HANDLE, "a text that begins with ! needs quotes"},
      {Said::END_OF_VERBATIM_TAG, "a text that begins with ! needs quotes"},
      {Said::CHAR_IN_BLOCK, "expected the end of the line after | or >"},
  };
  for (const auto& [start, words] : wordings) {
    if (reason.starts_with(start)) return words;
  }
  return "it cannot be understood from here on";
}

}  // namespace

std::vector<YamlValue> read_yaml(std::string_view text, const std::string& file, Problems& problems) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const SourceText source(text);
  if (auto bad_byte = source.first_bad_byte(file)) {
    problems.push_back(*std::move(bad_byte));
    return {};
  }
  const auto too_large = fmt::format("too large: more than {} values or {} MiB of text, or nested more than {} deep",
                                     largest_tree, largest_text >> 20, deepest_tree);
  const auto before = problems.size();
  std::vector<YamlValue> documents;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(source, file, problems);
    while (parser.HandleNextDocument(builder)) continue;
    documents = std::move(builder).take();
  } catch (const YAML::DeepRecursion& failure) {
    problems.push_back({ProblemLevel::error, file, static_cast<unsigned>(failure.mark.line + 1),
                        static_cast<unsigned>(failure.mark.column + 1), too_large, ""});
  } catch (const YAML::Exception& failure) {
    const auto line = static_cast<unsigned>(failure.mark.line + 1);
    auto tab = source.indenting_tab_near(file, line);
    problems.push_back(tab ? *std::move(tab)
                           : Problem{ProblemLevel::error, file, line, static_cast<unsigned>(failure.mark.column + 1),
                                     fmt::format("not valid YAML: {}", words_for(failure.msg)), ""});
  } catch (const TreeTooLarge&) {
    problems.push_back({ProblemLevel::error, file, 1, 1, too_large, ""});
  } catch (const std::exception&) {
    problems.push_back({ProblemLevel::error, file, 1, 1, "not valid YAML, or not enough memory to read it", ""});
  }
  if (problems.size() != before) documents.clear();
  return documents;
}

}  // namespace triaged::inline base
