#include "matcher/hyperscan.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace triaged::matcher {

namespace {

int collect(unsigned id, unsigned long long, unsigned long long, unsigned, void* ids) {
  static_cast<std::vector<unsigned>*>(ids)->push_back(id);
  return 0;
}

/// The fewest bytes that a text must have for `pattern` to match; 0 when Hyperscan does not say.
std::size_t shortest_match(const HyperscanPattern& pattern) {
  hs_expr_info_t* info = nullptr;
  hs_compile_error_t* failure = nullptr;
  const auto answer = hs_expression_info(pattern.text.c_str(), pattern.flags, &info, &failure);
  const HyperscanFailure owned(failure);
  const std::unique_ptr<hs_expr_info_t, decltype(&std::free)> owned_info(info, &std::free);
  return answer == HS_SUCCESS ? owned_info->min_width : 0;
}

}  // namespace

CompiledPatterns compile_patterns(const std::vector<HyperscanPattern>& patterns) {
  CompiledPatterns compiled;
  std::vector<std::size_t> kept(patterns.size());
  std::iota(kept.begin(), kept.end(), 0U);
  while (!kept.empty()) {
    std::vector<const char*> texts;
    std::vector<unsigned> flags, ids;
    for (const auto index : kept) {
      texts.push_back(patterns[index].text.c_str());
      flags.push_back(patterns[index].flags);
      ids.push_back(patterns[index].id);
    }
    hs_database_t* database = nullptr;
    hs_compile_error_t* failure = nullptr;
    const auto answer = hs_compile_multi(texts.data(), flags.data(), ids.data(), static_cast<unsigned>(kept.size()),
                                         HS_MODE_BLOCK, nullptr, &database, &failure);
    compiled.database.reset(database);
    const HyperscanFailure owned(failure);
    if (answer == HS_SUCCESS) break;
    // A failure without an expression is one of the whole set: report it on each and give up.
    if (owned == nullptr || owned->expression < 0) {
      for (const auto index : kept) {
        compiled.refused.push_back({index, owned == nullptr ? "out of memory" : owned->message});
      }
      break;
    }
    const auto at = static_cast<std::size_t>(owned->expression);
    compiled.refused.push_back({kept[at], owned->message});
    kept.erase(kept.begin() + owned->expression);
  }
  compiled.shortest = kept.empty() ? 0 : std::numeric_limits<std::size_t>::max();
  for (const auto index : kept) compiled.shortest = std::min(compiled.shortest, shortest_match(patterns[index]));
  return compiled;
}

void grow_scratch(HyperscanScratch& scratch, const hs_database_t* database) {
  if (database == nullptr) return;
  hs_scratch_t* grown = scratch.release();
  const auto answer = hs_alloc_scratch(database, &grown);
  scratch.reset(grown);
  if (answer == HS_SUCCESS) return;
  std::fputs("triaged: cannot allocate Hyperscan's scratch space: out of memory\n", stderr);
  std::abort();
}

void scan(const hs_database_t* database, std::string_view text, hs_scratch_t* scratch, std::vector<unsigned>& ids) {
  if (database == nullptr || text.empty()) return;
  // The sources cut lines far below this; a caller that does not gets the start of the line scanned.
  const auto length = std::min<std::size_t>(text.size(), std::numeric_limits<unsigned>::max());
  hs_scan(database, text.data(), static_cast<unsigned>(length), 0, scratch, collect, &ids);
}

}  // namespace triaged::matcher
