// triaged says nothing about what it wrote itself, however that comes back to it. The diagnosis quoted in the lines is
// what `triaged run` prints, and what its syslog sink sends.
#include "formats/own_lines.hpp"

#include <gtest/gtest.h>

#include "formats/line_reader.hpp"

namespace triaged::formats {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint read_near{1'800'000'000s};
const std::string quoted_line =
    "2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to "
    "upstream, client: 127.0.3.235, server: shop.example.com, request: \"GET / HTTP/1.1\", upstream: "
    "\"http://127.0.0.1:8003/\", host: \"shop.example.com\"";

class OwnLines : public testing::Test {
 protected:
  ReadLine& read(const std::string& line, const Envelope* envelope = nullptr) {
    text_ = line;
    reader_.read(text_, read_, 1, envelope);
    return read_;
  }
  void expect_own(const std::string& line, const Envelope* envelope = nullptr) {
    const auto& own = read(line, envelope);
    EXPECT_TRUE(own.is_own) << line;
    EXPECT_EQ(own.message, "") << line;
    EXPECT_TRUE(own.fields.empty()) << line;
    EXPECT_FALSE(own.is_silenced) << line;
  }
  void expect_others(const std::string& line, const Envelope* envelope = nullptr) {
    const auto& other = read(line, envelope);
    EXPECT_FALSE(other.is_own) << line;
    EXPECT_EQ(other.format, Format::nginx_error) << line;
    EXPECT_NE(other.message, "") << line;
  }

  std::string text_;
  ReadLine read_;
  LineReader reader_{{.source_name = "syslog", .zone = {0s}, .reference = read_near}};
};

TEST_F(OwnLines, AreThoseWithANameThatASinkGivesIt) {
  const std::string line = "Nov 21 01:15:49 web1 watch[77]: " + quoted_line;
  const Envelope journal{.program = "watch", .stream = "watch"};
  expect_others(line);
  expect_others(quoted_line, &journal);
  reader_ = LineReader({.source_name = "syslog",
                        .zone = {0s},
                        .reference = read_near,
                        .own_programs = std::make_shared<const std::vector<std::string>>(1, "watch")});
  expect_own(line);
  expect_own(quoted_line, &journal);
  expect_own("Nov 21 01:15:49 web1 triaged[77]: " + quoted_line);
  expect_others("Nov 21 01:15:49 web1 watchdog[77]: " + quoted_line);
}

TEST_F(OwnLines, AreThoseWithItsNameInASyslogHeader) {
  expect_own("Nov 21 01:15:49 web1 triaged[77]: " + quoted_line);
  expect_own("2026-11-21T01:15:49.000000+00:00 web1 triaged[77]: " + quoted_line);
  expect_own("<27>Nov 21 01:15:49 triaged[77]: " + quoted_line);
  expect_own("<27>1 2026-11-21T01:15:49.000Z web1 triaged 77 - [triaged@32473 id=\"a\"] " + quoted_line);
  expect_others("Nov 21 01:15:49 web1 nginx: " + quoted_line);
  expect_others("Nov 21 01:15:49 web1 triaged-app[77]: " + quoted_line);
}

TEST_F(OwnLines, GoOnInIndentedLinesBehindTheHeader) {
  expect_own("Nov 21 01:15:49 web1 triaged[77]: 127.0.0.1:8003 refuses connections");
  expect_own("                            01:15:46 nginx: " + quoted_line);
  expect_own("\t" + quoted_line);
  expect_others("Nov 21 01:15:50 web1 nginx: " + quoted_line);
  EXPECT_FALSE(read("    " + quoted_line).is_own) << "behind nginx";
}

TEST_F(OwnLines, GoOnBehindARestart) {
  expect_own("Nov 21 01:15:49 web1 triaged[77]: 127.0.0.1:8003 refuses connections");
  LineReader next({.source_name = "syslog", .zone = {0s}, .reference = read_near});
  next.restore(reader_.state());
  reader_ = std::move(next);
  expect_own("    " + quoted_line);
}

TEST_F(OwnLines, AreThoseOfItsJournalEntriesAndUnit) {
  expect_own(R"({"SYSLOG_IDENTIFIER":"triaged","_PID":"77","MESSAGE":"2026/11/21 01:15:46 [error] 1851#1851: *115 )"
             R"(connect() failed (111: Connection refused) while connecting to upstream"})");
  expect_own(R"({"SYSLOG_IDENTIFIER":"sh","_SYSTEMD_UNIT":"triaged.service","MESSAGE":"2026/11/21 01:15:46 [error] )"
             R"(1851#1851: *115 connect() failed (111: Connection refused) while connecting to upstream"})");
  EXPECT_FALSE(read(R"({"SYSLOG_IDENTIFIER":"nginx","_SYSTEMD_UNIT":"nginx.service","MESSAGE":"2026/11/21 01:15:46 )"
                    R"([error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to )"
                    R"(upstream"})")
                   .is_own);
}

