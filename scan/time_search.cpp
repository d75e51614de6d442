#include "scan/time_search.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sources/file_scan.hpp"

namespace triaged::scan {

namespace {

using formats::Format;

constexpr std::size_t head_bytes = 64 * 1024;

/// Lines in which what stands far above them matters: an address that Gunicorn said at its start.
bool depends_on_lines_above(Format format) {
  return format == Format::gunicorn_error || format == Format::python_traceback;
}

/// Lines that may carry a time long before they were written: that of a request's beginning.
bool may_be_late(Format format) {
  return formats::facts_of(format).opening != formats::Opening::program && format != Format::nginx_access &&
         format != Format::gunicorn_access;
}

/// The times of some lines in one place of the file.
struct Window {
  std::optional<TimePoint> earliest, latest;
};

class Search {
 public:
  Search(const std::string& path, const formats::LineReaderOptions& reading, const TimeSpan& span,
         const TimeSearchOptions& options)
      : path_(path), reading_(reading), span_(span), options_(options) {}

  std::optional<FoundPart> find() {
    const auto file = sources::FileScan::open(path_);
    if (!file || !(*file)->has_parts() || (*file)->total_bytes() < options_.smallest_file) return std::nullopt;
    size_ = (*file)->total_bytes();
    if (reading_.reference == TimePoint()) reading_.reference = (*file)->modified_at();
    if (!read_head() || !is_in_order()) return std::nullopt;
    FoundPart part{.begin = 0, .end = size_, .before = {}, .reader_state = state_};
    if (span_.since) find_begin(part);
    if (span_.until && !may_be_late_) find_end(part);
    if (is_hopeless_ || (part.begin == 0 && part.end == size_)) return std::nullopt;
    part.earliest = head_.earliest.value();
    part.latest = window_at(size_ - std::min<std::uint64_t>(size_, options_.window)).latest.value_or(part.earliest);
    part.bytes_read = bytes_read_;
    return part;
  }

 private:
  /// What the reader knows after the first lines, for every window is read as if it followed them.
  bool read_head() {
    formats::LineReader reader(reading_);
    head_ = read_lines(0, std::min<std::uint64_t>(size_, head_bytes), reader);
    state_ = reader.state();
    return !is_hopeless_ && head_.latest;
  }

  Window window_at(std::uint64_t begin) {
    formats::LineReader reader(reading_);
    reader.restore(state_);
    Window window;
    for (std::size_t width = options_.window; !window.latest && width <= options_.widest_window; width *= 4) {
      window = read_lines(begin, std::min<std::uint64_t>(size_, begin + width), reader);
    }
    if (!window.latest) is_hopeless_ = true;
    return window;
  }

  /// The times of the whole lines between two places.
  Window read_lines(std::uint64_t begin, std::uint64_t end, formats::LineReader& reader) {
    Window window;
    auto file = sources::FileScan::open(path_, {.begin = begin, .end = end});
    if (!file) {
      is_hopeless_ = true;
      return window;
    }
    bool is_whole = begin == 0;  // the first line begins somewhere before
    formats::ReadLine line;
    for (;;) {
      const auto batch = (*file)->next();
      if (!batch || !*batch) break;
      for (const auto& span : (*batch)->lines) {
        const bool is_cut = !std::exchange(is_whole, true) || span.begin + span.length == (*batch)->bytes.size();
        if (is_cut) continue;
        reader.read((*batch)->text(span), line);
        take(line, window);
      }
    }
    bytes_read_ += (*file)->bytes_done();
    return window;
  }

  void take(const formats::ReadLine& line, Window& window) {
    if (depends_on_lines_above(line.format)) is_hopeless_ = true;
    if (may_be_late(line.format)) may_be_late_ = true;
    if (!line.time || line.is_silenced || line.is_own || !line.header.empty()) return;
    window.earliest = std::min(window.earliest.value_or(*line.time), *line.time);
    window.latest = std::max(window.latest.value_or(*line.time), *line.time);
  }

  bool is_in_order() {
    std::optional<TimePoint> latest;
    for (unsigned i = 0; i < options_.samples && !is_hopeless_; ++i) {
      const auto window = window_at(size_ / options_.samples * i);
      if (!window.latest || (latest && *window.latest < *latest - options_.disorder)) return false;
      latest = std::max(latest.value_or(*window.latest), *window.latest);
    }
    return !is_hopeless_;
  }

  /// Of two places the later one from which on `is_after` holds, nearly to the window.
  template <class Predicate>
  std::pair<std::uint64_t, std::uint64_t> bisect(Predicate is_after) {
    std::uint64_t before = 0, after = size_;
    while (after - before > options_.window && !is_hopeless_) {
      const auto middle = before + (after - before) / 2;
      (is_after(window_at(middle)) ? after : before) = middle;
    }
    return {before, after};
  }

  void find_begin(FoundPart& part) {
    const auto wanted = *span_.since - options_.disorder;
    const auto is_after = [&](const Window& window) { return !window.latest || *window.latest >= wanted; };
    const auto [before, after] = bisect(is_after);
    if (is_hopeless_ || before <= options_.margin) return;
    part.begin = next_line(before - options_.margin);
    part.before = wanted;
  }

  void find_end(FoundPart& part) {
    const auto wanted = *span_.until + options_.disorder;
    const auto is_after = [&](const Window& window) { return window.earliest && *window.earliest > wanted; };
    const auto [before, after] = bisect(is_after);
    if (is_hopeless_ || size_ - after <= options_.margin) return;
    part.end = std::max(part.begin, next_line(after + options_.margin));
  }

  /// The place behind the next line end.
  std::uint64_t next_line(std::uint64_t place) {
    const auto end = std::min<std::uint64_t>(size_, place + options_.widest_window);
    const auto file = sources::FileScan::open(path_, {.begin = place, .end = end});
    const auto batch = file ? (*file)->next() : std::nullopt;
    if (batch && *batch && (*batch)->lines.size() > 1) return (*batch)->lines[1].offset;
    is_hopeless_ = true;
    return place;
  }

  const std::string& path_;
  formats::LineReaderOptions reading_;
  const TimeSpan span_;
  const TimeSearchOptions options_;
  std::uint64_t size_ = 0;
  std::string state_;
  Window head_;
  bool is_hopeless_ = false;  // the whole file has to be read
  bool may_be_late_ = false;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace

std::optional<FoundPart> find_part(const std::string& path, const formats::LineReaderOptions& reading,
                                   const TimeSpan& span, const TimeSearchOptions& options) {
  std::error_code ignored;
  // What is read of a pipe, or of standard input, is gone.
  const bool is_file = path != "-" && std::filesystem::is_regular_file(path, ignored);
  if (!is_file || (!span.since && !span.until)) return std::nullopt;
  return Search(path, reading, span, options).find();
}

}  // namespace triaged::scan
