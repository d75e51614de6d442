#include "sources/pipe/offset_cursor.hpp"

#include <string_view>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace triaged::sources {

namespace {

std::optional<std::uint64_t> read_state(std::string_view state) {
  namespace json = boost::json;
  boost::system::error_code failure;
  const auto value = json::parse({state.data(), state.size()}, failure);
  const auto* object = failure ? nullptr : value.if_object();
  const auto* offset = object == nullptr ? nullptr : object->if_contains("offset");
  if (offset == nullptr) return std::nullopt;
  const auto number = offset->to_number<std::uint64_t>(failure);
  if (failure) return std::nullopt;
  return number;
}

}  // namespace

std::string offset_state(std::uint64_t offset) { return fmt::format(R"({{"offset":{}}})", offset); }

std::optional<std::uint64_t> offset_in(std::span<const Cursor> cursors, const std::string& stream) {
  std::optional<std::uint64_t> offset;
  for (const auto& cursor : cursors) {
    if (cursor.stream == stream) offset = read_state(cursor.state);
  }
  return offset;
}

}  // namespace triaged::sources
