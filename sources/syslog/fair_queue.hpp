// Messages that were received and not given out yet, a queue for each sender. They are given out in turns, so whoever
// floods waits behind nobody else's back but their own.
//
// How much a sender may have waiting: no more than what is free (dynamic thresholds, Choudhury and Hahne 1998). One
// sender alone can fill half of the room, two a third each; whoever comes later always finds some. What does not fit is
// dropped, which is that sender's own loss.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sources/syslog/sender.hpp"

namespace triaged::sources {

class FairQueue {
 public:
  /// What tells senders apart, cheaper than their names.
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  /// What a message costs beside its bytes.
  static constexpr std::size_t message_overhead = 64;
  /// So many bytes of one sender are given out before it is the next one's turn.
  static constexpr std::size_t turn_bytes = 16 * 1024;

  explicit FairQueue(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// False: there is no room for more of this sender. `make_sender` is asked for a sender that has nothing waiting.
  template <class MakeSender>
  [[nodiscard]] bool push(Key key, std::string_view message, MakeSender make_sender) {
    const auto size = message.size() + message_overhead;
    auto known = queues_.find(key);
    const auto waiting = known == queues_.end() ? 0 : known->second.bytes;
    if (waiting + size > most_bytes_ - bytes_) return false;
    if (known == queues_.end()) {
      known = queues_.emplace(key, Queue{.sender = make_sender(), .messages = {}}).first;
      turns_.push_back(key);
    }
    known->second.messages.emplace_back(message);
    known->second.bytes += size;
    bytes_ += size;
    return true;
  }

  /// Gives the next message and its sender to `take`. False: there is none.
  template <class Take>
  bool pop(Take take) {
    if (turns_.empty()) return false;
    const auto known = queues_.find(turns_.front());
    auto& queue = known->second;
    const auto message = std::move(queue.messages.front());
    queue.messages.pop_front();
    const auto size = message.size() + message_overhead;
    queue.bytes -= size;
    bytes_ -= size;
    turn_ += size;
    take(queue.sender, std::string_view(message));
    if (!queue.messages.empty() && turn_ < turn_bytes) return true;
    if (!queue.messages.empty()) turns_.push_back(turns_.front());
    if (queue.messages.empty()) queues_.erase(known);
    turns_.pop_front();
    turn_ = 0;
    return true;
  }

  [[nodiscard]] bool is_empty() const { return turns_.empty(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t senders() const { return queues_.size(); }

 private:
  struct Queue {
    Sender sender;
    std::deque<std::string> messages;  // never empty
    std::size_t bytes = 0;
  };

  const std::size_t most_bytes_;
  std::map<Key, Queue> queues_;
  std::deque<Key> turns_;  // of all queues; the first one's turn it is
  std::size_t turn_ = 0;   // bytes given out in it
  std::size_t bytes_ = 0;
};

}  // namespace triaged::sources
