// Texts that begin with a hole: the file was truncated under a writer that does not append.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;

class FileHoles : public FollowedFolder {
 protected:
  Lines settled_lines() {
    Lines all = lines();
    for (int i = 0; i < 3; ++i) {
      for (std::string& line : lines_after(6s)) all.push_back(std::move(line));
    }
    return all;
  }
  void rotate_by_copy() const {
    let_clock_tick();
    for (const std::string ending : {"", ".gz"}) {
      if (std::filesystem::exists(path("error.log.1" + ending))) rename("error.log.1" + ending, "error.log.2" + ending);
    }
    copy("error.log", "error.log.1");
    truncate("error.log");
  }
};

/// A program that does not append goes on where it was: the next text begins with a hole as long as the one before.
TEST_F(FileHoles, HideNoCopyOfTheTextBehindThem) {
  for (const bool is_seen_empty : {true, false}) {
    for (const bool is_compressed : {false, true}) {
      for (const bool has_next : {false, true}) {
        SCOPED_TRACE(fmt::format("seen empty {}, compressed {}, next {}", is_seen_empty, is_compressed, has_next));
        for (const auto& entry : std::filesystem::directory_iterator(path(""))) std::filesystem::remove(entry);
        committed.clear();
        std::uint64_t end = 0;
        const auto write_on = [&](const std::string& text) {
          let_clock_tick();
          truncate("error.log", end);
          append("error.log", text + "\n");
          end += text.size() + 1;
          let_clock_tick();
        };
        append("error.log", "");
        write_on(std::string(300'000, 'x'));
        start();
        EXPECT_THAT(lines(), SizeIs(1));
        if (is_seen_empty) rotate_by_copy();
        EXPECT_THAT(settled_lines(), IsEmpty());
        stop();
        if (!is_seen_empty) rotate_by_copy();
        write_on("first");
        rotate_by_copy();
        if (has_next) write_on("second");
        if (is_compressed) compress("error.log.1");
        start();
        EXPECT_THAT(settled_lines(), Contains("first"));
        stop();
      }
    }
  }
}

}  // namespace
}  // namespace triaged::sources
