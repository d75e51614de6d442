#include "formats/broken_lines.hpp"

#include <algorithm>
#include <vector>

#include "formats/scanner.hpp"
#include "values/wrap_text.hpp"

namespace triaged::formats {

namespace {

constexpr std::size_t narrowest = 72;  // screen, in columns

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    if (lines.back().ends_with('\r')) lines.back().remove_suffix(1);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_known(const ReadLine& read) { return read.format != Format::text || !read.wrappers.empty(); }

/// What is indented was so by its program: a terminal puts no more than the one blank there at which it broke the line.
bool is_blank_or_indented(std::string_view line) {
  return line.find_first_not_of(' ') == std::string_view::npos || line[0] == '\t' || line.starts_with("  ");
}

bool is_frame(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  return line.starts_with("File \"");
}

/// Does the line only go on with the record above it, or is it nobody's? The rest of a function's name below a frame,
/// "pawn_worker", looks like an exception; a true one has a text, or begins with a capital letter.
bool says_nothing_itself(const ReadLine& read) {
  if (read.format == Format::text || read.message.empty()) return true;
  const auto exception = read.field("exception");
  return !exception.empty() && is_lower(exception[0]) && read.field("exception_text").empty();
}

/// By the first piece of a line alone.
struct Said {
  bool is_known = false, is_frame = false;
  std::size_t fields = 0;
};

class BrokenText {
 public:
  BrokenText(const std::vector<std::string_view>& lines, const LineReaderOptions& reading)
      : lines_(lines), reading_(reading), reader_(reading), goes_on_(lines.size()) {
    for (const auto line : lines) columns_.push_back(columns_of(line));
    widest_ = columns_.empty() ? 0 : *std::max_element(columns_.begin(), columns_.end());
    wide_ = static_cast<std::size_t>(std::count(columns_.begin(), columns_.end(), widest_));
  }

  /// All that a text costs that no terminal broke: its lengths, and a look at the lines behind the widest ones.
  [[nodiscard]] bool may_be_broken() const {
    if (widest_ < narrowest) return false;
    std::size_t may_go_on = 0;
    for (std::size_t at = 0; at + 1 < lines_.size(); ++at) {
      if (columns_[at] == widest_ && may_be_rest(lines_[at + 1])) ++may_go_on;
    }
    return are_enough(may_go_on);
  }

  [[nodiscard]] std::vector<bool> broken_lines() {
    for (std::size_t at = 0; at < lines_.size(); at = end_of_record(at)) continue;
    const bool is_shown = shows_breaks_ || (pieces_ > 1 && all_others_begin_records());
    return is_shown && are_enough(pieces_) ? std::move(goes_on_) : std::vector<bool>();
  }

 private:
  /// Reads the line at `at` with what a terminal broke off it. The place of the line behind that.
  std::size_t end_of_record(std::size_t at) {
    if (columns_[at] != widest_) {
      reader_.read(lines_[at], read_);
      return at + 1;
    }
    const auto before = reader_.state();
    reader_.read(lines_[at], read_);
    const auto alone = reader_.state();
    const auto said = Said{.is_known = is_known(read_),
                           .is_frame = read_.format == Format::python_traceback && is_frame(read_.text),
                           .fields = read_.fields.size()};
    std::string whole(lines_[at]);
    auto end = at + 1;
    while (end < lines_.size() && columns_[end - 1] == widest_ && is_rest(lines_[end])) whole += lines_[end++];
    if (end == at + 1) return end;
    reader_.restore(before);
    reader_.read(whole, read_);
    if (!is_known(read_)) {
      reader_.restore(alone);
      return at + 1;
    }
    shows_breaks_ = shows_breaks_ || said.is_frame || !said.is_known || read_.fields.size() > said.fields;
    return put_together(at, end);
  }

  std::size_t put_together(std::size_t begin, std::size_t end) {
    std::fill(goes_on_.begin() + static_cast<std::ptrdiff_t>(begin) + 1,
              goes_on_.begin() + static_cast<std::ptrdiff_t>(end), true);
    pieces_ += end - begin - 1;
    return end;
  }

  /// Of the widest lines.
  [[nodiscard]] bool are_enough(std::size_t pieces) const { return pieces > 0 && pieces * 4 >= wide_ * 3; }

  [[nodiscard]] bool may_be_rest(std::string_view line) const {
    return !is_blank_or_indented(line) && !begins_record(line);
  }

  /// Nobody's line, neither behind what was read nor by itself.
  bool is_rest(std::string_view line) {
    if (!may_be_rest(line)) return false;
    const auto before = reader_.state();
    reader_.read(line, read_);
    reader_.restore(before);
    return says_nothing_itself(read_);
  }

  [[nodiscard]] bool begins_record(std::string_view line) const {
    LineReader afresh(reading_);
    ReadLine read;
    afresh.read(line, read);
    return is_known(read);
  }

  [[nodiscard]] bool all_others_begin_records() const {
    for (std::size_t at = 0; at < lines_.size(); ++at) {
      if (!goes_on_[at] && !lines_[at].empty() && !begins_record(lines_[at])) return false;
    }
    return true;
  }

  const std::vector<std::string_view>& lines_;
  const LineReaderOptions& reading_;
  LineReader reader_;
  ReadLine read_;
  std::vector<bool> goes_on_;
  std::vector<std::size_t> columns_;  // of each line
  std::size_t widest_ = 0;            // of them, and how many lines have so many
  std::size_t wide_ = 0, pieces_ = 0;
  bool shows_breaks_ = false;
};

}  // namespace

std::optional<std::string> without_terminal_breaks(std::string_view text, const LineReaderOptions& reading) {
  if (text.size() > longest_copied_text) return std::nullopt;
  const auto lines = lines_of(text);
  BrokenText broken(lines, reading);
  if (!broken.may_be_broken()) return std::nullopt;
  const auto goes_on = broken.broken_lines();
  if (goes_on.empty()) return std::nullopt;
  std::string whole;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    if (at > 0 && !goes_on[at]) whole += '\n';
    whole += lines[at];
  }
  return whole += '\n';
}

}  // namespace triaged::formats
