// What the follower of files counts, for /metrics and the status of the service.
#include <fmt/format.h>

#include "sources/file/file_follower.hpp"

namespace triaged::sources {

void FileFollower::add_to(std::vector<Metric>& metrics) const {
  const auto files = counts();
  for (const auto& metric : {
           gauge("triaged_files", "files that are followed", files.files),
           gauge("triaged_rotated_files", "followed files that were renamed or deleted, and are still being read",
                 files.rotated_files),
           gauge("triaged_waiting_files", "followed files that are closed because too many are followed",
                 files.waiting_files),
           gauge("triaged_unreadable_files", "files that match a glob and cannot be read", files.unreadable_files),
           gauge("triaged_own_files", "files that match a glob and are not followed because triaged writes them",
                 files.own_files),
           gauge("triaged_unread_bytes", "bytes of followed files that are not read yet", files.unread_bytes),
           counter("triaged_read_bytes_total", "bytes read since the start or the last reload", files.bytes),
           counter("triaged_rotations_total", "rotations of followed files", files.rotations),
           counter("triaged_truncations_total", "files that were truncated", files.truncations),
           counter("triaged_lost_bytes_total", "bytes that were truncated before they were read", files.lost_bytes),
           counter("triaged_unknown_losses_total",
                   "files that moved to an unknown place, or were truncated while they were not followed",
                   files.unknown_losses),
           counter("triaged_cut_lines_total", "lines that were too long and were cut", files.cut_lines),
           counter("triaged_nul_bytes_total", "NUL bytes that were skipped", files.nul_bytes),
       }) {
    add_metric(metric, metrics);
  }
}

std::string FileFollower::summary() const { return fmt::format("{} files", counts().files); }

}  // namespace triaged::sources
