// The rules that are shipped, loaded and compiled once a process, and lines to try them on.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "knowledge/dialects/load_rules.hpp"
#include "matcher/signature_set.hpp"

namespace triaged {

struct ShippedRules {
  std::shared_ptr<const knowledge::RuleSet> rules;
  std::shared_ptr<const matcher::SignatureSet> signatures;
};

inline const ShippedRules& shipped() {
  static const ShippedRules knowledge = [] {
    auto loaded = knowledge::load_rules({std::filesystem::path(TRIAGED_SOURCE_DIR) / "rules"});
    Problems problems;
    return ShippedRules{loaded.rules, matcher::SignatureSet::compile(loaded.rules, problems)};
  }();
  return knowledge;
}

inline std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(std::move(line));
  return lines;
}

}  // namespace triaged
