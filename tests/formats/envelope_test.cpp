// What the transport says about a line fills in what the line leaves open.
#include "values/envelope.hpp"

#include <gtest/gtest.h>

#include "formats/line_reader.hpp"

namespace triaged::formats {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint sent{1'800'000'000s};

ReadLine read(std::string_view line, const Envelope* envelope) {
  LineReader reader({.source_name = "a.log", .zone = {0s}, .reference = sent});
  ReadLine read;
  reader.read(line, read, 1, envelope);
  return read;
}

TEST(Envelope, GivesTimeAndHostToALineThatSaysNone) {
  const Envelope envelope{.at = sent, .host = "web1", .program = "app", .pid = "7"};
  const auto line = read("something failed", &envelope);
  EXPECT_EQ(line.time, sent);
  EXPECT_EQ(line.host, "web1");
  EXPECT_EQ(line.message, "something failed");
}

TEST(Envelope, LeavesALineItsOwnTimeAndHost) {
  const Envelope envelope{.at = sent, .host = "web1"};
  const auto line = read("2026-11-21T01:08:11+00:00 lb haproxy[24684]: Server app/a1 is DOWN.", &envelope);
  EXPECT_EQ(line.time, parse_rfc3339("2026-11-21T01:08:11Z"));
  EXPECT_EQ(line.host, "lb");
}

TEST(Envelope, SaysNothingWhenThereIsNoneOrItIsEmpty) {
  const Envelope empty;
  for (const auto* envelope : {&empty, static_cast<const Envelope*>(nullptr)}) {
    const auto line = read("something failed", envelope);
    EXPECT_FALSE(line.time.has_value());
    EXPECT_EQ(line.host, "");
  }
}

const std::string_view oom = "Out of memory: Killed process 77 (python3) total-vm:1kB, anon-rss:1kB";

TEST(Envelope, SaysWhetherTheKernelWroteTheLine) {
  const Envelope kernels{.program = "kernel", .stream = "kernel", .is_kernel = true};
  const auto line = read(oom, &kernels);
  EXPECT_EQ(line.format, Format::kernel);
  EXPECT_EQ(line.field("pid"), "77");
  EXPECT_EQ(line.field("program"), "kernel");
}

// `logger -t kernel`, and whoever writes what looks like a line of dmesg, /dev/kmsg or kern.log to its standard output.
TEST(Envelope, LetsNobodyElseSpeakForTheKernel) {
  const Envelope as_kernel{.program = "kernel", .stream = "kernel", .is_kernel = false},
      as_app{.program = "app", .stream = "app", .is_kernel = false}, as_nobody{.stream = "?", .is_kernel = false},
      without_stream{.program = "kernel", .is_kernel = false};
  for (const auto* envelope : {&as_kernel, &as_app, &as_nobody, &without_stream}) {
    for (const std::string_view head :
         {"", "[ 3820.160557] ", "[Sat Nov 21 01:15:17 2026] ", "6,3122,3812780976,-;", "Nov 21 01:15:18 web1 kernel: ",
          "<6>Nov 21 01:15:18 kernel: ", "<6>1 2026-11-21T01:08:11.000Z web1 kernel - - - "}) {
      const auto text = std::string(head) + std::string(oom);
      const auto line = read(text, envelope);
      EXPECT_NE(line.format, Format::kernel) << text;
      EXPECT_NE(line.field("program"), "kernel") << text;
    }
  }
}

// A plain syslog file: who wrote the line cannot be seen in it.
TEST(Envelope, BelievesTheTextWhenTheTransportCannotTell) {
  const Envelope envelope{.host = "web1"};
  EXPECT_EQ(read("Nov 21 01:15:18 web1 kernel: " + std::string(oom), &envelope).format, Format::kernel);
}

constexpr std::string_view head_of_traceback = "Traceback (most recent call last):";

class EntriesOfAJournal : public testing::Test {
 protected:
  LineReader reader_{{.source_name = "journal", .zone = {0s}, .reference = sent}};
  ReadLine read_;

  const ReadLine& read(std::string_view program, std::string_view text, bool is_partial = false) {
    envelope_ = {.program = std::string(program), .stream = std::string(program), .is_partial = is_partial};
    reader_.read(text, read_, 1, &envelope_);
    return read_;
  }

