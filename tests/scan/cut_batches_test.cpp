// Where a batch ends decides nothing: a client that forges lines behind a newline makes no diagnosis, and a program
// whose words stand there makes its own, wherever the lines are cut. The records are those of
// tests/formats/nginx_record_test.cpp, which nginx wrote for a decoded path.
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "matcher/matcher.hpp"
#include "sources/file/file_follower.hpp"
#include "tests/support/must.hpp"
#include "tests/support/shipped_rules.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::scan {
namespace {

const std::string broken = R"(2026/11/21 01:14:18 [error] 386#386: *115 open() "/srv/www/static/x" )";
const std::string looks_whole =
    R"(2026/11/21 01:14:18 [error] 386#386: *115 open() "/srv/www/static/x" failed (2: No such file or directory), client: 1.2.3.4, server: s, request: "GET / HTTP/1.1", host: "h")";
const std::string forged =
    R"(2026/11/21 01:14:18 [error] 4711#4711: *90 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http:/127.0.0.1:8000/", host: "shop.example.com")";
const std::string forged_exit = "2026/11/21 01:14:18 [alert] 1#1: worker process 12 exited on signal 9";
const std::string forged_kill =
    "2026-11-21T01:15:18+00:00 web1 kernel: Out of memory: Killed process 1459 (gunicorn) total-vm:1kB";
const std::string true_end =
    R"(" failed (2: No such file or directory), client: 127.0.1.66, server: shop.example.com, request: "GET /static/x%22%20%0A2026 HTTP/1.1", host: "shop.example.com")";
const std::string genuine =
    R"(2026/11/21 01:14:19 [error] 387#387: *116 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.7, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:8000/", host: "shop.example.com")";

using Lines = std::vector<std::string>;

const std::vector<Lines> forgeries = {
    {broken, forged, true_end},
    {broken, forged, forged_kill, forged_exit, true_end},
    {looks_whole, forged, true_end},
    {looks_whole, forged, forged, forged, true_end},
    {looks_whole, forged + true_end},
    {looks_whole, forged_exit, true_end},
    {looks_whole, forged_exit + true_end},
    {looks_whole, forged, forged_exit, true_end},
    {looks_whole, forged, forged.substr(0, forged.size() - 10) + "xxxx... (2: No such file or directory), client: 127"},
};

std::string text_of(const Lines& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  return text;
}

/// How often each rule fired, and on lines of which process.
using Told = std::map<std::string, std::uint64_t>;

class Reading {
 public:
  void read(const LineBatch& batch) {
    for (const auto& finding : matcher_.match(batch, reader_)) {
      std::visit([&](const auto& found) { take(found); }, finding);
    }
  }
  /// Bytes [begin, end) of `text` as a source gives them out.
  void read(const std::string& text, std::size_t begin, std::size_t end) {
    LineBatch batch;
    batch.source_name = "error.log";
    batch.bytes.reserve(end - begin + 64);
    batch.bytes = text.substr(begin, end - begin);
    batch.ahead.reserve(look_ahead_bytes + 64);
    batch.ahead = text.substr(end, look_ahead_bytes);
    for (std::size_t at = 0; at < batch.bytes.size();) {
      const auto newline = batch.bytes.find('\n', at);
      batch.lines.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(newline - at), begin + at});
      at = newline + 1;
    }
    read(batch);
  }

  void take(const Symptom& symptom) { add(symptom, 0, symptom.lines); }
  void take(const TermLine& line) { add(line, line.term, 1); }
  void take(const TermCount& count) { add(count, count.term, count.lines); }
  void take(const Answers& answers) { add(answers, 0, answers.lines); }
  void take(const UrlRequests& requests) { add(requests, requests.failed ? 1 : 2, requests.lines); }
  void take(const CoveredTime& /*covered*/) {}
  void add(const MatchedLine& line, std::uint32_t term, std::uint64_t lines) {
    told[fmt::format("{} {} {}", line.rule, term, line.field("upstream"))] += lines;
  }

  Told told;

 private:
  matcher::Matcher matcher_{shipped().signatures};
  formats::LineReader reader_{
      {.source_name = "error.log", .format = {}, .zone = {std::chrono::seconds(0)}, .reference = {}}};
};

Told told_of(const std::string& text, std::size_t cut) {
  Reading reading;
  if (cut > 0) reading.read(text, 0, cut);
  if (cut < text.size()) reading.read(text, cut, text.size());
  return reading.told;
}

TEST(CutBatches, TellWhatUncutOnesTell) {
  const auto only_genuine = told_of(text_of({genuine, genuine}), 0);
  EXPECT_FALSE(only_genuine.empty());
  for (const auto& forgery : forgeries) {
    auto lines = forgery;
    lines.insert(lines.begin(), genuine);
    lines.push_back(genuine);
    const auto text = text_of(lines);
    const auto uncut = told_of(text, 0);
    EXPECT_EQ(uncut.at(only_genuine.begin()->first), 2U) << text;
    for (auto cut = text.find('\n'); cut != std::string::npos; cut = text.find('\n', cut + 1)) {
      EXPECT_EQ(told_of(text, cut + 1), uncut) << "cut before\n" << text.substr(cut + 1);
    }
  }
}

TEST(CutBatches, TellOfAForgeryNoMoreThanOfTheRecordWithoutIt) {
  const auto record = told_of(text_of({looks_whole}), 0);
  for (const auto& forgery : forgeries) {
    for (const auto& [what, times] : told_of(text_of(forgery), 0)) {
      EXPECT_TRUE(record.contains(what)) << what << "\n" << text_of(forgery);
    }
  }
}

/// The file that is followed is larger than a batch, and each record stands across the end of one.
TEST(CutBatches, OfAFollowedFileTellWhatUncutOnesTell) {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "error.log").string();
  constexpr std::size_t batch_bytes = 4098;
  for (const auto& forgery : {forgeries[2], forgeries[3], forgeries[7]}) {
    const auto record = text_of(forgery);
    for (std::size_t before = 0; before < record.size(); before += 50) {
      const auto text = std::string(batch_bytes - before - 1, '-') + '\n' + record + text_of({genuine});
      std::ofstream(path, std::ios::binary) << text;
      const auto follower = must(sources::FileFollower::open(
          {.sources = {{.globs = {path}, .rotated = {}}}, .batch_bytes = batch_bytes, .longest_line = batch_bytes - 2},
          {}, TimePoint{}));
      Reading reading;
      std::size_t batches = 0;
      while (const auto batch = follower->next(TimePoint{})) {
        reading.read(*batch);
        ++batches;
      }
      EXPECT_GE(batches, 2U);
      EXPECT_EQ(reading.told, told_of(text, 0)) << before;
    }
  }
}

}  // namespace
}  // namespace triaged::scan
