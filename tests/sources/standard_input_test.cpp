// Standard input as the daemon reads it: a pipe, a regular file, nothing.
#include <fstream>

#include <gmock/gmock.h>
#include <sys/socket.h>

#include "sources/pipe/pipe_source.hpp"
#include "tests/support/written_pipe.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

/// This process has another standard input while one lives.
class StandardInput : public testing::Test {
 protected:
  ~StandardInput() override { ::dup2(before_.get(), STDIN_FILENO); }

  void use(const Descriptor& input) {
    ::dup2(input.get(), STDIN_FILENO);
    source_ = must(PipeSource::open(options, {.checkpoint = checkpoint_, .now = now_, .kept = kept_}));
  }
  void use_pipe() {
    int ends[2] = {};
    ASSERT_EQ(::pipe(ends), 0);
    writer_ = Descriptor(ends[1]);
    use(Descriptor(ends[0]));
  }
  void write(std::string_view text) const {
    ASSERT_EQ(::write(writer_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  Lines lines() {
    Lines lines;
    while (auto batch = source_->next(now_)) {
      source_name_ = batch->source_name;
      checkpoint_ = {batch->cursor};
      for (const auto& line : batch->lines) lines.emplace_back(batch->text(line));
    }
    return lines;
  }

  PipeOptions options;
  std::vector<Cursor> checkpoint_;
  KeptStates kept_;
  TimePoint now_{std::chrono::hours(24 * 365)};
  std::string source_name_;
  Descriptor writer_;
  std::unique_ptr<Source> source_;

 private:
  Descriptor before_{::dup(STDIN_FILENO)};
};

TEST_F(StandardInput, IsReadToItsEndAndEndsTheDaemon) {
  use_pipe();
  write("one\ntw");
  EXPECT_THAT(lines(), ElementsAre("one"));
  EXPECT_EQ(source_name_, "standard input");
  EXPECT_EQ(checkpoint_.at(0).stream, "stdin");
  write("o");
  writer_.close();
  EXPECT_THAT(lines(), ElementsAre("two"));
  EXPECT_THAT(source_->take_messages(), ElementsAre("standard input has ended"));
  EXPECT_EQ(source_->ending(), Ending::awaited);
  source_->on_committed(checkpoint_);
  EXPECT_EQ(source_->ending(), Ending::reached);
}

TEST_F(StandardInput, LeavesTheDaemonRunningWhenItIsToldTo) {
  options.at_end = AtEnd::wait;
  use_pipe();
  writer_.close();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(source_->take_messages(), ElementsAre("standard input has ended"));
  EXPECT_EQ(source_->ending(), Ending::of_itself);
  EXPECT_EQ(source_->next_deadline(), TimePoint::max());
}

TEST_F(StandardInput, DoesNotWaitForAWriterAndLeavesTheFlagsOfItsDescriptorAlone) {
  use_pipe();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_EQ(::fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(source_->next_deadline(), TimePoint::max());
  pollfd asked{.fd = source_->descriptor(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&asked, 1, 0), 0);
  write("one\n");
  EXPECT_EQ(::poll(&asked, 1, 0), 1);
}

TEST_F(StandardInput, MayBeARegularFile) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.log";
  std::ofstream(path) << "one\ntwo\nthree";
  use(Descriptor(::open(path.c_str(), O_RDONLY)));
  EXPECT_THAT(lines(), ElementsAre("one", "two", "three"));
  source_->on_committed(checkpoint_);
  EXPECT_EQ(source_->ending(), Ending::reached);
}

TEST_F(StandardInput, MayBeASocket) {
  int ends[2] = {};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  writer_ = Descriptor(ends[1]);
  use(Descriptor(ends[0]));
  EXPECT_THAT(lines(), IsEmpty());
  write("one\n");
  EXPECT_THAT(lines(), ElementsAre("one"));
  writer_.close();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(source_->take_messages(), ElementsAre("standard input has ended"));
}

TEST_F(StandardInput, EndsAtOnceWhenThereIsNothingInIt) {
  use(Descriptor(::open("/dev/null", O_RDONLY)));
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_EQ(source_->ending(), Ending::reached);
}

TEST_F(StandardInput, StaysEndedThroughAReload) {
  use_pipe();
  write("one\n");
  writer_.close();
  EXPECT_THAT(lines(), ElementsAre("one"));
  const std::vector<Cursor> nothing;
  source_.reset();
  source_ = must(PipeSource::open(options, {.checkpoint = nothing, .now = now_, .kept = kept_}));
  EXPECT_THAT(lines(), ElementsAre("one")) << "it was not committed";
  source_->on_committed(checkpoint_);
  EXPECT_EQ(source_->ending(), Ending::reached);
}

}  // namespace
}  // namespace triaged::sources
