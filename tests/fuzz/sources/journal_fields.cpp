// Any bytes as the fields of a journal's entry, one a line: a line comes of them that is bounded, and the kernel's only
// when journald itself says so.
// sources: sources/journal/journal_entry.cpp
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sources/journal/journal_entry.hpp"

namespace {

using namespace triaged;
using namespace triaged::sources;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  constexpr TimePoint received{std::chrono::seconds(1'795'223'793)};
  JournalFields fields;
  bool is_of_kernel = false, has_message = false;
  while (!rest.empty()) {
    const auto field = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(field.size() + 1, rest.size()));
    is_of_kernel = is_of_kernel || field == "_TRANSPORT=kernel";
    has_message = has_message || field.starts_with("MESSAGE=");
    fields.add(field);
  }
  require(fields.has_message() == has_message);
  if (!fields.has_line()) return 0;
  const auto line = fields.take_line(received);
  const auto& envelope = line.envelope;
  require(line.text.size() <= longest_message && !line.text.ends_with('\n'));
  require(envelope.is_kernel.has_value() && (!*envelope.is_kernel || is_of_kernel));
  require(!envelope.stream.empty() && envelope.stream.size() <= 513);
  require(envelope.program.size() <= 256 && envelope.unit.size() <= 256 && envelope.host.size() <= 256);
  require(envelope.at && envelope.at->time_since_epoch().count() > 0);
  require(envelope.priority >= -1 && envelope.priority <= 7);
  return 0;
}
