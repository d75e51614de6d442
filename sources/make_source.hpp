// From the `sources:` entries of the configuration to running sources. The table of source kinds is in make_source.cpp;
// each kind reads its own options in its own folder by a table (base/options.hpp).
#pragma once

#include <any>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.hpp"
#include "base/result.hpp"
#include "base/yaml.hpp"
#include "sources/claims.hpp"
#include "sources/source.hpp"

namespace triaged::sources {

/// One entry, read and checked. Opens nothing; may be copied.
struct SourceEntry {
  std::string kind;  // a name of the table in make_source.cpp
  std::any options;  // what that kind's `read` gave
};

/// Reads one entry, a map with one field: `{file: {paths: […]}}`. Options that every kind has are read by
/// `read_common`, for they are not this room's. nullopt after a problem was reported that leaves nothing to read.
[[nodiscard]] std::optional<SourceEntry> read_source(const YamlValue& entry, const std::string& file,
                                                     Problems& problems, Claims& claims,
                                                     const std::function<void(YamlMapReader&)>& read_common);

/// Each kind as a section of its own options.
[[nodiscard]] std::vector<OptionFacts> options_by_source_kind();

/// Whether the entry would follow the file that triaged writes at `path` (absolute), were it not left out: by its name
/// or by a link.
[[nodiscard]] bool matches_own_file(const SourceEntry& entry, const std::string& path);

/// Whether the kernel's own messages are read with the entry, however seldom one comes.
[[nodiscard]] bool reads_kernel_log(const SourceEntry& entry);

/// A path of an entry at which no file is now. It is not quoted, like every text of the configuration.
struct PathWithoutFile {
  unsigned line = 0, column = 0;  // in the configuration
  std::string why;                // "there is no such folder in /var/log; did you mean /var/log/nginx?"
};
[[nodiscard]] std::vector<PathWithoutFile> paths_without_file(const SourceEntry& entry);

/// What a source is made with.
struct SourceOrigin {
  const std::vector<Cursor>& checkpoint;  // of all sources: where the last run stopped
  bool has_lost_cursors = false;          // the ledger was damaged: what has no cursor may have been read nevertheless
  TimePoint now;
  KeptStates& kept;
  std::vector<std::string> own_files = {};  // absolute paths that this process writes: no source follows them
};

struct MadeSource {
  std::unique_ptr<Source> source;
  std::vector<std::size_t> entries;  // which entries of the configuration it reads, by their index
};

/// Makes the sources of all entries; entries of one kind may share one source. Fails when one cannot be made at all (no
/// descriptor is left); a log that is not there is no failure.
[[nodiscard]] Result<std::vector<MadeSource>> make_sources(const std::vector<SourceEntry>& entries,
                                                           const SourceOrigin& origin);

}  // namespace triaged::sources
