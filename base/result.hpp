// How a failure of the world (a file gone, a disk full, an answer of 500) travels: as a value that the caller must look
// at. Mistakes of the operator are Problems (problem.hpp), broken invariants are assertions.
#pragma once

#include <string>
#include <utility>

#include <boost/system/result.hpp>

namespace triaged::inline base {

/// One sentence that says what failed and on what, ready to be logged; no trailing newline or full stop.
struct Error {
  std::string message;
};

template <typename T>
using Result = boost::system::result<T, Error>;

[[nodiscard]] inline Error error(std::string message) { return Error{std::move(message)}; }

}  // namespace triaged::inline base
