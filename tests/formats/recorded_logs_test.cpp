// Reads logs that real servers wrote, when they lie beside the sources, and asks that each kind is recognised.
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

const std::filesystem::path recorded_logs = TRIAGED_SOURCE_DIR "/../shared/corpus";

/// Lines of all files with one name: how many there are of each format.
std::map<std::string, int, std::less<>> count_formats(const std::string& file_name) {
  std::map<std::string, int, std::less<>> counts;
  for (const auto& folder : std::filesystem::directory_iterator(recorded_logs)) {
    std::ifstream file(folder.path() / file_name, std::ios::binary);
    LogLines lines(file_name);
    for (std::string line; std::getline(file, line);) {
      if (line.ends_with('\r')) line.pop_back();
      lines.read(line);
      ++counts[std::string(lines.format())];
      ++counts["all"];
    }
  }
  return counts;
}

struct Kind {
  std::string file_name;
  std::vector<std::string> formats;  // that its lines have
  double share;                      // of them in all lines, at least
};

std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.file_name; }

class RecordedLogs : public testing::TestWithParam<Kind> {};

TEST_P(RecordedLogs, AreRecognised) {
  if (!std::filesystem::exists(recorded_logs)) {
    GTEST_SKIP() << "NO RECORDED LOGS AT " << recorded_logs << ": nothing was compared with what real servers write";
  }
  const auto counts = count_formats(GetParam().file_name);
  ASSERT_GT(counts.at("all"), 0);
  int recognised = 0;
  for (const auto& format : GetParam().formats) {
    const auto count = counts.find(format);
    ASSERT_NE(count, counts.end()) << "no line is " << format;
    recognised += count->second;
  }
  EXPECT_GE(recognised, GetParam().share * counts.at("all"));
}

// Of Gunicorn's lines one twentieth is the configuration that it prints when it is told to log for debugging.
INSTANTIATE_TEST_SUITE_P(Kind, RecordedLogs,
                         testing::Values(Kind{"nginx-access.log", {"nginx.access"}, 1},
                                         Kind{"nginx-access.json.log", {"nginx.access"}, 1},
                                         Kind{"nginx-error.log", {"nginx.error"}, 1},
                                         Kind{"nginx-stderr.log", {"nginx.error"}, 1},
                                         Kind{"haproxy.log", {"haproxy.http", "haproxy.tcp", "haproxy.event"}, 1},
                                         Kind{"haproxy.trad.log", {"haproxy.http", "haproxy.tcp", "haproxy.event"}, 1},
                                         Kind{"haproxy.raw", {"haproxy.http", "haproxy.tcp", "haproxy.event"}, 1},
                                         Kind{"haproxy-stderr.log", {"haproxy.event"}, 0.95},
                                         Kind{"gunicorn-access.log", {"gunicorn.access"}, 1},
                                         Kind{"gunicorn-error.log", {"gunicorn.error", "python.traceback"}, 0.95},
                                         Kind{"kernel.log", {"kernel"}, 1}, Kind{"kernel.dmesg.log", {"kernel"}, 1},
                                         Kind{"kernel.raw", {"kernel"}, 1}, Kind{"php-fpm.log", {"php-fpm"}, 1},
                                         Kind{"uwsgi.log", {"uwsgi"}, 0.8}, Kind{"app.log", {"text"}, 1}));

TEST(RecordedForgery, LeavesNoFailureBehind) {
  const auto path = recorded_logs / "neg-nginx-log-forgery-newline" / "nginx-error.log";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "NO RECORDED LOGS AT " << recorded_logs;
  std::ifstream file(path);
  LogLines lines("nginx-error.log");
  int spoken = 0;
  for (std::string line; std::getline(file, line);) {
    lines.read(line);
    EXPECT_TRUE(lines.message().empty() || lines.message() == "open() \"\"") << lines.message();
    spoken += lines.message().empty() ? 0 : 1;
  }
  EXPECT_EQ(spoken, 1);  // the first; the heads of the others stand where a forged record may reach
}

}  // namespace
}  // namespace triaged::formats
