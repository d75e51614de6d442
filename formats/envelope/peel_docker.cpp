// The object of docker's json-file driver, by hand: exactly `{"log":"LINE\n","stream":"stdout","time":"TIME"}`, as most
// lines of a host with containers are. To take any object apart costs several times as much as to read the line in it.
// What differs in the least is left to peel_json, which finds the same in such an object.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "formats/envelope/layer.hpp"
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view before_line = R"({"log":")", before_stream = R"(","stream":")",
                           before_time = R"(","time":")";
/// Of what stands behind the line.
constexpr std::size_t longest_end = 80;

struct DockerObject {
  std::string_view line;  // with its escapes
  std::string_view stream, time;
};

bool take_apart(std::string_view text, DockerObject& into) {
  if (!text.starts_with(before_line) || !text.ends_with(R"("})")) return false;
  const auto end = text.size() - 2;
  const auto from = std::max(before_line.size(), end - std::min(end, longest_end));
  const auto stream = text.substr(0, end).find(before_stream, from);
  if (stream == std::string_view::npos) return false;
  into.line = text.substr(before_line.size(), stream - before_line.size());
  Scanner scanner(text.substr(stream + before_stream.size(), end - stream - before_stream.size()));
  if (!scanner.take_until('"', into.stream) || (into.stream != "stdout" && into.stream != "stderr")) return false;
  if (!scanner.skip(before_time.substr(1))) return false;
  into.time = scanner.rest();
  return true;
}

void append_utf8(std::string& text, unsigned code) {
  const auto tail = [](unsigned bits) { return static_cast<char>(0x80 | (bits & 0x3f)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    (text += static_cast<char>(0xc0 | (code >> 6))) += tail(code);
  } else {
    ((text += static_cast<char>(0xe0 | (code >> 12))) += tail(code >> 6)) += tail(code);
  }
}

/// `\u003c`, which docker writes for `<`. Halves of a character (surrogates) are left to peel_json.
bool append_code(std::string_view escape, std::string& into) {
  unsigned code = 0;
  if (escape.size() < 6) return false;
  for (const char c : escape.substr(2, 4)) {
    const auto digit = "0123456789abcdef"sv.find(is_upper(c) ? static_cast<char>(c | 0x20) : c);
    if (digit == std::string_view::npos) return false;
    code = code * 16 + static_cast<unsigned>(digit);
  }
  if (code >= 0xd800 && code < 0xe000) return false;
  append_utf8(into, code);
  return true;
}

/// Puts what the escape at the beginning stands for behind `into`. Its size; 0: there is no such escape.
std::size_t append_escaped(std::string_view escape, std::string& into) {
  constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
  if (escape.size() < 2) return 0;
  if (escape[1] == 'u') return append_code(escape, into) ? 6 : 0;
  const auto which = letters.find(escape[1]);
  if (which == std::string_view::npos) return 0;
  into += meanings[which];
  return 2;
}

/// Bytes that JSON does not have as they are in a text, and the one with which an escape begins.
constexpr auto is_special = [] {
  std::array<bool, 256> special{};
  std::fill(special.begin(), special.begin() + 0x20, true);
  special['"'] = special['\\'] = true;
  return special;
}();

/// Not 0: one of eight bytes is special. (Behind one others may look so, as a borrow runs on.)
constexpr std::uint64_t special_among(std::uint64_t bytes) {
  constexpr std::uint64_t ones = 0x0101010101010101, highest = 0x8080808080808080;
  const auto zeros = [](std::uint64_t word) { return (word - ones) & ~word; };
  return (((bytes - ones * 0x20) & ~bytes) | zeros(bytes ^ ones * '"') | zeros(bytes ^ ones * '\\')) & highest;
}

/// Bytes up to the first special one, eight at a time as long as there is none among them.
std::size_t plain_bytes(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t bytes = 0; at + sizeof bytes <= text.size(); at += sizeof bytes) {
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    if (special_among(bytes) != 0) break;
  }
  while (at < text.size() && !is_special[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

/// False: it is no text as JSON has it.
bool unescape(std::string_view text, std::string& into) {
  into.clear();
  while (!text.empty()) {
    const auto plain = plain_bytes(text);
    into.append(text, 0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto size = text.front() == '\\' ? append_escaped(text, into) : 0;
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return simdjson::validate_utf8(into.data(), into.size());
}

}  // namespace

std::optional<Layer> peel_docker(std::string_view line, std::string& unescaped) {
  DockerObject object;
  if (!take_apart(line, object) || object.line.empty()) return std::nullopt;
  if (!unescape(object.line, unescaped)) return std::nullopt;
  Layer layer{.kind = LayerKind::json, .text = unescaped, .key = object.stream, .is_certain = true};
  layer.is_of_docker = true;
  layer.time = parse_rfc3339(object.time);
  if (!layer.time) return std::nullopt;
  layer.has_end = unescaped.ends_with('\n');
  constexpr std::size_t longest_line = 16 * 1024;
  layer.is_partial = !layer.has_end && line.size() > longest_line;
  layer.text = without_line_ends(layer.text);
  if (!layer.text.starts_with(traceback_first_line)) layer.text = layer.text.substr(0, layer.text.find('\n'));
  return layer;
}

}  // namespace triaged::formats
