// How many lines of each source no format reads, and a word about the logs of which hardly any is read: a format that
// is spelled otherwise than triaged thinks looks like health.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.hpp"
#include "formats/format.hpp"
#include "formats/line_reader.hpp"
#include "formats/redaction/redactor.hpp"
#include "values/line_batch.hpp"
#include "values/metric.hpp"

namespace triaged::daemon {

/// Lines by their format.
using LinesByFormat = std::array<std::uint64_t, formats::format_count>;

/// Any thread.
class PlainLines {
 public:
  static constexpr std::uint64_t judged_after = 100;   // lines of a stream
  static constexpr std::size_t most_streams = 20'000;  // that are being judged; more are not
  static constexpr std::size_t most_messages = 10;     // for each entry of `sources`

  /// `kinds`: of the entries of `sources`.
  explicit PlainLines(std::vector<std::string> kinds);

  /// A batch that was read: lines by format `before` and `after` it. True: of its log, about which nothing was said
  /// yet, hardly a line was recognised.
  [[nodiscard]] bool add(const LineBatch& batch, const LinesByFormat& before, const LinesByFormat& after,
                         bool has_findings);
  /// Says that in the log, and what its lines look like.
  void tell(const LineBatch& batch, const formats::LineReaderOptions& reading, const formats::Redactor& redactor);

  [[nodiscard]] Metric metric() const;

 private:
  struct Entry {
    std::string kind;
    std::uint64_t plain_lines = 0;
    std::size_t messages = 0;
  };
  struct Stream {
    std::uint32_t lines = 0, plain_lines = 0;  // until it is judged
    bool is_judged = false;
  };

  mutable Mutex mutex_;
  std::vector<Entry> entries_ TRIAGED_GUARDED_BY(mutex_);
  // By the hash of their names, which is enough: of two that share one, one may go without that word.
  std::unordered_map<std::size_t, Stream> streams_ TRIAGED_GUARDED_BY(mutex_);
};

}  // namespace triaged::daemon
