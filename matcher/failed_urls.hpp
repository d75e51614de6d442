// Which URLs have failed of late, so that their requests are counted: a path is learnt when a request for it is
// answered with 5xx, and forgotten ten minutes after the last one, by the time of the lines. Of all other requests
// nobody needs to know the number by path, and clients can invent paths without end: so many are known at once, of
// which the one that failed longest ago makes room. One for each matcher thread, whatever logs it reads. Private to
// this room.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace triaged::matcher {

class FailedUrls {
 public:
  static constexpr std::size_t most = 64;
  static constexpr std::chrono::minutes remembered_for{10};
  static constexpr std::size_t longest_path = 256;

  /// A request for `path` was answered at `at`. True: it is to be counted.
  [[nodiscard]] bool take(std::string_view path, bool failed, TimePoint at);

 private:
  void make_room();

  std::map<std::string, TimePoint, std::less<>> last_failures_;  // by path
};

}  // namespace triaged::matcher
