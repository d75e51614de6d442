#include "sources/file/file_cursor.hpp"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace triaged::sources {

namespace {

namespace json = boost::json;

constexpr std::string_view stream_prefix = "file:";
constexpr std::string_view inside_cut_line = "cut";
constexpr std::string_view known_until_key = "folder_changed";  // what it was taken from at first
constexpr std::string_view blank_since_key = "blank_since";
constexpr std::string_view unsure_since_key = "unsure_since";
constexpr std::string_view unsure_until_key = "unsure_until";
constexpr std::string_view displaced_key = "displaced";

// Hashes are written in hexadecimal: many JSON readers keep numbers as doubles and would lose their last bits.
std::string hex(std::uint64_t number) { return fmt::format("{:016x}", number); }

std::uint64_t from_hex(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (failure != std::errc() || end != text.data() + text.size()) throw std::invalid_argument("not hexadecimal");
  return number;
}

std::uint64_t hex_at(const json::object& object, std::string_view key) { return from_hex(object.at(key).as_string()); }

template <typename Number>
Number number_at(const json::object& object, std::string_view key) {
  return object.at(key).to_number<Number>();
}

std::string head_hashes_of(const FileIdentity& file) {
  std::string text;
  for (std::size_t i = 0; i < file.head_length / head_step; ++i) text += fmt::format("{:08x}", file.head_hashes[i]);
  return text;
}

void read_head_hashes(std::string_view text, FileIdentity& file) {
  constexpr std::size_t digits = 8;
  if (text.size() != file.head_length / head_step * digits) throw std::invalid_argument("impossible lengths");
  for (std::size_t i = 0; i * digits < text.size(); ++i) {
    file.head_hashes[i] = static_cast<std::uint32_t>(from_hex(text.substr(i * digits, digits)));
  }
}

json::object to_json(const FilePlace& place) {
  json::object object{
      {"path", place.path},      {"device", place.file.device},       {"inode", place.file.inode},
      {"born", place.file.born}, {"head", hex(place.file.head_hash)}, {"head_length", place.file.head_length},
      {"offset", place.offset},  {"before", hex(place.before_hash)},  {"before_length", place.before_length}};
  if (place.file.head_start > 0) object["head_start"] = place.file.head_start;
  if (place.file.head_length >= head_step) object["head_hashes"] = head_hashes_of(place.file);
  if (place.inside == InsideLine::cut) object["inside"] = inside_cut_line;
  if (place.already_emitted > 0) object["told"] = place.already_emitted;
  if (place.modified != 0) object["modified"] = place.modified;
  if (place.followed_from > 0) object["followed_from"] = place.followed_from;
  if (place.unread > 0 && !place.has_marks()) object["unread"] = place.unread;
  if (place.done) object["done"] = true;
  return object;
}

FilePlace place_from(const json::object& object) {
  FilePlace place{.file = {.device = number_at<std::uint64_t>(object, "device"),
                           .inode = number_at<std::uint64_t>(object, "inode"),
                           .born = number_at<std::int64_t>(object, "born"),
                           .head_hash = hex_at(object, "head"),
                           .head_length = number_at<std::uint32_t>(object, "head_length")},
                  .offset = number_at<std::uint64_t>(object, "offset"),
                  .before_hash = hex_at(object, "before"),
                  .before_length = number_at<std::uint32_t>(object, "before_length"),
                  .path = std::string(object.at("path").as_string())};
  if (const auto* inside = object.if_contains("inside"); inside && inside->as_string() == inside_cut_line) {
    place.inside = InsideLine::cut;
  }
  if (object.contains("told")) place.already_emitted = number_at<std::uint32_t>(object, "told");
  if (object.contains("modified")) place.modified = number_at<std::int64_t>(object, "modified");
  if (object.contains("followed_from")) place.followed_from = number_at<std::uint64_t>(object, "followed_from");
  if (object.contains("unread")) place.unread = number_at<std::uint64_t>(object, "unread");
  if (const auto* done = object.if_contains("done")) place.done = done->as_bool();
  if (place.before_length > place.offset || place.before_length > LineSplitter::longest_before ||
      place.file.head_length > longest_head) {
    throw std::invalid_argument("impossible lengths");
  }
  if (object.contains("head_start")) place.file.head_start = number_at<std::uint64_t>(object, "head_start");
  if (const auto* hashes = object.if_contains("head_hashes")) read_head_hashes(hashes->as_string(), place.file);
  return place;
}

}  // namespace

std::string to_state(const FileCursor& cursor) {
  json::array files;
  for (const FilePlace& place : cursor.files) files.push_back(to_json(place));
  json::object state{{"files", std::move(files)}, {"base", cursor.base}, {known_until_key, cursor.known_until}};
  if (cursor.blank_since != 0) state[blank_since_key] = cursor.blank_since;
  if (cursor.unsure.is_open()) {
    state[unsure_since_key] = cursor.unsure.since;
    state[unsure_until_key] = cursor.unsure.until;
  }
  if (!cursor.displaced.empty()) {
    json::array displaced;
    for (const FileIdentity& file : cursor.displaced) {
      displaced.push_back(json::object{{"device", file.device}, {"inode", file.inode}, {"born", file.born}});
    }
    state[displaced_key] = std::move(displaced);
  }
  if (!cursor.rotated_like.empty()) {
    state["rotated_like"] = json::array(cursor.rotated_like.begin(), cursor.rotated_like.end());
  }
  return json::serialize(state);
}

// Boost.JSON answers a missing or mistyped field with an exception; it ends here.
std::optional<FileCursor> read_state(std::string_view state) try {
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  const json::value root = json::parse(state, {}, options);
  FileCursor cursor;
  cursor.known_until = number_at<std::int64_t>(root.as_object(), known_until_key);
  if (root.as_object().contains(blank_since_key)) {
    cursor.blank_since = number_at<std::int64_t>(root.as_object(), blank_since_key);
  }
  if (root.as_object().contains(unsure_until_key)) {
    cursor.unsure = {.since = number_at<std::int64_t>(root.as_object(), unsure_since_key),
                     .until = number_at<std::int64_t>(root.as_object(), unsure_until_key)};
  }
  cursor.base = std::string(root.at("base").as_string());
  for (const json::value& file : root.at("files").as_array()) cursor.files.push_back(place_from(file.as_object()));
  if (const auto* displaced = root.as_object().if_contains(displaced_key)) {
    for (const json::value& value : displaced->as_array()) {
      const json::object& file = value.as_object();
      cursor.displaced.push_back({.device = number_at<std::uint64_t>(file, "device"),
                                  .inode = number_at<std::uint64_t>(file, "inode"),
                                  .born = number_at<std::int64_t>(file, "born")});
    }
  }
  if (const auto* like = root.as_object().if_contains("rotated_like")) {
    for (const json::value& path : like->as_array()) cursor.rotated_like.emplace_back(path.as_string());
  }
  return cursor;
} catch (const std::exception&) {
  return std::nullopt;
}

std::string stream_of(std::string_view path) { return std::string(stream_prefix).append(path); }

std::string_view path_of_stream(std::string_view stream) {
  return stream.starts_with(stream_prefix) ? stream.substr(stream_prefix.size()) : std::string_view();
}

}  // namespace triaged::sources