TEST_F(OwnLines, AreThoseOfItsContainer) {
  expect_own("triaged-1  | " + quoted_line);
  expect_own("[pod/web-7d9f/triaged] " + quoted_line);
  expect_others("web-1      | " + quoted_line);
  expect_others("[pod/triaged-7d9f/web] " + quoted_line);
}

TEST_F(OwnLines, AreThoseOfWhichTheTransportSaysSo) {
  const Envelope own{.is_own = true}, unit{.unit = "triaged.service"}, program{.program = "triaged"},
      container{.container = "shop-triaged-1"}, other{.program = "nginx", .unit = "nginx.service", .container = "web"};
  for (const auto* envelope : {&own, &unit, &program, &container}) {
    expect_own(quoted_line, envelope);
    expect_own("    01:15:46 nginx: refused", envelope);
    expect_own("2026-11-21T01:15:49.123456789Z stdout F " + quoted_line, envelope);
  }
  expect_others(quoted_line, &other);
}

TEST_F(OwnLines, LeaveOtherLinesAsTheyAre) {
  expect_own("Nov 21 01:15:49 web1 triaged[77]: " + quoted_line);
  expect_others(quoted_line);
  EXPECT_EQ(read_.field("upstream"), "127.0.0.1:8003");
  EXPECT_EQ(read_.disowned_bytes, 0u);
  EXPECT_EQ(read_.doubt.bytes, 0u);
}

/// A client who writes such a header into a path does not take the line out of nginx's record.
TEST_F(OwnLines, AreNoneWhereAClientMayHaveWrittenTheHeader) {
  (void)read(R"(2026/11/29 20:12:08 [error] 7#7: *1 open() "/srv/www/static/x)");
  const std::string forged = "Nov 29 20:12:08 web1 triaged[77]: y";
  EXPECT_FALSE(read(forged).is_own);
  EXPECT_EQ(read_.message, "");
  const auto& end =
      read(forged + R"(" failed (2: No such file or directory), client: 9.9.9.9, server: a, request: "GET )"
                    R"(/x HTTP/1.1", host: "a")");
  EXPECT_FALSE(end.is_own);
  EXPECT_EQ(end.format, Format::nginx_error);
  EXPECT_EQ(end.message, "");
}

TEST(OwnUnit, IsTriagedsAndEachOfItsInstances) {
  EXPECT_TRUE(is_own_unit("triaged.service"));
  EXPECT_TRUE(is_own_unit("triaged@shop.service"));
  for (const auto* unit :
       {"", "triaged", "triaged.timer", "nginx.service", "triaged-web.service", "xtriaged.service"}) {
    EXPECT_FALSE(is_own_unit(unit)) << unit;
  }
}

TEST(OwnContainer, IsOneOfThatNameAlsoWithTheNumberOfCompose) {
  for (const auto* name :
       {"triaged", "triaged-1", "triaged_12", "shop-triaged-1", "shop_triaged_1", "my-shop-triaged-2"}) {
    EXPECT_TRUE(is_own_container(name)) << name;
  }
  for (const auto* name : {"", "1", "-1", "triaged-", "triaged1", "untriaged-1", "shop-triaged", "triaged-web-1",
                           "shop_triaged-1", "web-1"}) {
    EXPECT_FALSE(is_own_container(name)) << name;
  }
}

}  // namespace
}  // namespace triaged::formats
