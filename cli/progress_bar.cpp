#include "cli/progress_bar.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>

namespace triaged::cli {

namespace {

constexpr auto redraw_interval = std::chrono::milliseconds(200);
constexpr unsigned bar_columns = 30;

std::string amount(double bytes) {
  if (bytes >= 1e9) return fmt::format("{:.1f} GB", bytes / 1e9);
  return fmt::format("{:.0f} MB", bytes / 1e6);
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::clamp(seconds, 0.0, 359'999.0));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

std::string progress_row(std::uint64_t done, std::uint64_t total, double seconds, unsigned width) {
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string row;
  if (total == 0) {
    row = fmt::format("{}  {}/s", amount(static_cast<double>(done)), amount(rate));
  } else {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    const auto filled = static_cast<std::size_t>(share * bar_columns);
    std::string bar(filled, '=');
    if (filled < bar_columns) bar += '>';
    bar.resize(bar_columns, ' ');
    row = fmt::format("[{}] {:3.0f}%  {}/s", bar, share * 100, amount(rate));
    if (rate > 0 && done < total) row += fmt::format("  {} left", clock_text(static_cast<double>(total - done) / rate));
  }
  return row.substr(0, width);
}

ProgressBar::ProgressBar(bool is_shown, const scan::ScanProgress& progress) : progress_(progress) {
  if (is_shown) thread_ = std::thread([this] { draw(); });
}

ProgressBar::~ProgressBar() {
  if (!thread_.joinable()) return;
  {
    const Lock lock(mutex_);
    is_stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
  fmt::print(stderr, "\r\033[K");
}

void ProgressBar::draw() {
  const auto started = std::chrono::steady_clock::now();
  Lock lock(mutex_);
  while (!lock.wait_for(stop_, redraw_interval, [&]() TRIAGED_REQUIRES(mutex_) { return is_stopping_; })) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started;
    fmt::print(stderr, "\r\033[K{}", progress_row(progress_.bytes_done, progress_.total_bytes, passed.count(), 78));
    std::fflush(stderr);
  }
}

}  // namespace triaged::cli
