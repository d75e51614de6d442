#include "formats/nearest_format.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/model_lines.hpp"
#include "formats/record_reader.hpp"

namespace triaged::formats {
namespace {

/// "nginx.error to byte 28: 31473#31473: "
std::string nearest(std::string_view line) {
  const auto near = nearest_format(line);
  return near ? fmt::format("{} to byte {}: {}", name_of(near->format), near->stops_at, near->expected) : "none";
}

TEST(NearestFormat, KnowsAModelLineOfEachFormatThatItsReaderTakes) {
  for (const auto& model : model_lines) {
    const auto line = std::string(model.form).append(model.words);
    EXPECT_EQ(RecordReader({}).format_of(line), model.format) << line;
  }
}

TEST(NearestFormat, StopsWhereNginxWritesTheProcess) {
  EXPECT_EQ(nearest("2026/11/21 01:15:46 [error] *115 connect() failed (111: Connection refused) while connecting to "
                    "upstream, client: 127.0.0.1, server: shop.example.com"),
            "nginx.error to byte 28: 31473#31473: ");
}

TEST(NearestFormat, StopsWhereAnAccessLineGoesAnotherWay) {
  // log_format main '$remote_addr [$time_local] "$request" $status $body_bytes_sent $request_time';
  EXPECT_EQ(nearest(R"(127.0.2.39 [21/Nov/2026:01:13:19 +0000] "GET / HTTP/1.1" 200 333 0.004)"),
            "nginx.access to byte 11: - - [21/Nov/2026:01:13:19 +0000] \"GET /");
  // log_format main '$time_iso8601 $remote_addr $status "$request"';
  EXPECT_EQ(nearest(R"(2026-11-21T01:13:19+00:00 127.0.2.39 200 "GET / HTTP/1.1")"), "none");
}

TEST(NearestFormat, StopsWhereAFieldOfHaproxyIsMissing) {
  // option httplog, and a log-format without %Tr: four times in place of five
  EXPECT_EQ(nearest(R"(127.0.0.1:46120 [21/Nov/2026:01:08:52.386] web app/app1 0/0/0/4 200 521 - - ---- 1/1/0/0/0 0/0 )"
                    R"("GET / HTTP/1.1")"),
            "haproxy.http to byte 63: /4 200 521 - - ---- 1/1/0/0/0 0/0 \"GET /");
}

TEST(NearestFormat, SaysWhenTheLineIsOverTooSoon) {
  EXPECT_EQ(nearest(R"(10.0.0.1 - - [21/Nov/2026:01:13:19 +0000] "GET / HTTP/1.1" 200)"),
            "nginx.access to byte 62:  333 \"-\" \"python-requests/2.31.0\"");
}

TEST(NearestFormat, SaysNothingOfALineThatIsNearToNone) {
  EXPECT_EQ(nearest("2026-11-21 01:10:08,605 INFO shop.orders: order 17 was placed"), "none");
  EXPECT_EQ(nearest("listening on port 8080"), "none");
  EXPECT_EQ(nearest(""), "none");
}

}  // namespace
}  // namespace triaged::formats
