// A progress bar with rate and remaining time on a terminal's standard error; nothing at all in a pipe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <string>
#include <thread>

#include "base/mutex.hpp"
#include "scan/finding_stream.hpp"

namespace triaged::cli {

/// The bar as one row of at most `width` columns: "[=====>    ] 52%  812 MB/s  0:03 left". An unknown total (0) shows
/// amount and rate only.
[[nodiscard]] std::string progress_row(std::uint64_t done, std::uint64_t total, double seconds, unsigned width);

/// Draws until it is destroyed, and leaves no trace on the terminal.
class ProgressBar {
 public:
  /// `progress` must outlive the bar. `is_shown` false: does nothing.
  ProgressBar(bool is_shown, const scan::ScanProgress& progress);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

 private:
  void draw();

  const scan::ScanProgress& progress_;
  Mutex mutex_;
  std::condition_variable stop_;
  bool is_stopping_ TRIAGED_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // not started when the bar is not shown
};

}  // namespace triaged::cli
