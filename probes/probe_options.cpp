#include "probes/probe_options.hpp"

#include <algorithm>

namespace triaged::probes {

namespace {

constexpr Microseconds longest_timeout = std::chrono::seconds(10);

void read_off(const YamlValue& list, const std::string& file, Problems& problems, ProbeOptions& options) {
  std::vector<std::string_view> names;
  for (const auto& probe : known_probes()) names.push_back(probe.name);
  for (const auto& item : list.items) {
    if (item.kind != YamlValue::Kind::text) {
      problems.push_back(problem_at(Gravity::error, file, item, "'off' of 'probes' is a list of names of probes"));
    } else if (const auto* probe = probe_named(item.text)) {
      options.off.push_back(probe->look);
    } else {
      problems.push_back(problem_at(Gravity::error, file, item, unknown_word("there is no probe", item, names)));
    }
  }
}

}  // namespace

std::vector<Look> ProbeOptions::looks() const {
  std::vector<Look> looks;
  if (!is_enabled) return looks;
  for (const auto& probe : known_probes()) {
    const bool is_off = std::find(off.begin(), off.end(), probe.look) != off.end();
    const bool is_known = std::find(looks.begin(), looks.end(), probe.look) != looks.end();
    if (!is_off && !is_known) looks.push_back(probe.look);
  }
  return looks;
}

ProbeOptions read_probe_options(const YamlValue& map, const std::string& file, Problems& problems) {
  ProbeOptions options;
  YamlMapReader reader(map, "'probes'", file, problems);
  options.is_enabled = reader.boolean("enabled").value_or(true);
  if (const auto timeout = reader.duration("timeout")) {
    options.timeout = *timeout;
    if (timeout->count() == 0 || *timeout > longest_timeout) {
      problems.push_back(problem_at(Gravity::error, file, *map.find("timeout"),
                                    "'timeout' of 'probes' must be above 0 and at most 10s"));
    }
  }
  if (const auto* off = reader.list("off")) read_off(*off, file, problems, options);
  reader.finish(Gravity::error);
  return options;
}

}  // namespace triaged::probes
