// Thousands of rule files take half a second to parse, and seldom change between starts. This keeps the rules that they
// came to, by the file's path, size and time of change. Used inside knowledge/ only.
//
// The whole cache belongs to one build of the program and one Hyperscan; anything else starts it anew.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "knowledge/dialects/rule_files.hpp"
#include "knowledge/model/rule_bytes.hpp"

namespace triaged::knowledge {

/// find() may be called by any number of threads; keep() by one, afterwards.
class RuleCache {
 public:
  /// Reads `file`; what is missing or not understood is an empty cache. An empty path: no cache.
  explicit RuleCache(std::filesystem::path file);

  [[nodiscard]] std::optional<RulesOfFile> find(const std::string& path, const FileStamp& stamp) const;

  struct Entry {
    std::string path;
    FileStamp stamp;
    const RulesOfFile* file = nullptr;
  };
  /// Adds these to what the file holds; what has changed since it was kept is dropped. Nothing is written when all of
  /// them are there already.
  void keep(const std::vector<Entry>& entries) const;

 private:
  struct Kept {
    FileStamp stamp;
    std::string_view bytes;  // into bytes_
  };
  void read();

  std::filesystem::path file_;
  std::string bytes_;
  std::unordered_map<std::string_view, Kept> kept_;
};

}  // namespace triaged::knowledge
