#include "sources/make_source.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include <fmt/format.h>

#include "sources/containers/container_options.hpp"
#include "sources/containers/container_source.hpp"
#include "sources/file/file_follower.hpp"
#include "sources/file/file_options.hpp"
#include "sources/file/glob.hpp"
#include "sources/file/own_files.hpp"
#include "sources/journal/journal_options.hpp"
#include "sources/kmsg/kmsg_options.hpp"
#include "sources/missing_path.hpp"
#include "sources/pipe/pipe_options.hpp"
#include "sources/syslog/syslog_options.hpp"

namespace triaged::sources {

namespace {

enum class Sharing {
  none,  // a source for each entry
  all    // one source for all entries of the kind
};

struct SourceKind {
  std::string_view name;
  std::string_view meaning;
  std::vector<OptionFacts> (*options)();
  std::any (*read)(YamlMapReader& fields, Claims& claims);
  Sharing sharing;
  /// `options` are those of its entries, as `read` gave them.
  Result<std::unique_ptr<Source>> (*make)(const std::vector<std::any>& options, const SourceOrigin& origin);
};

constexpr SourceKind kinds[] = {
    {"file", "Files that are followed through rotation and restarts.", file_options, read_file_options, Sharing::all,
     make_file_source},
    {"containers", "The logs of containers: Kubernetes, docker and podman.", container_options, read_container_options,
     Sharing::all, make_container_source},
    {"journald", "The journal of systemd.", journal_options, read_journal_options, Sharing::none, make_journal_source},
    {"kernel", "The kernel's own log.", kmsg_options, read_kmsg_options, Sharing::none, make_kmsg_source},
    {"stdin", "Standard input.", stdin_options, read_stdin_options, Sharing::none, make_pipe_source},
    {"pipe", "A named pipe (FIFO), whoever writes into it.", pipe_options, read_pipe_options, Sharing::none,
     make_pipe_source},
    {"syslog", "Messages that programs and other hosts send by syslog.", syslog_options, read_syslog_options,
     Sharing::none, make_syslog_source},
};

const SourceKind* kind_named(std::string_view name) {
  const auto* kind = std::ranges::find(kinds, name, &SourceKind::name);
  return kind == std::end(kinds) ? nullptr : kind;
}

bool needs_options(const SourceKind& kind) {
  return std::ranges::any_of(kind.options(), [](const OptionFacts& option) { return option.is_needed; });
}

void report_unknown_kind(const YamlValue& key, const std::string& file, Problems& problems) {
  std::vector<std::string_view> names;
  for (const auto& kind : kinds) names.push_back(kind.name);
  problems.push_back(
      problem_at(ProblemLevel::error, file, key, unknown_word("there is no kind of source", key, names)));
}

Result<void> add_source(const SourceKind& kind, const std::vector<SourceEntry>& entries,
                        std::vector<std::size_t> indices, const SourceOrigin& origin, std::vector<MadeSource>& made) {
  std::vector<std::any> options;
  for (const auto index : indices) options.push_back(entries[index].options);
  auto source = kind.make(options, origin);
  if (!source) return source.error();
  made.push_back({std::move(*source), std::move(indices)});
  return {};
}

}  // namespace

std::vector<OptionFacts> options_by_source_kind() {
  std::vector<OptionFacts> options;
  for (const auto& kind : kinds) {
    options.push_back(
        {.shape = OptionFacts::Shape::section, .fields = kind.options(), .name = kind.name, .meaning = kind.meaning});
  }
  return options;
}

std::optional<SourceEntry> read_source(const YamlValue& entry, const std::string& file, Problems& problems,
                                       Claims& claims, const std::function<void(YamlMapReader&)>& read_common) {
  const YamlMapReader reader(entry, "a source", file, problems);
  if (entry.kind != YamlValue::Kind::map) return std::nullopt;
  const auto report_shape = [&] {
    reader.report(ProblemLevel::error, "a source is a map with one field, its kind: 'file: {paths: [/path/to/file]}'");
  };
  if (entry.entries.size() != 1) {
    report_shape();
    return std::nullopt;
  }
  const auto& [key, value] = entry.entries.front();
  const auto* kind = kind_named(key.text);
  if (kind == nullptr) {
    report_unknown_kind(key, file, problems);
    return std::nullopt;
  }
  YamlValue map = value;
  if (map.kind == YamlValue::Kind::null) {  // "stdin:" alone
    if (needs_options(*kind)) {
      report_shape();
      return std::nullopt;
    }
    map.kind = YamlValue::Kind::map;
  }
  YamlMapReader fields(map, fmt::format("source '{}'", kind->name), file, problems);
  SourceEntry source{std::string(kind->name), kind->read(fields, claims)};
  for (auto& claim : claims) {
    if (claim.line == 0) claim.line = key.line;
  }
  read_common(fields);
  fields.finish(ProblemLevel::error);
  return source;
}

bool reads_kernel_log(const SourceEntry& entry) {
  if (entry.kind == "kernel") return true;
  const auto* journal = std::any_cast<JournalOptions>(&entry.options);
  if (journal == nullptr) return false;
  const bool reads_all = journal->units.empty() && journal->identifiers.empty();
  return reads_all || std::ranges::count(journal->identifiers, "kernel") > 0;
}

bool matches_own_file(const SourceEntry& entry, const std::string& path) {
  std::vector<std::string> globs;
  if (const auto* files = std::any_cast<FollowedSource>(&entry.options)) globs = files->globs;
  if (const auto* logs = std::any_cast<ContainerLogs>(&entry.options)) globs = logs->globs;
  if (matches_any(path, globs)) return true;
  const OwnFiles own({path});
  const auto matched = match_globs(globs).paths;
  return std::ranges::any_of(matched, [&](const auto& each) { return own.find(each) != nullptr; });
}

Result<std::vector<MadeSource>> make_sources(const std::vector<SourceEntry>& entries, const SourceOrigin& origin) {
  std::vector<MadeSource> made;
  for (const auto& kind : kinds) {
    std::vector<std::size_t> indices;
    for (std::size_t index = 0; index < entries.size(); ++index) {
      if (entries[index].kind != kind.name) continue;
      indices.push_back(index);
      if (kind.sharing == Sharing::all) continue;
      if (auto added = add_source(kind, entries, std::exchange(indices, {}), origin, made); !added)
        return added.error();
    }
    if (indices.empty()) continue;
    if (auto added = add_source(kind, entries, std::move(indices), origin, made); !added) return added.error();
  }
  return made;
}

std::vector<PathWithoutFile> paths_without_file(const SourceEntry& entry) {
  std::vector<PathWithoutFile> missing;
  const auto* followed = std::any_cast<FollowedSource>(&entry.options);
  for (std::size_t i = 0; followed != nullptr && i < followed->places.size(); ++i) {
    const auto& glob = followed->globs[i];
    std::error_code ignored;
    auto why = why_nothing_at(glob);
    if (std::filesystem::is_directory(glob, ignored)) why = "this is a folder: write /path/to/it/*.log";
    if (!why.empty()) missing.push_back({followed->places[i].line, followed->places[i].column, std::move(why)});
  }
  return missing;
}

}  // namespace triaged::sources
