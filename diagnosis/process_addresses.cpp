#include "diagnosis/process_addresses.hpp"

#include <algorithm>
#include <utility>

#include "diagnosis/answer_counts.hpp"
#include "diagnosis/saved_json.hpp"
#include "diagnosis/units.hpp"
#include "topology/topology.hpp"

namespace triaged::diagnosis {

namespace {

/// Of a line that says where this process listens, or that it died.
constexpr std::string_view worker = "worker_pid";

std::string_view process_of(const Symptom& symptom) {
  if (const auto number = symptom.field(worker); !number.empty()) return number;
  return symptom.format == "kernel" ? symptom.field("pid") : std::string_view();
}

bool are_one_host(std::string_view a, std::string_view b) { return a.empty() || b.empty() || a == b; }

}  // namespace

void ProcessAddresses::learn(const Symptom& symptom, const Entity& entity) {
  if (symptom.format == "kernel") {
    const auto number = symptom.field("pid"), unit = unit_named_in(symptom);
    if (!number.empty() && !unit.empty()) keep(std::string(number), {symptom.host, "", std::string(unit)});
    return;
  }
  const bool is_its_own = speaks_of_itself(symptom, entity);
  // A proxy's line names the address that it passes on to, also where it speaks of itself.
  const bool says_its_address = tier_of(symptom.format) == "application";
  const Process process{symptom.host, std::string(says_its_address ? symptom.field("upstream") : ""),
                        std::string(is_its_own ? unit_named_in(symptom) : "")};
  if (process.address.empty() && process.unit.empty()) return;
  if (const auto number = symptom.field(worker); !number.empty()) keep(std::string(number), process);
  if (const auto number = symptom.field("pid"); is_its_own && !number.empty()) keep(std::string(number), process);
}

/// What one line does not say of a process, an earlier one may have said.
void ProcessAddresses::keep(const std::string& number, Process process) {
  const auto [known, is_new] = processes_.try_emplace(number);
  if (!is_new && are_one_host(known->second.host, process.host)) {
    if (process.host.empty()) process.host = known->second.host;
    const bool is_another = !process.unit.empty() && !known->second.unit.empty() && process.unit != known->second.unit;
    if (process.address.empty() && !is_another) process.address = known->second.address;
    if (process.unit.empty()) process.unit = known->second.unit;
  }
  if (!is_new && known->second == process) return;
  known->second = std::move(process);
  is_changed_ = true;
  if (!is_new) return;
  heard_of_.push_back(number);
  if (heard_of_.size() <= most_processes) return;
  processes_.erase(heard_of_.front());
  heard_of_.pop_front();
}

const ProcessAddresses::Process* ProcessAddresses::find(std::string_view number, std::string_view host) const {
  const auto found = number.empty() ? processes_.end() : processes_.find(std::string(number));
  return found == processes_.end() || !are_one_host(found->second.host, host) ? nullptr : &found->second;
}

std::string_view ProcessAddresses::of(const Symptom& symptom) const {
  const auto* process = find(process_of(symptom), symptom.host);
  return process == nullptr ? std::string_view() : std::string_view(process->address);
}

std::string_view ProcessAddresses::unit_of(const Symptom& symptom) const {
  if (const auto unit = unit_named_in(symptom); !unit.empty()) return unit;
  const auto* process = find(process_of(symptom), symptom.host);
  if (process == nullptr || process->unit.empty()) process = find(symptom.field("pid"), symptom.host);
  return process == nullptr ? std::string_view() : std::string_view(process->unit);
}

std::vector<std::string_view> ProcessAddresses::addresses_of(std::string_view unit, std::string_view host) const {
  std::vector<std::string_view> addresses;
  for (const auto& [number, process] : processes_) {
    const bool is_its = process.unit == unit && !process.address.empty() && are_one_host(process.host, host);
    if (is_its && std::ranges::find(addresses, process.address) == addresses.end())
      addresses.push_back(process.address);
  }
  return addresses;
}

bool ProcessAddresses::is_of_other_unit(std::string_view address, std::string_view unit) const {
  bool is_of_another = false;
  for (const auto& [number, process] : processes_) {
    if (process.unit.empty() || process.address.empty()) continue;
    if (!topology::may_be_same_address(process.address, address)) continue;
    if (process.unit == unit) return false;
    is_of_another = true;
  }
  return is_of_another;
}

bool ProcessAddresses::take_changed() { return std::exchange(is_changed_, false); }

std::string ProcessAddresses::to_json() const {
  JsonWriter json;
  json.begin_array();
  for (const auto& number : heard_of_) {
    const auto& process = processes_.at(number);
    json.begin_array();
    for (const auto& text : {number, process.host, process.address, process.unit}) json.text(text);
    json.end_array();
  }
  json.end_array();
  return std::move(json).json();
}

bool ProcessAddresses::restore(std::string_view json) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(json);
    for (const simdjson::dom::element process : array_of(parser.parse(padded).value())) {
      simdjson::dom::element unit;  // an earlier version wrote none
      const bool has_unit = process.at(3).get(unit) == simdjson::SUCCESS;
      keep(text_of(process.at(0).value()),
           {text_of(process.at(1).value()), text_of(process.at(2).value()), has_unit ? text_of(unit) : std::string()});
    }
    is_changed_ = false;
    return true;
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
}

}  // namespace triaged::diagnosis
