// The line readers of many streams, each with what it remembers of the lines above. Their number has a bound, since
// rotated files and paths that come and go make new streams for ever: the one that was used longest ago is forgotten.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

#include "formats/line_reader.hpp"

namespace triaged::daemon {

class RecentReaders {
 public:
  explicit RecentReaders(std::size_t most) : most_(most) {}

  /// nullptr: there is none. What is found counts as used.
  [[nodiscard]] formats::LineReader* find(const std::string& stream) {
    const auto found = places_.find(stream);
    if (found == places_.end()) return nullptr;
    by_use_.splice(by_use_.end(), by_use_, found->second);
    return &found->second->second;
  }

  /// REQUIRES: there is none of `stream`.
  formats::LineReader& add(std::string stream, formats::LineReader reader) {
    if (by_use_.size() >= most_) {
      places_.erase(by_use_.front().first);
      by_use_.pop_front();
    }
    by_use_.emplace_back(std::move(stream), std::move(reader));
    places_[by_use_.back().first] = std::prev(by_use_.end());
    return by_use_.back().second;
  }

  void erase(const std::string& stream) {
    const auto found = places_.find(stream);
    if (found == places_.end()) return;
    by_use_.erase(found->second);
    places_.erase(found);
  }

 private:
  using Entries = std::list<std::pair<std::string, formats::LineReader>>;

  std::size_t most_;
  Entries by_use_;  // the one used longest ago first
  std::unordered_map<std::string, Entries::iterator> places_;
};

}  // namespace triaged::daemon
