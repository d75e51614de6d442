// Which process serves which address and belongs to which unit of systemd, as far as the logs say: a worker's number
// stands in the lines of a server whose address is known, and the journal names the unit. What happened to one process
// or unit then concerns one address, and a refused connection to another address in the same second is another story.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "values/incident.hpp"
#include "values/symptom.hpp"

namespace triaged::diagnosis {

/// Bounded: the processes heard of last. Kept in the ledger as a whole, under one id.
class ProcessAddresses {
 public:
  static constexpr std::size_t most_processes = 1024;  // written whole with each new one: 40 KiB
  static constexpr std::string_view saved_id = "all";

  /// Remembers what `symptom` says, if it names a process and its address or unit.
  void learn(const Symptom& symptom, const Entity& entity);

  /// The address of the process that `symptom` is about; empty when it is about none, or nobody said.
  [[nodiscard]] std::string_view of(const Symptom& symptom) const;

  /// The unit of the process that wrote `symptom` or that it is about; empty when nobody said.
  [[nodiscard]] std::string_view unit_of(const Symptom& symptom) const;
  /// That processes of `unit` on `host` serve; empty when nobody said.
  [[nodiscard]] std::vector<std::string_view> addresses_of(std::string_view unit, std::string_view host) const;
  /// Processes of other units serve `address`, and none of `unit`.
  [[nodiscard]] bool is_of_other_unit(std::string_view address, std::string_view unit) const;

  /// True since the last call when something was learnt.
  [[nodiscard]] bool take_changed();
  [[nodiscard]] std::string to_json() const;
  /// False when the text cannot be read.
  [[nodiscard]] bool restore(std::string_view json);

 private:
  struct Process {
    std::string host, address, unit;  // the latter two: empty when nobody said
    friend bool operator==(const Process&, const Process&) = default;
  };
  [[nodiscard]] const Process* find(std::string_view number, std::string_view host) const;

  void keep(const std::string& number, Process process);

  std::unordered_map<std::string, Process> processes_;  // by number: one daemon rarely hears of several machines
  std::deque<std::string> heard_of_;                    // the keys, oldest first
  bool is_changed_ = false;
};

}  // namespace triaged::diagnosis
