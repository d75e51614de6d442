#include "sources/journal/journal_position.hpp"

#include <charconv>

#include <boost/json.hpp>

namespace triaged::sources {

namespace {

/// A cursor is "s=NUMBERING;i=NUMBER;b=BOOT;m=MONOTONIC;t=REALTIME;x=HASH", numbers in hexadecimal.
std::string_view part_of(std::string_view cursor, char name) {
  while (!cursor.empty()) {
    const auto part = cursor.substr(0, cursor.find(';'));
    if (part.size() > 2 && part[0] == name && part[1] == '=') return part.substr(2);
    cursor.remove_prefix(std::min(part.size() + 1, cursor.size()));
  }
  return {};
}

std::optional<std::int64_t> number_of(std::string_view cursor) {
  const auto text = part_of(cursor, 'i');
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::string to_state(const JournalPosition& position) {
  boost::json::object state{{"cursor", position.cursor}, {"offset", position.offset}};
  if (position.followed_since != TimePoint{}) {
    state["followed_since"] = position.followed_since.time_since_epoch().count();
  }
  return boost::json::serialize(state);
}

std::optional<JournalPosition> read_journal_state(std::string_view state) {
  boost::system::error_code failure;
  const auto value = boost::json::parse({state.data(), state.size()}, failure);
  const auto* object = failure ? nullptr : value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto* cursor = object->if_contains("cursor");
  const auto* offset = object->if_contains("offset");
  if (cursor == nullptr || !cursor->is_string() || offset == nullptr) return std::nullopt;
  JournalPosition position{.cursor = std::string(cursor->get_string().data(), cursor->get_string().size()),
                           .offset = offset->to_number<std::uint64_t>(failure),
                           .followed_since = {}};
  if (const auto* since = object->if_contains("followed_since"); since != nullptr && !failure) {
    position.followed_since = TimePoint(Microseconds(since->to_number<std::int64_t>(failure)));
  }
  if (failure) return std::nullopt;
  return position;
}

bool is_same_entry(std::string_view cursor, std::string_view other) {
  for (const char name : {'b', 'm', 't', 'x'}) {
    if (part_of(cursor, name).empty() || part_of(cursor, name) != part_of(other, name)) return false;
  }
  return true;
}

std::optional<std::int64_t> entries_between(std::string_view from, std::string_view cursor) {
  const auto numbering = part_of(from, 's');
  const auto begin = number_of(from), end = number_of(cursor);
  if (numbering.empty() || numbering != part_of(cursor, 's') || !begin || !end) return std::nullopt;
  return *end - *begin;
}

}  // namespace triaged::sources
