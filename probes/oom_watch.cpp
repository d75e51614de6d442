#include "probes/oom_watch.hpp"

#include <fmt/format.h>

#include "probes/host_files.hpp"

namespace triaged::probes {

namespace {

// A kill is logged by those whom it hits within seconds; an incident may begin before it, while memory runs out.
constexpr Microseconds before_incident = std::chrono::seconds(30);

std::optional<std::uint64_t> kills_since_start(const std::filesystem::path& root) {
  constexpr std::string_view mark = "\noom_kill ";
  const auto read = read_host_file(root / "proc/vmstat");
  if (!read) return std::nullopt;
  const auto at = read->text.find(mark);
  if (at == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(read->text).substr(at + mark.size());
  return whole_number(take_line(rest));
}

}  // namespace

void OomWatch::check(TimePoint now) {
  const auto count = kills_since_start(root_);
  const Lock lock(mutex_);
  if (!count) return count_.reset();
  if (!count_) {
    first_read_ = now;
  } else if (*count > *count_) {
    grew_by_ = *count - *count_;
    grew_after_ = last_read_;
    grew_before_ = now;
  }
  count_ = count;
  last_read_ = now;
}

Finding OomWatch::answer(const ProbeQuestion& question) const {
  const Lock lock(mutex_);
  if (!count_) return unknown_because("the kernel's count of kills cannot be read");
  if (*count_ == 0)
    return {"no-kernel-oom-record", "the kernel has killed nothing for want of memory since it started"};
  const auto begin = question.since - before_incident;
  if (grew_before_ > begin) {
    return {"kernel-oom-record", fmt::format("the kernel killed {} for want of memory between {} and {}",
                                             grew_by_ == 1 ? "a process" : fmt::format("{} processes", grew_by_),
                                             to_rfc3339_second(grew_after_), to_rfc3339_second(grew_before_))};
  }
  if (first_read_ > begin) return unknown_because("the kernel has killed for want of memory, and nobody knows when");
  return {"no-kernel-oom-record",
          fmt::format("the kernel has killed nothing for want of memory since {}", to_rfc3339_second(begin))};
}

}  // namespace triaged::probes
