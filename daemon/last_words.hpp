// How the process ends when something goes wrong that no code can go on from: memory has run out, or an exception that
// nobody expected reaches the end of a thread. Instead of a core dump without a word there is one line that says what
// happened and what to do, and an exit status. Nothing is lost: the next run goes on from the last commit.
#pragma once

#include <exception>
#include <string>

namespace triaged::daemon {

/// From now on such an end, in any thread, has the exit status `status`.
void end_with_last_words(int status);

/// "out of memory: …" and what to do about it.
[[nodiscard]] std::string last_words_of(const std::exception& failure);

}  // namespace triaged::daemon
