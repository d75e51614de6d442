#include "sources/containers/container_options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sources/containers/container_source.hpp"
#include "sources/containers/missing_right.hpp"
#include "sources/file/glob.hpp"
#include "sources/make_source.hpp"

namespace triaged::sources {

namespace {

/// Of the kind that follows files: both kinds keep their places by path, so no path may be in both.
constexpr std::string_view claimed_as = "file";

// Of kubelet with containerd or CRI-O, of docker, and of podman as root. /var/log/containers has links to the first.
const std::vector<std::string> usual_paths = {
    "/var/log/pods/*/*/*.log",
    "/var/lib/docker/containers/*/*-json.log",
    "/var/lib/containers/storage/overlay-containers/*/userdata/ctr.log",
};

struct ContainerFields {
  ContainerLogs logs;
  Claims* claims = nullptr;
};

void report_claim(const YamlMapReader& fields, const YamlValue* place, const Claim& earlier) {
  const auto message = fmt::format(
      "the source in line {} already follows files of this source: name a log in one source only", earlier.line);
  if (place != nullptr) return fields.report(ProblemLevel::error, *place, message);
  fields.report(ProblemLevel::error, message);
}

void claim(const YamlMapReader& fields, const YamlValue* place, const std::string& glob, Claims& claims) {
  const auto same = std::ranges::find_if(claims, [&](const Claim& earlier) {
    return earlier.kind == claimed_as && (matches_glob(glob, earlier.what) || matches_glob(earlier.what, glob));
  });
  if (same != claims.end()) report_claim(fields, place, *same);
}

void read_paths(YamlMapReader& fields, const OptionFacts& option, ContainerFields& given) {
  const auto paths = fields.text_values(option.name);
  const auto* list = fields.peek(option.name);
  if (list != nullptr) {
    given.logs.globs.clear();
    if (list->kind == YamlValue::Kind::list && paths.empty()) {
      fields.report(ProblemLevel::error, *list,
                    "'paths' of source 'containers' is empty: name a pattern, or leave 'paths' out");
    }
  }
  Claims own;
  for (const auto* path : paths) {
    if (!path->text.starts_with('/')) {
      fields.report(ProblemLevel::error, *path, "this path is not absolute: write /path/to/*.log");
    }
    claim(fields, path, path->text, *given.claims);
    given.logs.globs.push_back(path->text);
    own.push_back({claimed_as, path->text, path->line});
  }
  if (list == nullptr) {
    for (const auto& glob : given.logs.globs) {
      claim(fields, nullptr, glob, *given.claims);
      own.push_back({claimed_as, glob});
    }
  }
  given.claims->insert(given.claims->end(), own.begin(), own.end());
  for (const auto& missing : missing_rights(given.logs.globs)) fields.report(ProblemLevel::warning, missing);
}

const OptionTable<ContainerFields>& container_table() {
  using Value = OptionsOf<ContainerFields>;
  static const OptionTable<ContainerFields> table = {
      {"paths",
       {{.shape = OptionFacts::Shape::texts}, read_paths},
       "Absolute paths with `*`, `?` and `[…]`; logs that appear later are found.",
       "the usual places of kubelet, docker and podman"},
      {"namespaces", Value::texts(member_of(&ContainerFields::logs, &ContainerLogs::spaces)),
       "Only containers of these namespaces (of these projects of Docker Compose).", "all"},
      {"containers", Value::texts(member_of(&ContainerFields::logs, &ContainerLogs::containers)),
       "Only containers of these names.", "all"},
      {"start",
       Value::word(member_of(&ContainerFields::logs, &ContainerLogs::start),
                   {{"checkpoint", StartAt::checkpoint}, {"end", StartAt::end}}),
       "Where reading begins in a log that was there when triaged began and was never read: at its beginning "
       "(`checkpoint`) or at its end (`end`)."},
  };
  return table;
}

}  // namespace

std::vector<OptionFacts> container_options() { return container_table().facts(); }

std::any read_container_options(YamlMapReader& fields, Claims& claims) {
  ContainerFields given{.logs = {.globs = usual_paths}, .claims = &claims};
  container_table().read(fields, given);
  return std::move(given.logs);
}

Result<std::unique_ptr<Source>> make_container_source(const std::vector<std::any>& options,
                                                      const SourceOrigin& origin) {
  std::vector<ContainerLogs> logs;
  for (const auto& entry : options) {
    auto& each = logs.emplace_back(std::any_cast<const ContainerLogs&>(entry));
    if (origin.has_lost_cursors) each.start = StartAt::checkpoint;
  }
  return follow_containers(
      logs, origin.checkpoint, origin.now,
      {.own = own_container(), .own_files = origin.own_files, .has_lost_cursors = origin.has_lost_cursors});
}

}  // namespace triaged::sources
