#include "admin/form.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triaged::admin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Forms, AreReadWithWhatIsEncodedInThem) {
  EXPECT_THAT(*form_fields("worked=1&failed=take+it+out%21&worked="),
              ElementsAre(Pair("worked", "1"), Pair("failed", "take it out!"), Pair("worked", "")));
  EXPECT_THAT(*form_fields(""), IsEmpty());
  EXPECT_THAT(*form_fields("&&a"), ElementsAre(Pair("a", "")));
}

TEST(Forms, AreRefusedWhenAPercentSignStandsAlone) {
  for (const char* text : {"a=%", "a=%4", "a=%4g", "%zz=1"}) EXPECT_EQ(form_fields(text), std::nullopt) << text;
}

TEST(Paths, KeepTheirPlusSigns) {
  EXPECT_EQ(decoded("/a+b%2Fc", false), "/a+b/c");
  EXPECT_EQ(decoded("/%e4%bd%a0", false), "/你");
}

}  // namespace
}  // namespace triaged::admin
