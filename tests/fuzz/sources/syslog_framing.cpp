// Any bytes over a connection: however they arrive, the same messages come out, none longer than it may be, and each
// becomes at most one line of a batch.
// sources: sources/syslog/message_framer.cpp sources/syslog/message_batch.cpp
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sources/syslog/message_batch.hpp"
#include "sources/syslog/message_framer.hpp"

namespace {

using namespace triaged;
using namespace triaged::sources;

constexpr std::size_t longest = 100;

struct Message {
  std::string text;
  bool is_counted = false, is_cut = false;

  bool operator==(const Message&) const = default;
};

void require(bool holds) {
  if (!holds) std::abort();
}

/// `part_size`: of the bytes that arrive at once.
std::vector<Message> framed(std::string_view bytes, std::size_t part_size) {
  MessageFramer framer(longest);
  std::vector<Message> all;
  const auto take = [&](const std::optional<FramedMessage>& message) {
    if (message) all.push_back({std::string(message->text), message->is_counted, message->is_cut});
    return message.has_value();
  };
  while (!bytes.empty()) {
    const auto room = framer.room();
    const auto part = bytes.substr(0, std::min(part_size, room.size()));
    std::ranges::copy(part, room.begin());
    framer.add(part.size());
    bytes.remove_prefix(part.size());
    while (take(framer.next())) {
    }
  }
  take(framer.finish());
  return all;
}

void check_batch(const std::vector<Message>& messages) {
  MessageBatch batch(0, false);
  for (const auto& [text, is_counted, is_cut] : messages) {
    require(text.size() <= longest);
    require(is_counted || text.find_first_of(std::string_view("\n\0", 2)) == std::string::npos);
    batch.add(text, "sender", "", is_counted ? Framing::whole : Framing::line);
  }
  const auto lines = batch.take();
  require(lines.lines.size() == lines.envelopes.size() && lines.lines.size() <= messages.size());
  std::size_t end = 0;
  for (const auto& line : lines.lines) {
    require(line.begin == end && line.length > 0);
    end = line.begin + line.length + 1;
    require(lines.bytes.at(end - 1) == '\n');
  }
  require(lines.bytes.size() == end);
  for (const auto& envelope : lines.envelopes) require(envelope.priority >= -1 && envelope.priority <= 7);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = framed(bytes.substr(1), size);
  require(framed(bytes.substr(1), 1) == whole);
  require(framed(bytes.substr(1), data[0] % 16 + std::size_t{2}) == whole);
  check_batch(whole);
  return 0;
}
