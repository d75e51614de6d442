// From entries of the configuration to sources: what is wrong with an entry, and which source reads what.
#include "sources/make_source.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "sources/file/file_follower.hpp"
#include "sources/pipe/pipe_options.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::sources {
namespace {

using testing::ElementsAre;
using Texts = std::vector<std::string>;

/// Reads a list of entries, as it stands under `sources:`.
std::vector<SourceEntry> read_entries(const std::string& text, Problems& problems) {
  const auto documents = read_yaml(text, "triaged.yaml", problems);
  std::vector<SourceEntry> entries;
  Claims claims;
  for (const auto& item : documents.at(0).items) {
    if (auto entry = read_source(item, "triaged.yaml", problems, claims, [](YamlMapReader&) {}))
      entries.push_back(std::move(*entry));
  }
  return entries;
}

Texts problems_of(const std::string& text) {
  Problems problems;
  (void)read_entries(text, problems);
  Texts texts;
  for (const auto& problem : problems) texts.push_back(to_text(problem));
  return texts;
}

std::vector<SourceEntry> good(const std::string& text) {
  Problems problems;
  auto entries = read_entries(text, problems);
  for (const auto& problem : problems) {
    if (problem.level == ProblemLevel::error) ADD_FAILURE() << to_text(problem);  // a warning is about this host
  }
  return entries;
}

class SourceOptions : public testing::Test {
 protected:
  [[nodiscard]] std::string path(std::string_view name) const { return (folder_.path() / name).string(); }
  [[nodiscard]] std::string make_pipe(std::string_view name) const {
    EXPECT_EQ(::mkfifo(path(name).c_str(), 0600), 0);
    return path(name);
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(SourceOptions, OfStreams) {
  const auto fifo = make_pipe("log.fifo"), other = make_pipe("other.fifo");
  const auto entries = good("[stdin: , {pipe: {path: " + fifo + "}}, {pipe: {path: " + other + ", at_end: stop}}]");
  ASSERT_EQ(entries.size(), 3u);
  const auto stream = [&](std::size_t index) { return std::any_cast<PipeOptions>(entries[index].options); };
  EXPECT_EQ(entries[0].kind, "stdin");
  EXPECT_EQ(stream(0).path, "");
  EXPECT_EQ(stream(0).at_end, AtEnd::stop);
  EXPECT_EQ(entries[1].kind, "pipe");
  EXPECT_EQ(stream(1).path, fifo);
  EXPECT_EQ(stream(1).at_end, AtEnd::wait);
  EXPECT_EQ(stream(2).at_end, AtEnd::stop);
  EXPECT_EQ(std::any_cast<PipeOptions>(good("[stdin: {at_end: wait}]").at(0).options).at_end, AtEnd::wait);
}

TEST_F(SourceOptions, RefuseAKindThatThereIsNot) {
  EXPECT_THAT(problems_of("[{pip: {path: /a}}]"),
              ElementsAre("triaged.yaml:1:3: error: there is no kind of source 'pip'; did you mean 'pipe'? (pip)"));
  EXPECT_THAT(problems_of("[{stdin: {}, pipe: {path: /a}}]"),
              ElementsAre("triaged.yaml:1:2: error: a source is a map with one field, its kind: 'file: {paths: "
                          "[/path/to/file]}'"));
  EXPECT_THAT(problems_of("[stdin]"), ElementsAre("triaged.yaml:1:2: error: a source must be a map, not text (stdin)"));
}

TEST_F(SourceOptions, RefuseAPipeThatIsNone) {
  std::ofstream(path("a.log")) << "line\n";
  EXPECT_THAT(
      problems_of("[{pipe: {path: " + path("a.log") + "}}]"),
      ElementsAre(testing::StartsWith(
          "triaged.yaml:1:16: error: this is a regular file, not a named pipe: follow it with a source 'file'")));
  EXPECT_THAT(problems_of("[{pipe: {path: /}}]"),
              ElementsAre("triaged.yaml:1:16: error: this is not a named pipe (create one with mkfifo) (/)"));
  EXPECT_THAT(problems_of("[{pipe: {path: log.fifo}}]"),
              ElementsAre("triaged.yaml:1:16: error: this path is not absolute: write /path/to/pipe (log.fifo)"));
  EXPECT_THAT(
      problems_of("[{pipe: {path: '-'}}]"),
      ElementsAre("triaged.yaml:1:16: error: '-' is not the path of a pipe: for standard input write 'stdin: {}' (-)"));
  EXPECT_THAT(problems_of("[{pipe: {}}]"), ElementsAre("triaged.yaml:1:9: error: source 'pipe' has no 'path'"));
}

TEST_F(SourceOptions, WarnOfAPipeThatIsNotThereYet) {
  EXPECT_THAT(problems_of("[{pipe: {path: " + path("none") + "}}]"),
              ElementsAre(testing::StartsWith(
                  "triaged.yaml:1:16: warning: there is no named pipe at this path yet (create it with mkfifo)")));
}

TEST_F(SourceOptions, RefuseTwoReadersOfOneStream) {
  const auto fifo = make_pipe("log.fifo");
  EXPECT_THAT(
      problems_of("[{stdin: {}}, {stdin: {at_end: wait}}]"),
      ElementsAre("triaged.yaml:1:23: error: an earlier source already reads standard input: remove one of them"));
  EXPECT_THAT(problems_of("[{pipe: {path: " + fifo + "}},\n {pipe: {path: " + path("./log.fifo") + "}}]"),
              ElementsAre(testing::StartsWith(
                  "triaged.yaml:2:16: error: an earlier source already reads this pipe: remove one of them")));
}

TEST_F(SourceOptions, RefuseAnUnknownEnd) {
  EXPECT_THAT(problems_of("[{stdin: {at_end: stopp}}]"),
              ElementsAre("triaged.yaml:1:19: error: 'at_end' of source 'stdin' must be stop or wait; did you mean "
                          "'stop'? (stopp)"));
}

TEST_F(SourceOptions, NameEachKindOnce) {
  Texts kinds;
  for (const auto& kind : options_by_source_kind()) kinds.emplace_back(kind.name);
  EXPECT_THAT(kinds, ElementsAre("file", "containers", "journald", "kernel", "stdin", "pipe", "syslog"));
}

/// The sources of a list of entries, and what comes of them by entry.
class MadeSources : public SourceOptions {
 protected:
  void make(const std::string& text, bool has_lost_cursors = false) {
    const std::vector<Cursor> nothing;
    made_ = must(make_sources(
        good(text), {.checkpoint = nothing, .has_lost_cursors = has_lost_cursors, .now = now_, .kept = kept_}));
  }
  Texts lines_by_entry() {
    Texts all;
    for (auto& made : made_) {
      while (auto batch = made.source->next(now_)) {
        for (const auto& line : batch->lines) {
          all.push_back(std::to_string(made.entries.at(batch->source)) + ": " + std::string(batch->text(line)));
        }
      }
    }
    return all;
  }

  TimePoint now_{std::chrono::hours(24 * 365)};
  KeptStates kept_;
  std::vector<MadeSource> made_;
};

TEST_F(MadeSources, GiveEveryLineToTheEntryThatItComesFrom) {
  const auto fifo = make_pipe("log.fifo");
  std::ofstream(path("a.log")) << "of a\n";
  std::ofstream(path("b.log")) << "of b\n";
  make("[{pipe: {path: " + fifo + "}}, {file: {paths: " + path("a.log") + "}}, {file: {paths: " + path("b.log") +
       "}}]");
  EXPECT_EQ(made_.size(), 2u) << "one follower for all files";
  EXPECT_THAT(lines_by_entry(), ElementsAre("1: of a", "2: of b"));
  std::ofstream(fifo) << "of the pipe\n";
  EXPECT_THAT(lines_by_entry(), ElementsAre("0: of the pipe"));
}

TEST_F(MadeSources, ReadFilesFromTheirBeginningWhenCursorsAreLost) {
  std::ofstream(path("a.log")) << "old\n";
  make("[{file: {paths: " + path("a.log") + ", start: end}}]");
  EXPECT_THAT(lines_by_entry(), testing::IsEmpty());
  make("[{file: {paths: " + path("a.log") + ", start: end}}]", true);
  EXPECT_THAT(lines_by_entry(), ElementsAre("0: old"));
}

TEST_F(MadeSources, SayWhatTheyFollow) {
  const auto fifo = make_pipe("log.fifo");
  std::ofstream(path("a.log")) << "of a\n";
  make("[{pipe: {path: " + fifo + "}}, {file: {paths: " + path("a.log") + "}}]");
  ASSERT_EQ(made_.size(), 2u);
  EXPECT_EQ(made_[0].source->summary(), "1 files");
  EXPECT_EQ(made_[1].source->summary(), fifo);
  EXPECT_FALSE(made_[0].source->wants_commits());
  EXPECT_TRUE(made_[1].source->wants_commits());
}

TEST(ReadsKernelLog, IsTrueOfTheKernelsSourceAndOfAJournalThatMayHoldItsLines) {
  const auto reads = [](const std::string& entry) { return reads_kernel_log(good("- " + entry + "\n").at(0)); };
  EXPECT_TRUE(reads("kernel: {}"));
  EXPECT_TRUE(reads("journald: {}"));
  EXPECT_TRUE(reads("journald: {identifiers: [haproxy, kernel]}"));
  EXPECT_FALSE(reads("journald: {identifiers: [haproxy]}"));
  EXPECT_FALSE(reads("journald: {units: [gunicorn.service]}"));
  EXPECT_FALSE(reads("stdin: {}"));
}

}  // namespace
}  // namespace triaged::sources
