#include "values/saved_state.hpp"

#include <gtest/gtest.h>

namespace triaged {
namespace {

TEST(SavedState, IsFoundByTheNameOfItsKind) {
  for (const auto& [kind, name] : state_kinds) {
    EXPECT_EQ(name_of(kind), name);
    EXPECT_EQ(state_kind_named(name), kind) << "two kinds of one name";
  }
  EXPECT_EQ(state_kind_named("silence"), std::nullopt);
}

TEST(SavedState, IsNamedForAMessageByKindAndId) {
  EXPECT_EQ(to_text(StateKey{StateKind::usual_share, "e3b6f6aa"}), "usual share e3b6f6aa");
}

}  // namespace
}  // namespace triaged
