// What may be probed on this host while diagnosing (the section `probes` of the configuration).
#pragma once

#include <string>
#include <vector>

#include "base/options.hpp"
#include "base/time.hpp"
#include "values/probe.hpp"

namespace triaged::probes {

struct ProbeOptions {
  bool is_enabled = true;
  Microseconds timeout = std::chrono::milliseconds(500);  // of one probe
  std::vector<ProbeKind> off;

  /// What is left to be asked; empty: nothing is.
  [[nodiscard]] std::vector<ProbeKind> probe_kinds() const;
};

/// `{enabled: true, timeout: 500ms, off: [listening]}`. Any name of a probe switches its kind off.
[[nodiscard]] const OptionTable<ProbeOptions>& probe_options();

}  // namespace triaged::probes
