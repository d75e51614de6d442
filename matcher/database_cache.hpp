// Compiled databases on disk: compiling thousands of patterns takes many seconds, reading the result some milliseconds.
// A file is found by what it was compiled from (patterns, flags, Hyperscan's version, this processor's features), so it
// is never stale; one that is broken is reported and compiled anew. Several processes may share a folder: a file is
// written beside its place and renamed into it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "matcher/hyperscan.hpp"

namespace triaged::matcher {

class DatabaseCache {
 public:
  /// What could not be read or written; called on the thread that compiles.
  using Report = std::function<void(const Problem&)>;

  /// An empty `folder`: nothing is found and nothing kept. The folder is made when something is kept.
  DatabaseCache(std::filesystem::path folder, Report report);

  [[nodiscard]] std::optional<CompiledPatterns> find(const std::vector<HyperscanPattern>& patterns) const;
  /// True when find() would at least find a file.
  [[nodiscard]] bool has(const std::vector<HyperscanPattern>& patterns) const;
  void keep(const std::vector<HyperscanPattern>& patterns, const CompiledPatterns& compiled) const;

 private:
  [[nodiscard]] std::filesystem::path path_of(const std::vector<HyperscanPattern>& patterns) const;
  void drop_unused() const;

  std::filesystem::path folder_;
  Report report_;
};

}  // namespace triaged::matcher
