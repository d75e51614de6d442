#include "diagnosis/process_addresses.hpp"

#include <utility>

#include "diagnosis/saved_json.hpp"

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

void ProcessAddresses::learn(const Symptom& symptom) {
  const auto number = symptom.field(worker);
  const auto address = symptom.field("upstream");
  if (number.empty() || address.empty()) return;
  keep(std::string(number), {symptom.host, std::string(address)});
}

void ProcessAddresses::keep(const std::string& number, Process process) {
  const auto [known, is_new] = processes_.try_emplace(number);
  if (!is_new && known->second.address == process.address && known->second.host == process.host) return;
  known->second = std::move(process);
  is_changed_ = true;
  if (!is_new) return;
  heard_of_.push_back(number);
  if (heard_of_.size() <= most_processes) return;
  processes_.erase(heard_of_.front());
  heard_of_.pop_front();
}

std::string_view ProcessAddresses::of(const Symptom& symptom) const {
  const auto number = process_of(symptom);
  if (number.empty()) return {};
  const auto found = processes_.find(std::string(number));
  if (found == processes_.end() || !are_one_host(found->second.host, symptom.host)) return {};
  return found->second.address;
}

bool ProcessAddresses::take_changed() { return std::exchange(is_changed_, false); }

std::string ProcessAddresses::to_json() const {
  JsonWriter json;
  json.begin_array();
  for (const auto& number : heard_of_) {
    const auto& process = processes_.at(number);
    json.begin_array();
    for (const auto& text : {number, process.host, process.address}) json.text(text);
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
      keep(text_of(process.at(0).value()), {text_of(process.at(1).value()), text_of(process.at(2).value())});
    }
    is_changed_ = false;
    return true;
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
}

}  // namespace triaged::diagnosis
