#include "daemon/last_words.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <new>
#include <system_error>

#include <boost/system/system_error.hpp>
#include <sys/resource.h>
#include <unistd.h>

namespace triaged::daemon {

namespace {

std::atomic<int> exit_status{1};

/// Into a buffer that is there already: memory may have run out.
using Words = std::array<char, 512>;

void describe_memory(Words& words) {
  rlimit limit{};
  ::getrlimit(RLIMIT_AS, &limit);
  if (limit.rlim_cur == RLIM_INFINITY) {
    std::snprintf(words.data(), words.size(),
                  "out of memory; give the host or the container more, or raise MemoryMax= of the service");
  } else {
    std::snprintf(words.data(), words.size(),
                  "out of memory: this process may use %llu MiB (ulimit -v, LimitAS=); raise that limit",
                  static_cast<unsigned long long>(limit.rlim_cur / (1024 * 1024)));
  }
}

/// 0: the failure has no error number.
int error_number_of(const std::exception& failure) {
  if (const auto* system = dynamic_cast<const std::system_error*>(&failure)) return system->code().value();
  if (const auto* system = dynamic_cast<const boost::system::system_error*>(&failure)) return system->code().value();
  return 0;
}

void describe(const std::exception& failure, Words& words) {
  if (dynamic_cast<const std::bad_alloc*>(&failure) != nullptr) return describe_memory(words);
  const int number = error_number_of(failure);
  if (number == EAGAIN) {
    std::snprintf(words.data(), words.size(),
                  "cannot start another thread: raise TasksMax= of the service, or ulimit -u and ulimit -v");
  } else if (number == EMFILE) {
    std::snprintf(words.data(), words.size(), "too many open files: raise LimitNOFILE= of the service or ulimit -n");
  } else {
    std::snprintf(words.data(), words.size(), "%s", failure.what());
  }
}

[[noreturn]] void end_now() {
  static std::atomic_flag is_ending = ATOMIC_FLAG_INIT;
  while (is_ending.test_and_set()) ::pause();  // another thread is saying why
  Words words{"an unknown failure"};
  if (const auto failure = std::current_exception()) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& thrown) {
      describe(thrown, words);
    } catch (...) {
    }
  }
  std::array<char, 600> line{};
  const int length = std::snprintf(line.data(), line.size(), "triaged: ended by a failure: %s\n", words.data());
  if (length > 0) (void)!::write(STDERR_FILENO, line.data(), static_cast<std::size_t>(length));
  ::_exit(exit_status);
}

}  // namespace

void end_with_last_words(int status) {
  exit_status = status;
  std::set_terminate(end_now);
}

std::string last_words_of(const std::exception& failure) {
  Words words{};
  describe(failure, words);
  return words.data();
}

}  // namespace triaged::daemon
