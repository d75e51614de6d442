// A rule file in a test: its text is read as load_rules reads it, and what was wrong comes out as lines of text.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "knowledge/dialects/load_rules.hpp"

namespace triaged {

inline std::vector<std::string> texts_of(const Problems& problems) {
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(to_text(problem));
  return texts;
}

inline std::string contents_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class RuleFileTest : public testing::Test {
 protected:
  std::vector<knowledge::Rule> read(std::string_view text, const std::string& file = "a.yaml") {
    problems_.clear();
    return knowledge::read_rule_file(text, file, problems_);
  }

  /// The one rule of a text that must be read without a word.
  knowledge::Rule read_one(std::string_view text, const std::string& file = "a.yaml") {
    auto rules = read(text, file);
    EXPECT_EQ(texts_of(problems_), std::vector<std::string>());
    return rules.size() == 1 ? std::move(rules.front()) : knowledge::Rule{};
  }

  /// The complaints about a text.
  std::vector<std::string> complaints_about(std::string_view text, const std::string& file = "a.yaml") {
    static_cast<void>(read(text, file));
    return texts_of(problems_);
  }

  Problems problems_;
};

}  // namespace triaged
