#include "values/incident.hpp"

namespace triaged::inline values {

std::string_view name_of(IncidentState state) { return state == IncidentState::open ? "open" : "resolved"; }

std::string_view name_of(Change change) {
  switch (change) {
    case Change::opened:
      return "opened";
    case Change::updated:
      return "updated";
    case Change::resolved:
      return "resolved";
  }
  return "opened";
}

std::string_view name_of(ChainRole role) {
  switch (role) {
    case ChainRole::root:
      return "root";
    case ChainRole::intermediate:
      return "intermediate";
    case ChainRole::symptom:
      return "symptom";
  }
  return "symptom";
}

}  // namespace triaged::inline values
