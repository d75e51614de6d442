// Hyperscan's handles as owners, and the two calls that the matcher needs. For this room and cre/.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <hs/hs.h>

namespace triaged::matcher {

struct HyperscanFree {
  void operator()(hs_database_t* database) const noexcept { hs_free_database(database); }
  void operator()(hs_scratch_t* scratch) const noexcept { hs_free_scratch(scratch); }
  void operator()(hs_compile_error_t* failure) const noexcept { hs_free_compile_error(failure); }
};

using HyperscanDatabase = std::unique_ptr<hs_database_t, HyperscanFree>;
using HyperscanScratch = std::unique_ptr<hs_scratch_t, HyperscanFree>;
using HyperscanFailure = std::unique_ptr<hs_compile_error_t, HyperscanFree>;

struct HyperscanPattern {
  std::string text;
  unsigned flags = 0;
  unsigned id = 0;
};

struct CompiledPatterns {
  HyperscanDatabase database;  // null when no pattern is left
  std::size_t shortest = 0;    // no pattern matches a text of fewer bytes
  struct Refused {
    std::size_t index = 0;  // in what was given
    std::string reason;
  };
  std::vector<Refused> refused;
};

/// Compiles all patterns into one block-mode database, leaving out those that Hyperscan refuses.
[[nodiscard]] CompiledPatterns compile_patterns(const std::vector<HyperscanPattern>& patterns);

/// Makes `scratch` large enough for `database` too. Aborts the process when memory is out: nothing can run then.
void grow_scratch(HyperscanScratch& scratch, const hs_database_t* database);

/// Appends the ids of the patterns that match in `text`, each at most once when compiled with HS_FLAG_SINGLEMATCH.
void scan(const hs_database_t* database, std::string_view text, hs_scratch_t* scratch, std::vector<unsigned>& ids);

}  // namespace triaged::matcher
