// The files of a host with nginx (master 1850, worker 1851) in front of Gunicorn (1700, started 15:53:49), recorded
// from real programs: tests/probes/host. It listens on 127.0.0.1:8000 (Gunicorn), 0.0.0.0:8004, [::]:8005,
// [::ffff:127.0.0.1]:8006, [::1]:8007 and unix:/run/shop.sock, and not on port 8003.
#pragma once

#include <filesystem>
#include <string>

#include "probes/probe_host.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged {

using namespace std::chrono_literals;

inline std::filesystem::path recorded_host() {
  return std::filesystem::path(TRIAGED_SOURCE_DIR) / "tests" / "probes" / "host";
}

inline const TimePoint gunicorn_start = TimePoint(1795276429s);

/// A question from a line of nginx's worker about what began when Gunicorn had been running for an hour.
inline ProbeQuestion asked_by_nginx(ProbeKind kind, std::string subject) {
  return {.incident = "01J",
          .kind = kind,
          .subject = std::move(subject),
          .program = "nginx",
          .writer = "1851",
          .since = gunicorn_start + 1h};
}

/// A copy of the recorded host that a test may change.
class ChangedHost {
 public:
  ChangedHost() { std::filesystem::copy(recorded_host(), root(), copying()); }

  [[nodiscard]] std::filesystem::path root() const { return folder_.path() / "host"; }

 private:
  static std::filesystem::copy_options copying() {
    return std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks;
  }

  TemporaryFolder folder_;
};

}  // namespace triaged
