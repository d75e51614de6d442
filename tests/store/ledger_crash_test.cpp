#include <array>
#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/ledger.hpp"
#include "tests/support/must.hpp"
#include "tests/support/sample_incidents.hpp"
#include "tests/support/state_rows.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::store {
namespace {

/// A group that names its number everywhere, so that half a group would show.
Commit group(long number) {
  const auto text = std::to_string(number);
  Commit commit;
  commit.cursors = {{"a", text}, {"b", text}};
  commit.state = {saved_incident("incident", text)};
  commit.notifications = {{0, "sink", text + "/1", samples::killed_worker()}, {0, "sink", text + "/2", Incident{}}};
  return commit;
}

/// Commits groups for ever and says so on `pipe` after each; the child of a test, so it must not come back.
[[noreturn]] void commit_until_killed(const std::filesystem::path& folder, int pipe) {
  auto ledger = Ledger::open(folder, Durability::process);
  for (long number = 1; ledger; ++number) {
    if (!(*ledger)->commit(group(number)) || ::write(pipe, "x", 1) != 1) break;
  }
  ::_exit(1);
}

/// Lets a child commit at least `groups` groups and kills it wherever it then is.
void kill_after(long groups, const std::filesystem::path& folder) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) commit_until_killed(folder, pipe[1]);
  ::close(pipe[1]);
  char byte = 0;
  for (long i = 0; i < groups; ++i) ASSERT_EQ(::read(pipe[0], &byte, 1), 1);
  ::kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  ::close(pipe[0]);
}

TEST(Ledger, HoldsWholeGroupsOnlyAfterAKillInTheMiddleOfMany) {
  for (long groups = 1; groups <= 96; groups += 5) {
    const TemporaryFolder folder;
    ASSERT_NO_FATAL_FAILURE(kill_after(groups, folder.path()));
    const auto ledger = must(Ledger::open(folder.path(), Durability::process));
    const auto cursors = must(ledger->cursors());
    ASSERT_EQ(cursors.size(), 2U);
    EXPECT_GE(std::stol(cursors[0].state), groups);
    EXPECT_EQ(cursors[1].state, cursors[0].state);
    EXPECT_EQ(must(ledger->state())[0].value, cursors[0].state);
    const auto pending = must(ledger->pending("sink", 100'000));
    EXPECT_EQ(pending.size(), 2 * std::stoul(cursors[0].state));
    EXPECT_EQ(pending.back().idempotency_key, cursors[0].state + "/2");
  }
}

}  // namespace
}  // namespace triaged::store
