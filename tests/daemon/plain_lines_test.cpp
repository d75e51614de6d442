#include "daemon/plain_lines.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

namespace triaged::daemon {
namespace {

using formats::Format;
using testing::HasSubstr;

class PlainLine : public testing::Test {
 protected:
  PlainLine() : before_(spdlog::default_logger()) {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(said);
    sink->set_pattern("%v");
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
  }
  ~PlainLine() override { spdlog::set_default_logger(before_); }

  static LineBatch batch_of(const std::string& stream, const std::string& text) {
    LineBatch batch;
    batch.source_name = batch.cursor.stream = stream;
    batch.bytes = text;
    return batch;
  }

  void add(const LineBatch& batch, std::uint64_t plain, std::uint64_t others, bool has_findings = false) {
    const auto before = lines;
    lines[static_cast<std::size_t>(Format::text)] += plain;
    lines[static_cast<std::size_t>(Format::nginx_error)] += others;
    if (watch.add(batch, before, lines, has_findings))
      watch.tell(batch, {.source_name = batch.source_name}, *formats::usual_redactor());
  }

  std::ostringstream said;
  LinesByFormat lines{};
  PlainLines watch{{"file", "journald"}};

 private:
  std::shared_ptr<spdlog::logger> before_;
};

const std::string orders = "order 17 was placed\norder 18 was placed\n";

TEST_F(PlainLine, IsSaidOnceOfALogOfWhichNoLineIsRecognised) {
  add(batch_of("/var/log/shop.log", orders), 60, 0);
  EXPECT_EQ(said.str(), "");
  add(batch_of("/var/log/shop.log", orders), 60, 0);
  const std::string warning =
      "0 of the first 120 lines of /var/log/shop.log recognised: they look like no known format: \"order 18 was "
      "placed\"\n";
  EXPECT_EQ(said.str(), warning);
  add(batch_of("/var/log/shop.log", orders), 500, 0);
  EXPECT_EQ(said.str(), warning);
}

TEST_F(PlainLine, IsNotSaidOfALogThatIsUnderstood) {
  add(batch_of("mostly.log", orders), 80, 40);
  add(batch_of("found.log", orders), 20, 0, true);
  add(batch_of("found.log", orders), 200, 0);
  auto journal = batch_of("journal", orders);
  journal.envelopes.push_back({.stream = "cron.service/cron"});
  add(journal, 200, 0);
  EXPECT_EQ(said.str(), "");
}

TEST_F(PlainLine, IsSaidOfTenLogsOfASourceAtMost) {
  for (int i = 0; i < 30; ++i) add(batch_of("log " + std::to_string(i), orders), 100, 0);
  EXPECT_THAT(said.str(), HasSubstr("lines of log 9 recognised"));
  EXPECT_THAT(said.str(), testing::Not(HasSubstr("log 10")));
  EXPECT_THAT(said.str(), testing::EndsWith("further logs of this source that are not recognised are only counted "
                                            "(triaged_plain_lines_total)\n"));
}

TEST_F(PlainLine, IsCountedByEntryOfTheSources) {
  add(batch_of("a.log", orders), 7, 2);
  const auto metric = watch.metric();
  EXPECT_EQ(metric.name, "triaged_plain_lines_total");
  ASSERT_EQ(metric.values.size(), 2u);
  EXPECT_EQ(metric.values[0].labels, (decltype(metric.values[0].labels){{"entry", "1"}, {"kind", "file"}}));
  EXPECT_EQ(metric.values[0].value, 7);
  EXPECT_EQ(metric.values[1].value, 0);
}

}  // namespace
}  // namespace triaged::daemon
