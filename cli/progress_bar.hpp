// A progress bar with rate and remaining time on a terminal's standard error; nothing at all in a pipe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace triaged {

/// The bar as one row of at most `width` columns: "[=====>    ] 52%  812 MB/s  0:03 left". An unknown total (0) shows
/// amount and rate only.
[[nodiscard]] std::string progress_row(std::uint64_t done, std::uint64_t total, double seconds, unsigned width);

/// Draws until it is destroyed, and leaves no trace on the terminal.
class ProgressBar {
 public:
  /// `done` is asked on the bar's own thread. `is_shown` false: does nothing.
  ProgressBar(bool is_shown, std::uint64_t total, std::function<std::uint64_t()> done);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

 private:
  void draw();

  const std::uint64_t total_;
  std::function<std::uint64_t()> done_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool is_stopping_ = false;  // guarded by mutex_
  std::thread thread_;        // not started when the bar is not shown
};

}  // namespace triaged
