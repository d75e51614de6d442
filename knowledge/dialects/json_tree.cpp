#include "knowledge/dialects/json_tree.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/utf8.hpp"

namespace triaged::knowledge {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr int deepest_tree = 100;

struct Broken {
  simdjson::error_code code;
};

/// What simdjson calls an error, in the words of somebody who edits the file.
std::string_view words_for(simdjson::error_code code) {
  switch (code) {
    case simdjson::EMPTY:
      return "the file is empty";
    case simdjson::UTF8_ERROR:
      return "not valid UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "a string is not closed";
    case simdjson::UNESCAPED_CHARS:
      return "a control character stands in a string; write it as \\u00XX";
    case simdjson::STRING_ERROR:
      return "a string holds an invalid escape";
    case simdjson::NUMBER_ERROR:
      return "not a valid number";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return "the file ends before its last '}' or ']'";
    case simdjson::TRAILING_CONTENT:
      return "more text follows the end of the value";
    case simdjson::TAPE_ERROR:
      return "a comma, colon or bracket is missing or misplaced";
    case simdjson::DEPTH_ERROR:
      return "nested too deeply";
    default:
      return simdjson::error_message(code);
  }
}

/// Turns byte offsets into lines and columns.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text) {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
      starts_.push_back(at + 1);
    }
  }
  void place(std::size_t offset, unsigned& line, unsigned& column) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    line = static_cast<unsigned>(after - starts_.begin());
    column = static_cast<unsigned>(offset - *(after - 1) + 1);
  }

 private:
  std::vector<std::size_t> starts_ = {0};
};

/// Where the string begins that swallows the rest of the file: the last quote that opens and never closes.
std::size_t unclosed_string_in(std::string_view text) {
  std::size_t opened = text.size();
  bool inside = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (inside && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      inside = !inside;
      opened = at;
    }
  }
  return opened;
}

std::size_t first_invalid_utf8_in(std::string_view text) {
  const auto valid = to_valid_utf8(text);
  const auto [in_text, in_valid] = std::mismatch(text.begin(), text.end(), valid.begin(), valid.end());
  return static_cast<std::size_t>(in_text - text.begin());
}

class JsonTreeReader {
 public:
  JsonTreeReader(std::string_view text, const std::string& file, Problems& problems)
      : text_(text), file_(file), problems_(problems), padded_(text), lines_(text) {}

  std::optional<YamlValue> read() {
    const auto before = problems_.size();
    YamlValue tree;
    try {
      read_document(tree);
    } catch (const Broken& broken) {
      complain(broken.code);
    }
    return problems_.size() == before ? std::optional(std::move(tree)) : std::nullopt;
  }

 private:
  template <typename T>
  static T checked(simdjson::simdjson_result<T> result) {
    if (result.error() != simdjson::SUCCESS) throw Broken{result.error()};
    return std::move(result).value_unsafe();
  }

  void read_document(YamlValue& tree) {
    if (const auto code = parser_.iterate(padded_).get(document_); code != simdjson::SUCCESS) throw Broken{code};
    opened_ = true;
    const auto type = checked(document_.type());
    if (type != ondemand::json_type::object && type != ondemand::json_type::array) {
      problems_.push_back({ProblemLevel::error, file_, 1, 1, "a rule file must hold a map or a list", ""});
      return;
    }
    read_value(checked(document_.get_value()), tree, 0);
    if (document_.current_location().error() != simdjson::OUT_OF_BOUNDS) throw Broken{simdjson::TRAILING_CONTENT};
  }

  void read_value(ondemand::value value, YamlValue& into, int depth) {
    if (depth > deepest_tree) throw Broken{simdjson::DEPTH_ERROR};
    const auto token = value.raw_json_token();
    at_ = static_cast<std::size_t>(token.data() - padded_.data());
    lines_.place(at_, into.line, into.column);
    switch (checked(value.type())) {
      case ondemand::json_type::object:
        return read_object(checked(value.get_object()), into, depth);
      case ondemand::json_type::array:
        return read_array(checked(value.get_array()), into, depth);
      case ondemand::json_type::string:
        into.kind = YamlValue::Kind::text;
        into.quoted = true;
        into.text = checked(value.get_string());
        return;
      case ondemand::json_type::null:
        if (!checked(value.is_null())) throw Broken{simdjson::TAPE_ERROR};
        return;
      case ondemand::json_type::boolean:
        into.kind = YamlValue::Kind::text;
        into.text = checked(value.get_bool()) ? "true" : "false";
        return;
      case ondemand::json_type::number:
        into.kind = YamlValue::Kind::text;
        into.text = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
        static_cast<void>(checked(value.get_double()));
        return;
    }
  }

