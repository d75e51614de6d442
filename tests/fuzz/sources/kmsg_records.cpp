// Any bytes as a record of the kernel's log: what is read of it is no longer than it, and no control character was made
// of an escape.
// sources: sources/kmsg/kmsg_record.cpp
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sources/kmsg/kmsg_record.hpp"

namespace {

using namespace triaged;
using namespace triaged::sources;

void require(bool holds) {
  if (!holds) std::abort();
}

auto controls_in(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto record = read_kmsg_record(bytes);
  if (record) {
    require(record->text.size() <= bytes.size() && record->text.find('\n') == std::string::npos);
    require(controls_in(record->text) <= controls_in(bytes));
    require(record->level >= 0 && record->level <= 7 && record->facility >= 0 && record->facility < 256);
    constexpr TimePoint now{std::chrono::seconds(1'800'000'000)};
    KmsgClock clock(now - std::chrono::hours(1));
    clock.note_empty(now - std::chrono::seconds(1));
    const auto time = clock.time_of(record->uptime, now);
    require(time >= now - std::chrono::seconds(1) && time <= now);
  }
  const auto text = record ? std::string_view(record->text) : bytes;
  const auto writer = writer_of(text);
  require(writer.program.size() + writer.pid.size() + writer.text.size() <= text.size());
  return 0;
}
