#include "diagnosis/unusual_lines.hpp"

namespace triaged::diagnosis {

std::uint64_t unusual_lines(const OpenIncident& incident, const knowledge::Rule& rule) {
  std::uint64_t lines = 0;
  for (const auto& own : incident.observations) lines += own.rule == rule.id ? own.count - own.everyday : 0;
  return lines;
}

Severity severity_in(const OpenIncident& incident, const knowledge::Rule& rule) {
  const bool is_usual = rule.is_raised_by_client() && unusual_lines(incident, rule) < rule.alone_from;
  return is_usual ? Severity::info : rule.severity;
}

}  // namespace triaged::diagnosis
