#include "sources/syslog/message_batch.hpp"

#include <algorithm>
#include <charconv>

#include "sources/line_splitter.hpp"

namespace triaged::sources {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t batch_bytes = 64 * 1024;
constexpr std::size_t batch_lines = 4096;

std::string_view without_end(std::string_view message) {
  const auto last = message.find_last_not_of("\n\r\0"sv);
  return message.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

SyslogPriority priority_of(std::string_view message) {
  if (!message.starts_with('<')) return {};
  const auto end = message.substr(0, 5).find('>');
  if (end == std::string_view::npos) return {};
  int number = -1;
  const auto [read, failure] = std::from_chars(message.data() + 1, message.data() + end, number);
  if (failure != std::errc() || read != message.data() + end || number < 0 || number > 191) return {};
  return {number % 8, end + 1};
}

// The priority goes into the envelope: behind it a message reads as it does in a file to which a syslog daemon wrote
// it. In front of a version (RFC 5424) it stays, for without it nobody knows what the number is.
void MessageBatch::add(std::string_view message, std::string_view stream, std::string_view host, Framing framing) {
  auto text = without_end(message);
  const auto priority = priority_of(text);
  if (!text.substr(priority.size).starts_with("1 ")) text.remove_prefix(priority.size);
  if (text.empty()) return;
  if (batch_.lines.empty()) batch_.bytes.reserve(batch_bytes + padding_after_text);
  const auto begin = batch_.bytes.size();
  batch_.lines.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(text.size()), offset_ + begin});
  batch_.bytes.append(text).append("\n");
  if (batch_.bytes.capacity() < batch_.bytes.size() + padding_after_text) {
    batch_.bytes.reserve(batch_.bytes.size() + batch_bytes + padding_after_text);
  }
  auto& envelope = batch_.envelopes.emplace_back();
  envelope.host = host;
  envelope.priority = priority.severity;
  envelope.stream = stream;
  envelope.is_syslog = framing == Framing::whole;
  if (!trusts_kernel_) envelope.is_kernel = false;
}

bool MessageBatch::is_full() const { return batch_.bytes.size() >= batch_bytes || batch_.lines.size() >= batch_lines; }

}  // namespace triaged::sources
