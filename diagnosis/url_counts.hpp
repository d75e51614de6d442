// How many of how many requests for a URL failed, for URLs that have failed of late (matcher/failed_urls.hpp chooses
// them). Every access log counts for itself: nginx's and Gunicorn's have the same request, so of several logs the one
// that saw most failures is believed.
//
// Counted in parts of ten seconds of the logs' own time, so that it does not matter which log is read first. Bounded:
// so many URLs of so many logs, of which the one that was quiet longest makes room, and an hour of each. Not saved:
// after a restart the count begins anew.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "values/finding.hpp"
#include "values/incident.hpp"

namespace triaged::diagnosis {

class UrlCounts {
 public:
  static constexpr std::size_t most = 512;
  static constexpr std::chrono::hours kept_for{1};

  void add(const UrlRequests& requests);

  /// Of requests for `path` in the parts that touch [from, to]; nullopt: none is known to have failed.
  [[nodiscard]] std::optional<FailingRequests> of(std::string_view path, TimePoint from, TimePoint to) const;

 private:
  using Part = std::chrono::time_point<std::chrono::system_clock, std::chrono::duration<std::int64_t, std::ratio<10>>>;
  struct Count {
    std::uint64_t failed = 0, of = 0;
  };
  struct Url {
    std::string path, method, source;
    [[nodiscard]] auto operator<=>(const Url&) const = default;
  };

  void make_room();

  std::map<Url, std::map<Part, Count>> counts_;
};

}  // namespace triaged::diagnosis
