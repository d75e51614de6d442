// The kind `journald`: its options in the configuration, and the source of one entry.
#pragma once

#include <any>
#include <memory>
#include <string>
#include <vector>

#include "base/options.hpp"
#include "base/result.hpp"
#include "sources/claims.hpp"
#include "sources/source.hpp"

namespace triaged::sources {

struct SourceOrigin;

struct JournalOptions {
  enum class Start {
    checkpoint,  // where the last run stopped; a journal that was never read is read from its first entry
    end,         // where the last run stopped; of a journal that was never read only what comes
  };

  std::string folder;                    // with the files of a journal; empty: the journal of this host
  std::vector<std::string> units;        // with their suffix: "gunicorn.service"
  std::vector<std::string> identifiers;  // entries of either are read; both empty: all
  Start start = Start::end;
};

[[nodiscard]] std::vector<OptionFacts> journal_options();
/// JournalOptions.
[[nodiscard]] std::any read_journal_options(YamlMapReader& fields, Claims& claims);
/// `options` are those of one entry.
[[nodiscard]] Result<std::unique_ptr<Source>> make_journal_source(const std::vector<std::any>& options,
                                                                  const SourceOrigin& origin);

}  // namespace triaged::sources
