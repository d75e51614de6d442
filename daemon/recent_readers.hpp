// The line readers of many streams, each with what it remembers of the lines above. A reader takes some kilobytes, and
// most of thousands of streams are quiet: those that were used longest ago are put to sleep, which leaves their saved
// state. The number of these has a bound, too, since rotated files and paths that come and go make new streams for
// ever: what is beyond it is forgotten.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "formats/line_reader.hpp"

namespace triaged::daemon {

class RecentReaders {
 public:
  RecentReaders(std::size_t most_awake, std::size_t most_asleep) : most_awake_(most_awake), most_asleep_(most_asleep) {}

  /// What an earlier run saved of a stream's reader, whatever their number.
  void remember(const std::string& stream, const std::string& state) { asleep_.insert_or_assign(stream, state); }

  /// nullptr: none is awake. What is found counts as used.
  [[nodiscard]] formats::LineReader* find(const std::string& stream) {
    const auto found = places_.find(stream);
    if (found == places_.end()) return nullptr;
    by_use_.splice(by_use_.end(), by_use_, found->second);
    return &found->second->second;
  }

  /// Wakes the stream's reader: `reader`, a new one, takes back what is remembered. REQUIRES: none of `stream` is
  /// awake.
  formats::LineReader& wake(std::string stream, formats::LineReader reader) {
    if (const auto saved = asleep_.extract(stream)) reader.restore(saved.mapped());
    if (by_use_.size() >= most_awake_) put_to_sleep();
    by_use_.emplace_back(std::move(stream), std::move(reader));
    places_[by_use_.back().first] = std::prev(by_use_.end());
    return by_use_.back().second;
  }

  void erase(const std::string& stream) {
    asleep_.erase(stream);
    const auto found = places_.find(stream);
    if (found == places_.end()) return;
    const auto entry = found->second;
    places_.erase(found);
    by_use_.erase(entry);
  }

 private:
  using Entries = std::list<std::pair<std::string, formats::LineReader>>;

  void put_to_sleep() {
    const auto& [stream, reader] = by_use_.front();
    // A copy, without the room that making it took.
    if (const auto state = reader.state(); asleep_.size() < most_asleep_) asleep_.emplace(stream, std::string(state));
    places_.erase(stream);
    by_use_.pop_front();
  }

  std::size_t most_awake_, most_asleep_;
  Entries by_use_;  // the one used longest ago first
  std::unordered_map<std::string_view, Entries::iterator> places_;
  std::unordered_map<std::string, std::string> asleep_;  // states by stream
};

}  // namespace triaged::daemon
