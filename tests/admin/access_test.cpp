#include "admin/access.hpp"

#include <gtest/gtest.h>

namespace triaged::admin {
namespace {

class AdminAccessRules : public testing::Test {
 protected:
  /// The status of the refusal; 0: it may go on.
  unsigned status(std::string method, std::map<std::string, std::string> headers) {
    headers.try_emplace("host", access.address.text());
    const auto refused = refusal({.method = std::move(method), .path = "/", .headers = std::move(headers)}, access);
    return refused ? refused->status : 0;
  }

  AdminAccess access;
};

TEST_F(AdminAccessRules, LetThisMachineReadAndChange) {
  EXPECT_EQ(status("GET", {}), 0u);
  EXPECT_EQ(status("POST", {}), 0u);
  EXPECT_EQ(status("GET", {{"host", "localhost:9321"}}), 0u);
  EXPECT_EQ(status("GET", {{"host", "LocalHost"}}), 0u);
  EXPECT_EQ(status("GET", {{"host", "[::1]:9321"}}), 0u);
}

TEST_F(AdminAccessRules, RefuseANameThatWasBoundToThisMachine) {
  EXPECT_EQ(status("GET", {{"host", "evil.example:9321"}}), 421u);
  EXPECT_EQ(status("GET", {{"host", ""}}), 421u);
  EXPECT_EQ(status("GET", {{"host", "localhost.evil.example"}}), 421u);
}

TEST_F(AdminAccessRules, RefuseChangesFromPagesOfOtherSites) {
  EXPECT_EQ(status("POST", {{"origin", "http://127.0.0.1:9321"}}), 0u);
  EXPECT_EQ(status("POST", {{"origin", "http://evil.example"}}), 403u);
  EXPECT_EQ(status("POST", {{"origin", "null"}}), 403u);
  EXPECT_EQ(status("POST", {{"origin", "http://127.0.0.1:8080"}}), 403u);
  EXPECT_EQ(status("POST", {{"sec-fetch-site", "same-origin"}}), 0u);
  EXPECT_EQ(status("POST", {{"sec-fetch-site", "none"}}), 0u);
  EXPECT_EQ(status("POST", {{"sec-fetch-site", "cross-site"}}), 403u);
  EXPECT_EQ(status("POST", {{"sec-fetch-site", "same-site"}}), 403u);
  EXPECT_EQ(status("GET", {{"sec-fetch-site", "cross-site"}}), 0u);
}

TEST_F(AdminAccessRules, WantATokenForChangesWhereOthersCanAsk) {
  access = {.address = {.host = "0.0.0.0", .port = 9321}, .token = "0123456789abcdef"};
  EXPECT_EQ(status("GET", {{"host", "triaged.example"}}), 0u);
  EXPECT_EQ(status("POST", {}), 401u);
  EXPECT_EQ(status("POST", {{"authorization", "Bearer 0123456789abcdef"}}), 0u);
  EXPECT_EQ(status("POST", {{"authorization", "Bearer 0123456789abcdeF"}}), 401u);
  EXPECT_EQ(status("POST", {{"authorization", "Bearer 0123456789abcdef0"}}), 401u);
  EXPECT_EQ(status("POST", {{"authorization", "0123456789abcdef"}}), 401u);
  EXPECT_EQ(status("POST", {{"authorization", "Bearer 0123456789abcdef"}, {"origin", "http://evil.example"}}), 403u);
  access.token.clear();
  EXPECT_EQ(status("POST", {{"authorization", "Bearer "}}), 401u);
}

}  // namespace
}  // namespace triaged::admin