  void read_object(ondemand::object object, YamlValue& into, int depth) {
    into.kind = YamlValue::Kind::map;
    std::set<std::string> seen;
    for (auto entry : object) {
      auto field = checked(std::move(entry));
      YamlValue key;
      key.kind = YamlValue::Kind::text;
      key.quoted = true;
      at_ = static_cast<std::size_t>(field.key().raw() - padded_.data()) - 1;
      lines_.place(at_, key.line, key.column);
      key.text = checked(field.unescaped_key());
      if (!seen.insert(key.text).second) {
        problems_.push_back({ProblemLevel::error, file_, key.line, key.column, "this field is given twice", ""});
      }
      YamlValue value;
      read_value(field.value(), value, depth + 1);
      into.entries.push_back({std::move(key), std::move(value)});
    }
  }

  void read_array(ondemand::array array, YamlValue& into, int depth) {
    into.kind = YamlValue::Kind::list;
    for (auto item : array) {
      YamlValue value;
      read_value(checked(std::move(item)), value, depth + 1);
      into.items.push_back(std::move(value));
    }
  }

  std::size_t offset_of(simdjson::error_code code) {
    if (code == simdjson::UTF8_ERROR) return first_invalid_utf8_in(text_);
    if (code == simdjson::UNCLOSED_STRING) return unclosed_string_in(text_);
    if (!opened_) return 0;
    // After an error simdjson may not know where it is: then the last value that was begun is the best answer.
    const char* location = nullptr;
    if (document_.current_location().get(location) != simdjson::SUCCESS) return at_;
    const auto offset = static_cast<std::size_t>(location - padded_.data());
    return offset < text_.size() ? std::max(offset, at_) : at_;
  }

  void complain(simdjson::error_code code) {
    const auto last = text_.find_last_not_of(" \t\r\n");
    const bool is_cut_off = last != std::string_view::npos && text_[last] != '}' && text_[last] != ']';
    if (is_cut_off && (code == simdjson::NUMBER_ERROR || code == simdjson::TAPE_ERROR)) {
      code = simdjson::INCOMPLETE_ARRAY_OR_OBJECT;
    }
    Problem problem{ProblemLevel::error, file_, 0, 0, fmt::format("not valid JSON: {}", words_for(code)), ""};
    const auto offset = offset_of(code);
    lines_.place(offset, problem.line, problem.column);
    problems_.push_back(std::move(problem));
  }

  std::string_view text_;
  const std::string& file_;
  Problems& problems_;
  simdjson::padded_string padded_;
  LineIndex lines_;
  ondemand::parser parser_;
  ondemand::document document_;
  bool opened_ = false;
  std::size_t at_ = 0;  // offset of the last token begun
};

void write_element(JsonWriter& json, simdjson::dom::element element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY:
      json.begin_array();
      for (const simdjson::dom::element item : simdjson::dom::array(element)) write_element(json, item);
      return json.end_array();
    case simdjson::dom::element_type::OBJECT:
      json.begin_object();
      for (const auto& [key, value] : simdjson::dom::object(element)) write_element(json.key(key), value);
      return json.end_object();
    case simdjson::dom::element_type::INT64:
      return json.integer(element);
    case simdjson::dom::element_type::UINT64:
      return json.whole(element);
    case simdjson::dom::element_type::DOUBLE:
      return json.exact(element);
    case simdjson::dom::element_type::STRING:
      return json.text(element);
    case simdjson::dom::element_type::BOOL:
      return json.boolean(element);
    case simdjson::dom::element_type::NULL_VALUE:
      return json.null();
  }
}

void write_tree(JsonWriter& json, const YamlValue& tree) {
  switch (tree.kind) {
    case YamlValue::Kind::null:
      return json.null();
    case YamlValue::Kind::text:
      return tree.quoted ? json.text(tree.text) : json.raw(tree.text);  // a number or a word of JSON
    case YamlValue::Kind::list:
      json.begin_array();
      for (const auto& item : tree.items) write_tree(json, item);
      return json.end_array();
    case YamlValue::Kind::map:
      json.begin_object();
      for (const auto& [key, value] : tree.entries) write_tree(json.key(key.text), value);
      return json.end_object();
  }
}

}  // namespace

std::optional<YamlValue> read_json_tree(std::string_view text, const std::string& file, Problems& problems) {
  return JsonTreeReader(text, file, problems).read();
}

void write_parsed(JsonWriter& json, const std::string& text) {
  simdjson::dom::parser parser;
  write_element(json, parser.parse(text).value());
}

std::string json_text_of(const YamlValue& tree) {
  JsonWriter json;
  write_tree(json, tree);
  return std::move(json).json();
}

}  // namespace triaged::knowledge
