// When the kernel last killed for want of memory. The kernel counts such kills for everybody to read (oom_kill in
// /proc/vmstat) but does not say when, and its log is closed to a service without rights. So somebody looks at the
// count once a second and remembers between which two looks it grew.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>

#include "base/time.hpp"
#include "probes/look.hpp"

namespace triaged::probes {

class OomWatch {
 public:
  explicit OomWatch(std::filesystem::path root) : root_(std::move(root)) {}

  /// Looks at the count at `now`. Any thread; reads one small file of the kernel.
  void look(TimePoint now);

  /// kernel-oom-record, no-kernel-oom-record: around the time that the question's incident began until now? Any thread.
  [[nodiscard]] Finding answer(const ProbeQuestion& question) const;

 private:
  const std::filesystem::path root_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<std::uint64_t> count_;
  TimePoint first_look_, last_look_;
  TimePoint grew_after_, grew_before_;  // the last time; none: it has not grown since the first look
  std::uint64_t grew_by_ = 0;
};

}  // namespace triaged::probes
