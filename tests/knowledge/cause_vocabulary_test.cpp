#include "knowledge/model/cause_vocabulary.hpp"

#include <set>

#include <gtest/gtest.h>

namespace triaged::knowledge {
namespace {

TEST(CauseVocabulary, GivesAMeaningToEachSlugOnce) {
  std::set<std::string_view> slugs;
  for (const auto& cause : known_causes()) {
    EXPECT_TRUE(slugs.insert(cause.slug).second) << cause.slug;
    EXPECT_FALSE(cause.meaning.empty()) << cause.slug;
    EXPECT_EQ(cause.meaning.find('\n'), std::string_view::npos) << cause.slug;
  }
  EXPECT_EQ(slugs.size(), 232u);
}

TEST(CauseVocabulary, FindsACauseByItsSlug) {
  ASSERT_NE(cause_named("oom-kill"), nullptr);
  EXPECT_EQ(cause_named("oom-kill")->meaning, "the kernel killed the worker for memory (the pid agrees)");
  EXPECT_EQ(cause_named("gremlins"), nullptr);
}

}  // namespace
}  // namespace triaged::knowledge
