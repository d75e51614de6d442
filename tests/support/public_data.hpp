// The public rule sets and the corpus of recorded failures, which are too large for this repository: ../shared beside
// the checkout. Tests that need them say loudly that they were skipped when it is not there.
#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace triaged {

inline std::filesystem::path shared_folder() { return std::filesystem::path(TRIAGED_SOURCE_DIR) / ".." / "shared"; }
inline std::filesystem::path canons_folder() { return shared_folder() / "data" / "deadends" / "canons"; }
inline std::filesystem::path corpus_folder() { return shared_folder() / "corpus"; }

}  // namespace triaged

#define SKIP_WITHOUT(folder) \
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "NOT TESTED: there is no " << (folder).string()
