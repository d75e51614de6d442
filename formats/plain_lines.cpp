#include "formats/plain_lines.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "formats/nearest_format.hpp"
#include "formats/reader_memory.hpp"
#include "formats/wrapper_words.hpp"

namespace triaged::formats {

namespace {

constexpr std::size_t most_lines = 200;    // that are read
constexpr std::size_t most_compared = 10;  // with the formats, which is slow
constexpr std::size_t longest_shown = 60;  // of a line

/// A line that is nobody's, and what stood around it.
struct PlainLine {
  std::string line, inside;
  std::vector<WrapperWords> wrappers;
};

struct Sample {
  std::vector<PlainLine> plain;
  std::size_t others = 0, requests = 0;  // `requests`: of the plain ones

  [[nodiscard]] bool is_odd() const { return plain.size() > others; }
};

/// Behind a syslog header any program may write; one that has a format should have been read.
bool should_be_read(const ReadLine& read) {
  if (read.format == Format::text) return true;
  return read.format == Format::syslog && formats_carried_by(read.field("program")) != all_formats_carried &&
         formats_carried_by(read.field("program")) != 0;
}

Sample sample_of(std::string_view text, const LineReaderOptions& reading) {
  Sample sample;
  LineReader reader(reading);
  ReadLine read;
  for (std::size_t count = 0; count < most_lines && !text.empty(); ++count) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    reader.read(line, read);
    if (!should_be_read(read)) {
      ++sample.others;
      continue;
    }
    const auto inside = read.format == Format::syslog ? read.message : read.text;
    if (answered_request_in(inside) != std::string_view::npos) ++sample.requests;
    sample.plain.push_back({std::string(line), std::string(inside), wrappers_around(line, read)});
  }
  return sample;
}

/// The format that most of the lines come nearest to, and the first of those.
struct Nearest {
  NearFormat format;
  const PlainLine* line = nullptr;
  std::size_t lines = 0;
};

Nearest nearest_of(const std::vector<PlainLine>& lines) {
  std::array<Nearest, format_count> votes{};
  const auto step = std::max<std::size_t>(1, lines.size() / most_compared);
  for (std::size_t i = 0; i < lines.size(); i += step) {
    const auto near = nearest_format(lines[i].inside);
    if (!near) continue;
    auto& vote = votes[static_cast<std::size_t>(near->format)];
    if (vote.lines++ == 0) vote = {*near, &lines[i], 1};
  }
  return *std::max_element(votes.begin(), votes.end(),
                           [](const Nearest& a, const Nearest& b) { return a.lines < b.lines; });
}

std::string shown(std::string_view text) {
  return text.size() <= longest_shown ? std::string(text) : std::string(text.substr(0, longest_shown)) + "…";
}

std::string words_for_nearest(const Nearest& nearest, const Redactor& redactor) {
  const std::string_view inside = nearest.line->inside;
  const auto begin = nearest.format.stops_at > longest_shown ? nearest.format.stops_at - longest_shown : 0;
  // Redacted as a piece of its line: half of a secret may be none by itself.
  const auto passed = RedactedText(redactor, inside).part(inside.substr(begin, nearest.format.stops_at - begin));
  const auto goes_on =
      nearest.format.expected.empty() ? "ends there" : fmt::format("goes on like \"{}\"", nearest.format.expected);
  return fmt::format("{} as far as \"{}{}\" (byte {}), which {}", name_of(nearest.format.format), begin > 0 ? "…" : "",
                     passed, nearest.format.stops_at, goes_on);
}

}  // namespace

bool are_plain_lines_odd(std::string_view text, const LineReaderOptions& reading) {
  return sample_of(text, reading).is_odd();
}

std::string words_for_plain_lines(std::string_view text, const LineReaderOptions& reading, const Redactor& redactor) {
  const auto sample = sample_of(text, reading);
  if (!sample.is_odd()) return {};
  const auto nearest = nearest_of(sample.plain);
  const auto& line = nearest.lines > 0 ? *nearest.line : sample.plain.back();
  std::string words = line.wrappers.empty() ? "" : fmt::format("behind {} ", redactor.redacted(to_text(line.wrappers)));
  words += "they look like ";
  words += nearest.lines > 0 ? words_for_nearest(nearest, redactor)
                             : fmt::format("no known format: \"{}\"", shown(redactor.redacted(line.inside)));
  if (sample.requests * 2 > sample.plain.size()) {
    words +=
        "; they hold requests in a form of their own, which --nginx-config or --haproxy-config can tell (triaged run: "
        "topology, or log_format of the source)";
  }
  return words;
}

}  // namespace triaged::formats
