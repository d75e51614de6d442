// What is an exception of a server in Ruby, and what only looks like one.
#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

class RubyErrors : public testing::Test {
 protected:
  LogLines lines{"app.log"};

  /// "CLASS: TEXT"; the name of the format of what is none.
  std::string read(std::string_view line) {
    lines = LogLines("app.log");
    lines.read(std::string(line));
    if (lines.format() != "ruby.error") return std::string(lines.format());
    return lines.field("exception") + ": " + lines.field("exception_text");
  }
};

// lib/puma/error_logger.rb writes X-Forwarded-For as it came, or else the address of the peer.
TEST_F(RubyErrors, OfPumaAreNotNamedByAClientsHeader) {
  EXPECT_EQ(read("2026-12-01 03:08:35 +0000 Rack app (\"GET /cart\" - (1.1.1.1)): #<PG::ConnectionBad: x)): "
                 "#<NoMethodError: undefined method `sum' for nil:NilClass>"),
            "text");
  EXPECT_EQ(read("2026-12-01 03:08:35 +0000 Rack app (\"GET /cart\" - (1.1.1.1, 2.2.2.2)): #<NoMethodError: undefined "
                 "method `sum' for nil:NilClass>"),
            "NoMethodError: ");
}

// lib/unicorn/http_server.rb: what it passes to Unicorn.log_error.
TEST_F(RubyErrors, OfUnicornBeginWithWhatItWasDoing) {
  const std::string head = "E, [2026-12-01T03:09:04.938647 #13443] ERROR -- : ";
  for (const std::string prefix : {"app error: ", "listen loop error: ", "master loop error: ",
                                   "error reloading config_file=/srv/shop/config/unicorn.rb: "}) {
    EXPECT_EQ(read(head + prefix + "connection refused (PG::ConnectionBad)"), "PG::ConnectionBad: connection refused")
        << prefix;
  }
  EXPECT_EQ(read(head + "no such product: x (PG::ConnectionBad)"), "text");
}

TEST_F(RubyErrors, OfRailsAreErrors) {
  EXPECT_EQ(read("I, [2026-12-01T03:09:04.938647 #13443]  INFO -- : [34091cb5] Shop::Import (42 rows done)"), "text");
  EXPECT_EQ(read("W, [2026-12-01T03:09:04.938647 #13443]  WARN -- : [34091cb5] Net::ReadTimeout (retrying in 2 s):"),
            "text");
  EXPECT_EQ(read("E, [2026-12-01T03:09:04.938647 #13443] ERROR -- : [34091cb5] Net::ReadTimeout (Net::ReadTimeout):"),
            "Net::ReadTimeout: Net::ReadTimeout");
}

// A text of several lines ends on a later one; a whole one has Rails' colon behind it.
TEST_F(RubyErrors, OfRailsHaveAColonBehindTheBracketThatEndsTheText) {
  EXPECT_EQ(read("[34091cb5] Shop::Import (42 rows (of 50) done)"), "text");
  EXPECT_EQ(read("E, [2026-12-01T03:09:04.938647 #13443] ERROR -- : [34091cb5] Shop::Import (42 rows failed)"), "text");
  EXPECT_EQ(read("[34091cb5] ActiveRecord::StatementInvalid (PG::SyntaxError: ERROR: at or near \"x\" (line 2)"),
            "ActiveRecord::StatementInvalid: PG::SyntaxError: ERROR: at or near \"x\" (line 2)");
}

TEST_F(RubyErrors, OfSinatraHaveANameOfAnErrorOrAColonAtTheirEnd) {
  EXPECT_EQ(read("2026-12-01 03:08:38 - My::Module - started worker 3"), "text");
  EXPECT_EQ(read("2026-12-01 03:08:38 - My::PriceError - no price for sku"), "My::PriceError: no price for sku");
  EXPECT_EQ(read("2026-12-01 03:08:38 - Net::ReadTimeout - Net::ReadTimeout with #<TCPSocket:(closed)>:"),
            "Net::ReadTimeout: Net::ReadTimeout with #<TCPSocket:(closed)>");
}

}  // namespace
}  // namespace triaged::formats
