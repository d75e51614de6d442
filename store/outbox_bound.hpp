// How full an outbox may become.
#pragma once

#include <cstdint>

namespace triaged::store {

/// How much a sink may have to deliver before the files wait. The group of changes that reaches it is kept whole.
struct OutboxBound {
  std::uint64_t rows = 100'000;
  std::uint64_t bytes = 512ULL * 1024 * 1024;
};

}  // namespace triaged::store
