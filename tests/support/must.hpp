// Takes the value out of a Result in a test; a failure ends the test with its message.
#pragma once

#include <stdexcept>
#include <utility>

#include "base/result.hpp"

namespace triaged {

template <typename T, typename E>
T must(boost::system::result<T, E> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

inline void must(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().message);
}

}  // namespace triaged
