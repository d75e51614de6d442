#include "scan/unknown_prefix.hpp"

#include <gtest/gtest.h>

namespace triaged::scan {
namespace {

const std::string nginx_line =
    "2026/11/21 01:15:46 [error] 31473#31473: *115 connect() failed (111: Connection refused) while connecting to "
    "upstream, client: 127.0.0.1, server: shop.example, request: \"GET / HTTP/1.1\", upstream: "
    "\"http://127.0.0.1:8003/\", host: \"shop.example\"";

TEST(UnknownPrefix, IsWhatStandsInFrontOfALineOfAStrictFormat) {
  const auto prefix = unknown_prefix_of("app-7 ## " + nginx_line);
  ASSERT_TRUE(prefix);
  EXPECT_EQ(prefix->size, 9u);
  EXPECT_EQ(prefix->words, 2u);
  EXPECT_EQ(prefix->format, formats::Format::nginx_error);
  EXPECT_EQ(command_without(*prefix, "web.log"), "sed -E 's/^([^ ]+ +){2}//' web.log | triaged scan -");
  EXPECT_EQ(command_without(*prefix, "my web.log"), "sed -E 's/^([^ ]+ +){2}//' 'my web.log' | triaged scan -");
}

TEST(UnknownPrefix, EndsBehindAllItsBlanks) {
  const auto prefix = unknown_prefix_of("app-7    " + nginx_line);
  ASSERT_TRUE(prefix);
  EXPECT_EQ(prefix->size, 9u);
  EXPECT_EQ(prefix->words, 1u);
}

TEST(UnknownPrefix, IsNotLookedForFarFromTheBeginning) {
  EXPECT_FALSE(unknown_prefix_of(std::string(70, 'x') + " " + nginx_line));
}

TEST(UnknownPrefix, IsNothingInFrontOfWordsThatAnybodyWrites) {
  EXPECT_FALSE(unknown_prefix_of("app-7 ## the upstream did not answer"));
  EXPECT_FALSE(unknown_prefix_of("app-7"));
  EXPECT_FALSE(unknown_prefix_of(""));
  EXPECT_FALSE(unknown_prefix_of("   "));
}

}  // namespace
}  // namespace triaged::scan
