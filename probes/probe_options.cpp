#include "probes/probe_options.hpp"

#include <algorithm>

namespace triaged::probes {

namespace {

constexpr Microseconds longest_timeout = std::chrono::seconds(10);

std::vector<std::string_view> probe_names() {
  std::vector<std::string_view> names;
  for (const auto& probe : known_probes()) names.push_back(probe.name);
  return names;
}

void read_off(YamlMapReader& reader, const OptionFacts& option, ProbeOptions& options) {
  const auto* list = reader.list(option.name);
  if (list == nullptr) return;
  for (const auto& item : list->items) {
    if (item.kind != YamlValue::Kind::text) {
      reader.report(ProblemLevel::error, item, "'off' of 'probes' is a list of names of probes");
    } else if (const auto* probe = probe_named(item.text)) {
      options.off.push_back(probe->kind);
    } else {
      reader.report(ProblemLevel::error, item, unknown_word("there is no probe", item, option.words));
    }
  }
}

}  // namespace

std::vector<ProbeKind> ProbeOptions::probe_kinds() const {
  std::vector<ProbeKind> kinds;
  if (!is_enabled) return kinds;
  for (const auto& probe : known_probes()) {
    const bool is_off = std::find(off.begin(), off.end(), probe.kind) != off.end();
    const bool is_known = std::find(kinds.begin(), kinds.end(), probe.kind) != kinds.end();
    if (!is_off && !is_known) kinds.push_back(probe.kind);
  }
  return kinds;
}

const OptionTable<ProbeOptions>& probe_options() {
  using Value = OptionsOf<ProbeOptions>;
  static const OptionTable<ProbeOptions> table = {
      {"enabled", Value::boolean(&ProbeOptions::is_enabled),
       "Whether triaged probes its own host for evidence, read-only: who listens at an address, which processes run, "
       "what is full."},
      {"timeout", Value::duration(&ProbeOptions::timeout, {.least = Microseconds(1), .most = longest_timeout}),
       "A probe that takes longer is abandoned."},
      {"off",
       {{.shape = OptionFacts::Shape::words, .words = probe_names()}, read_off},
       "Names of probes that are not made.",
       "none"},
  };
  return table;
}

}  // namespace triaged::probes
