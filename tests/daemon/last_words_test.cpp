#include "daemon/last_words.hpp"

#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace triaged::daemon {
namespace {

void limit_memory(rlim_t bytes) {
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_AS, &limit);
}

TEST(LastWordsDeathTest, EndTheProcessWithoutACoreWhenAThreadRunsOutOfMemory) {
  const auto run_out = [] {
    end_with_last_words(1);
    std::thread([] { throw std::bad_alloc(); }).join();
  };
  EXPECT_EXIT(run_out(), testing::ExitedWithCode(1), "^triaged: ended by a failure: out of memory; give the host");
}

TEST(LastWordsDeathTest, NameTheLimitOfMemory) {
  const auto run_out = [] {
    end_with_last_words(2);
    limit_memory(512 * 1024 * 1024);
    throw std::bad_alloc();
  };
  EXPECT_EXIT({ std::thread(run_out).join(); }, testing::ExitedWithCode(2),
              "out of memory: this process may use 512 MiB \\(ulimit -v, LimitAS=\\); raise that limit");
}

TEST(LastWords, SayWhatToDo) {
  const auto of_number = [](int number) { return last_words_of(std::system_error(number, std::generic_category())); };
  EXPECT_EQ(of_number(EMFILE), "too many open files: raise LimitNOFILE= of the service or ulimit -n");
  EXPECT_EQ(of_number(EAGAIN),
            "cannot start another thread: raise TasksMax= of the service, or ulimit -u and ulimit -v");
  EXPECT_EQ(last_words_of(std::runtime_error("something else")), "something else");
}

}  // namespace
}  // namespace triaged::daemon
