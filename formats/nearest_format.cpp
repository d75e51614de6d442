#include "formats/nearest_format.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "formats/model_lines.hpp"
#include "formats/reader_memory.hpp"
#include "formats/record_reader.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

constexpr std::size_t most_bytes = 600;    // of a line
constexpr std::size_t longest_shown = 40;  // of a model

bool is_word_byte(char c) { return is_digit(c) || is_lower(c) || is_upper(c) || static_cast<unsigned char>(c) >= 0x80; }

/// Where a word begins or ends, in order, both ends of the text included.
std::vector<std::size_t> borders_in(std::string_view text) {
  std::vector<std::size_t> borders{0};
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (!is_word_byte(text[at - 1]) || !is_word_byte(text[at])) borders.push_back(at);
  }
  if (!text.empty()) borders.push_back(text.size());
  return borders;
}

/// The pieces between blanks; what stands in quotes is one, or a part of one.
std::size_t pieces_in(std::string_view text) {
  std::size_t pieces = 0;
  bool is_in_piece = false, is_in_quotes = false;
  for (const char c : text) {
    if (c == '"') is_in_quotes = !is_in_quotes;
    const bool was_in_piece = std::exchange(is_in_piece, c != ' ' || is_in_quotes);
    if (is_in_piece && !was_in_piece) ++pieces;
  }
  return pieces;
}

struct Fit {
  std::size_t line = 0, model = 0;  // bytes of each
};

/// Both places are at the beginning of a piece, or both are not, and no two words become one.
bool join_well(std::string_view line, std::size_t place, std::string_view model, std::size_t rest) {
  const auto begins = [](std::string_view text, std::size_t at) { return at == 0 || text[at - 1] == ' '; };
  const bool fuses = place > 0 && rest < model.size() && is_word_byte(line[place - 1]) && is_word_byte(model[rest]);
  return begins(line, place) == begins(model, rest) && !fuses;
}

/// A time alone is many a log's. A request and what it was answered make an access line of whatever form.
bool is_near(const ModelLine& model, std::size_t pieces, bool is_of_request) {
  constexpr std::size_t enough = 4;
  if (is_of_request && model.format == Format::nginx_access) return pieces > 0;
  return pieces >= enough || pieces * 2 > pieces_in(model.form);
}

/// Where a rest of a model's whole line begins, and how many pieces of its form stand in front.
struct Rest {
  std::size_t at = 0, pieces = 0;
};

std::vector<Rest> rests_of(const ModelLine& model, std::string_view whole) {
  std::vector<Rest> rests;
  for (const auto at : borders_in(whole)) rests.push_back({at, pieces_in(model.form.substr(0, at))});
  return rests;
}

struct AskedLine {
  std::string_view text;
  std::vector<std::size_t> borders;
  bool is_of_request = false;
};

/// The longest beginning of the line, longer than `at_least`, that a rest of the model makes whole. Both have as many
/// pieces then: a virtual host in front of an address could be any words. Each try costs as much as reading a line, so
/// none is made of a beginning that would not be near enough.
Fit fit(const AskedLine& line, const ModelLine& model, std::size_t at_least) {
  const RecordReader reader({.source_name = "", .format = model.format, .zone = {std::chrono::seconds(0)}});
  const auto whole = std::string(model.form).append(model.words);
  const auto rests = rests_of(model, whole);
  std::string made;
  for (auto place = line.borders.rbegin(); place != line.borders.rend() && *place > at_least; ++place) {
    const auto pieces = pieces_in(line.text.substr(0, *place));
    if (!is_near(model, pieces, line.is_of_request)) break;
    for (const auto& rest : rests) {
      if (rest.at < model.form.size() ? pieces != rest.pieces : pieces < rest.pieces) continue;
      if (!is_near(model, rest.pieces, line.is_of_request)) continue;
      if (!join_well(line.text, *place, whole, rest.at)) continue;
      made.assign(line.text.substr(0, *place)).append(whole, rest.at);
      if (reader.format_of(made) == model.format) return {*place, rest.at};
    }
  }
  return {};
}

std::string_view shown(std::string_view text) {
  if (text.size() <= longest_shown) return text;
  return text.substr(0, std::max<std::size_t>(text.rfind(' ', longest_shown), 1));
}

/// What the model goes on with; of its words, of which any will do, none when its form is at the end.
std::string_view rest_of(const ModelLine& model, std::size_t at) {
  if (at < model.form.size()) return shown(model.form.substr(at));
  return shown(model.words.substr(std::min(at - model.form.size(), model.words.size())));
}

}  // namespace

std::optional<NearFormat> nearest_format(std::string_view text) {
  text = text.substr(0, most_bytes);
  const AskedLine line{text, borders_in(text), answered_request_in(text) != std::string_view::npos};
  std::optional<NearFormat> nearest;
  for (const auto& model : model_lines) {
    const auto [stops_at, rest] = fit(line, model, nearest ? nearest->stops_at : 0);
    if (stops_at > 0) nearest = {model.format, stops_at, rest_of(model, rest)};
  }
  return nearest;
}

}  // namespace triaged::formats