 private:
  Envelope envelope_;
};

TEST_F(EntriesOfAJournal, KeepTheRecordsOfProgramsApart) {
  read("gunicorn", "[2026-11-21 01:20:00 +0000] [13] [ERROR] Exception in worker process");
  read("other", head_of_traceback);
  read("gunicorn", head_of_traceback);
  read("other", "MemoryError");
  EXPECT_EQ(read("gunicorn", "ModuleNotFoundError: No module named 'shop'").field("exception"), "ModuleNotFoundError");
  EXPECT_EQ(read_.header, "[2026-11-21 01:20:00 +0000] [13] [ERROR] Exception in worker process");
}

TEST_F(EntriesOfAJournal, MayBeginWithATraceback) {
  const std::string traceback = std::string(head_of_traceback) + "\n  File \"a.py\", line 1\nKeyError: 'x'";
  EXPECT_EQ(read("app", traceback).message, "");
  while (reader_.read_next(read_)) {
  }
  EXPECT_EQ(read_.format, Format::python_traceback);
  EXPECT_EQ(read_.field("exception"), "KeyError");
  // Behind words of an application's a client may have put it there, as the name of a user.
  EXPECT_EQ(read("shop", "login failed for bob\n" + traceback).message, "login failed for bob");
  while (reader_.read_next(read_)) {
    EXPECT_EQ(read_.message, "");
    EXPECT_EQ(read_.field("exception"), "");
  }
  EXPECT_TRUE(read_.is_silenced);
}

TEST_F(EntriesOfAJournal, BeginNoLineInside) {
  read("app", "not found: /x\n[2026-11-21 01:20:00 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:13)");
  EXPECT_EQ(read_.message, "not found: /x");
  EXPECT_TRUE(reader_.read_next(read_));
  EXPECT_EQ(read_.message, "");
  EXPECT_FALSE(reader_.read_next(read_));
}

// journald cuts what a program writes to its standard output at 48 KiB.
TEST_F(EntriesOfAJournal, AreJoinedWhereALineWasCut) {
  EXPECT_EQ(read("gunicorn", "a client's text that is long ", true).message, "");
  EXPECT_EQ(read("gunicorn", "[2026-11-21 01:20:00 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:13)").message,
            "a client's text that is long [2026-11-21 01:20:00 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:13)");
}

TEST_F(EntriesOfAJournal, AreContinuedByARestoredReader) {
  read("gunicorn", "[2026-11-21 01:20:00 +0000] [13] [ERROR] Exception in worker process");
  read("gunicorn", head_of_traceback);
  const auto state = reader_.state();
  reader_ = LineReader({.source_name = "journal", .zone = {0s}, .reference = sent});
  reader_.restore(state);
  EXPECT_EQ(read("gunicorn", "MemoryError").field("exception"), "MemoryError");
}

/// As a source of containers gives a line of CRI's, and one of docker's.
TEST(Envelope, AgreesWithTheWrappersOfItsRuntime) {
  const Envelope envelope{.container = "web", .pod = "web-7d9f", .space = "shop"};
  for (const std::string_view wrapped :
       {"2026-11-21T01:08:11.123456789Z stderr F 2026/11/21 01:08:11 [alert] 7#7: worker process 8 exited on signal 9",
        R"({"log":"2026/11/21 01:08:11 [alert] 7#7: worker process 8 exited on signal 9\n","stream":"stderr",)"
        R"("time":"2026-11-21T01:08:11.123456789Z"})"}) {
    const auto line = read(wrapped, &envelope);
    EXPECT_EQ(line.format, Format::nginx_error) << wrapped;
    EXPECT_EQ(line.message, "worker process 8 exited on signal 9");
    EXPECT_EQ(line.field("container"), "web");
    EXPECT_EQ(line.field("pod"), "web-7d9f");
    EXPECT_EQ(line.field("namespace"), "shop");
    EXPECT_EQ(line.wrappers.size(), 1u);
  }
}

/// A container that prints the logs of others.
TEST(Envelope, IsLessThanWhatStandsNearerToTheLine) {
  const Envelope envelope{.container = "collector", .pod = "collector-0", .space = "logs"};
  const auto line =
      read("[pod/web-7d9f/nginx] 2026/11/21 01:08:11 [alert] 7#7: worker process 8 exited on signal 9", &envelope);
  EXPECT_EQ(line.field("container"), "nginx");
  EXPECT_EQ(line.field("pod"), "web-7d9f");
  EXPECT_EQ(line.field("namespace"), "logs") << "the nearest one that says";
}

}  // namespace
}  // namespace triaged::formats
