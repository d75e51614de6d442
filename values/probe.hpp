// A probe: a read-only check of this host that a diagnosis asks for. The diagnosis stage makes a question of an
// incident's fields, probes/ answers it on a thread of its own, and the answer is evidence with a time. This header is
// all that the two sides share; neither includes the other.
//
// A kind of probe is what is done; a rule names one thing that it may find. `listening` and `not-listening` are two
// findings of one kind, and at most one of them holds.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace triaged::inline values {

enum class ProbeKind {
  listener,       // is anybody listening at an address of this host
  process,        // does a process run, and since when
  memory,         // has the kernel killed for want of memory
  configuration,  // does the address stand in the running proxy's configuration
  name,           // does a name resolve
  file_system,    // has a file system room
  descriptors,    // how many files a process has open
  certificate,    // until when a certificate is valid
  unit,           // what systemd says of a unit
};
inline constexpr std::size_t probe_kind_count = 9;

[[nodiscard]] std::string_view name_of(ProbeKind kind);

/// One finding that a rule may name as evidence.
struct Probe {
  std::string_view name;
  ProbeKind kind = ProbeKind::listener;
  std::string_view meaning;  // one sentence, for lists
};

/// All of them, those of a kind together.
[[nodiscard]] std::span<const Probe> known_probes();
/// nullptr: there is no such probe.
[[nodiscard]] const Probe* probe_named(std::string_view name);
/// "there is no probe 'listning'; did you mean 'listening'?"
[[nodiscard]] std::string unknown_probe(std::string_view name);

struct ProbeQuestion {
  std::string incident;  // its id; the answer goes back to it
  ProbeKind kind = ProbeKind::listener;
  std::string subject;  // an address, a number of a process, a path, a name: as the log wrote it, hostile until parsed
  std::string program;  // whose log the subject stands in: "nginx"; empty: nobody knows
  std::string writer;   // the number of the process that wrote the line; empty: the line does not say
  TimePoint since;      // the incident's first line
};

struct ProbeAnswer {
  std::string incident;
  ProbeKind kind = ProbeKind::listener;
  std::string subject;
  std::string finding;  // the probe that holds; empty: unknown, which is never evidence
  std::string text;     // for people: "nobody listens on 127.0.0.1:8003"; when unknown, why
  TimePoint at;         // when the probe was made

  [[nodiscard]] bool is_known() const { return !finding.empty(); }
};

}  // namespace triaged::inline values
