#include "scan/copied_text.hpp"

#include <utility>

#include "formats/broken_lines.hpp"

namespace triaged::scan {

namespace {

constexpr std::size_t padding_after_text = 64;  // that simdjson may read

/// A text that was copied often lacks its last line end, and its last line then comes alone.
void append(LineBatch more, LineBatch& batch) {
  const auto begin = static_cast<std::uint32_t>(batch.bytes.size());
  batch.bytes.reserve(batch.bytes.size() + more.bytes.size() + padding_after_text);
  batch.bytes += more.bytes;
  for (auto line : more.lines) {
    line.begin += begin;
    batch.lines.push_back(line);
  }
  batch.ahead = std::move(more.ahead);
}

void set_text(std::string text, LineBatch& batch) {
  text.reserve(text.size() + padding_after_text);
  batch.bytes = std::move(text);
  batch.lines.clear();
  for (std::size_t begin = 0; begin < batch.bytes.size();) {
    const auto end = batch.bytes.find('\n', begin);
    batch.lines.push_back({.begin = static_cast<std::uint32_t>(begin),
                           .length = static_cast<std::uint32_t>(end - begin),
                           .offset = begin});
    begin = end + 1;
  }
}

}  // namespace

Result<std::optional<LineBatch>> first_batch(sources::FileScan& file, const formats::LineReaderOptions& reading) {
  auto batch = file.next();
  if (!batch || !*batch || (*batch)->lines.front().offset != 0) return batch;
  auto& first = **batch;
  const bool has_one_line_ahead = !first.ahead.empty() && first.ahead.find('\n') == std::string::npos;
  if (first.bytes.size() <= formats::longest_copied_text && has_one_line_ahead) {
    auto last = file.next();  // what fails here fails once more
    if (last && *last) append(std::move(**last), first);
  }
  if (!first.ahead.empty()) return batch;
  if (auto text = formats::without_terminal_breaks(first.bytes, reading)) set_text(std::move(*text), first);
  return batch;
}

}  // namespace triaged::scan
