// When the kernel last killed for want of memory. The kernel counts such kills for everybody to read (oom_kill in
// /proc/vmstat) but does not say when, and its log is closed to a service without rights. So the
// count is read once a second, and it is remembered between which two reads it grew.
#pragma once

#include <filesystem>
#include <optional>

#include "base/mutex.hpp"
#include "base/time.hpp"
#include "probes/probe_host.hpp"

namespace triaged::probes {

class OomWatch {
 public:
  explicit OomWatch(std::filesystem::path root) : root_(std::move(root)) {}

  /// Reads the count at `now`. Any thread; reads one small file of the kernel.
  void check(TimePoint now);

  /// kernel-oom-record, no-kernel-oom-record: around the time that the question's incident began until now? Any thread.
  [[nodiscard]] Finding answer(const ProbeQuestion& question) const;

 private:
  const std::filesystem::path root_;
  mutable Mutex mutex_;
  std::optional<std::uint64_t> count_ TRIAGED_GUARDED_BY(mutex_);
  TimePoint first_read_ TRIAGED_GUARDED_BY(mutex_);
  TimePoint last_read_ TRIAGED_GUARDED_BY(mutex_);
  // When it grew last; none: it has not grown since the first read.
  TimePoint grew_after_ TRIAGED_GUARDED_BY(mutex_);
  TimePoint grew_before_ TRIAGED_GUARDED_BY(mutex_);
  std::uint64_t grew_by_ TRIAGED_GUARDED_BY(mutex_) = 0;
};

}  // namespace triaged::probes
