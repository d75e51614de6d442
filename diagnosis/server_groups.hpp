// Which servers stand behind one name (nginx's upstream block), as far as the logs show it: nginx tries a request again
// at another server of the same block, and says of each try where it went. What the configuration says, topology/
// knows.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.hpp"
#include "values/symptom.hpp"

namespace triaged::diagnosis {

/// Bounded: the requests and the groups heard of last. Not saved: each retry tells it anew.
class ServerGroups {
 public:
  static constexpr std::size_t most_requests = 256, most_addresses = 1024;

  void learn(const Symptom& symptom);

  /// One request was tried at both, or at each of them and a third.
  [[nodiscard]] bool are_in_one(std::string_view a, std::string_view b) const;

 private:
  void unite(const std::string& a, const std::string& b);

  struct Try {
    std::string address;
    TimePoint at;
  };
  std::unordered_map<std::string, Try> tried_at_;  // the latest, by the request
  std::deque<std::string> requests_;               // the keys, oldest first
  std::map<std::string, std::size_t, std::less<>> group_of_;
  std::size_t next_group_ = 0;
};

}  // namespace triaged::diagnosis
