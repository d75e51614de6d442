#include "sources/syslog/syslog_source.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/epoll.h>

#include "sources/make_source.hpp"
#include "sources/pipe/offset_cursor.hpp"
#include "sources/pipe/uncommitted_batches.hpp"
#include "sources/syslog/receiver.hpp"

namespace triaged::sources {

namespace {

// Given to the matchers and not committed yet. A flood of 100,000 messages a second brings 6 MB until it is committed,
// 100 ms later; of datagrams what cannot be taken is lost. Whoever writes to a connection waits, and everybody else's
// messages stand behind what that one has brought in already, so it is kept short: 32 MiB made them wait for 14 s.
constexpr std::size_t most_uncommitted_datagrams = 32 * 1024 * 1024;
constexpr std::size_t most_uncommitted_streams = 4 * 1024 * 1024;
constexpr Microseconds look_every = std::chrono::seconds(1);
constexpr Microseconds open_every = std::chrono::seconds(5);

}  // namespace

struct SyslogState : KeptState {
  explicit SyslogState(std::size_t most_uncommitted) : batches(most_uncommitted) {}

  std::unique_ptr<Receiver> receiver;  // nullptr: nobody listens
  UncommittedBatches batches;
  std::uint64_t reach = 0;      // bytes that were given out since the address was first received at
  std::uint64_t committed = 0;  // of them
  Microseconds elapsed{0};      // by the clock of the source that has it, and of those before it
};

Result<std::unique_ptr<Source>> SyslogSource::open(const SyslogOptions& options, const SourceOrigin& origin) {
  return std::unique_ptr<Source>(new SyslogSource(options, origin));
}

SyslogSource::SyslogSource(const SyslogOptions& options, const SourceOrigin& origin)
    : options_(options), watch_(::epoll_create1(EPOLL_CLOEXEC)), now_(origin.now) {
  if (!watch_.is_open()) throw std::system_error(errno, std::generic_category());
  for (const auto& listen : options_.listen) {
    const auto text = listen.text();
    Address address{.listen = listen, .name = "syslog " + text, .stream = "syslog:" + text, .state = {}};
    address.state = origin.kept.of<SyslogState>(
        address.stream, listen.is_datagram() ? most_uncommitted_datagrams : most_uncommitted_streams);
    const auto committed = offset_in(origin.checkpoint, address.stream).value_or(0);
    auto& state = *address.state;
    state.reach = std::max(state.reach, committed);
    state.committed = std::max(state.committed, committed);
    state.batches.commit(state.committed);
    state.batches.give_again();
    elapsed_ = std::max(elapsed_, state.elapsed);
    addresses_.push_back(std::move(address));
  }
  for (auto& address : addresses_) take_over(address);
}

SyslogSource::~SyslogSource() = default;

void SyslogSource::take_over(Address& address) {
  if (!address.state->receiver) return try_to_open(address);
  if (const auto done = address.state->receiver->use(options_); !done) {
    messages_.push_back(done.error().message + " (the options from before the reload stay in use)");
  }
}

void SyslogSource::try_to_open(Address& address) {
  address.open_at = elapsed_ + open_every;
  auto receiver = make_receiver(address.listen, options_);
  if (!receiver) return say_trouble(address, receiver.error().message);
  address.state->receiver = std::move(*receiver);
  if (!std::exchange(address.said_trouble, "").empty()) messages_.push_back(address.name + " is received now");
}

void SyslogSource::say_trouble(Address& address, const std::string& trouble) {
  if (address.said_trouble == trouble) return;
  address.said_trouble = trouble;
  messages_.push_back(trouble + " (will try again)");
}

void SyslogSource::watch(Address& address, bool is_wanted) {
  if (address.is_watched == is_wanted) return;
  epoll_event event{.events = EPOLLIN, .data = {}};
  const int operation = is_wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL;
  if (::epoll_ctl(watch_.get(), operation, address.state->receiver->descriptor(), &event) != 0) {
    throw std::system_error(errno, std::generic_category());
  }
  address.is_watched = is_wanted;
}

std::optional<LineBatch> SyslogSource::next(TimePoint now) {
  elapsed_ += std::max(now - now_, Microseconds(0));
  now_ = now;
  if (elapsed_ >= look_at_) look();
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    auto& address = addresses_[turn_];
    turn_ = (turn_ + 1) % addresses_.size();
    if (auto batch = next(address)) return batch;
  }
  return std::nullopt;
}

void SyslogSource::look() {
  look_at_ = elapsed_ + look_every;
  for (auto& address : addresses_) {
    address.state->elapsed = elapsed_;
    if (!address.state->receiver && elapsed_ >= address.open_at) try_to_open(address);
    if (address.state->receiver) address.state->receiver->look(elapsed_);
  }
}

std::optional<LineBatch> SyslogSource::next(Address& address) {
  auto& state = *address.state;
  if (auto again = state.batches.next_again()) return again;
  if (!state.receiver) return std::nullopt;
  const bool is_full = state.batches.is_full();
  watch(address, !is_full || address.listen.is_datagram());
  if (is_full) {
    state.receiver->hold_back();
    return std::nullopt;
  }
  MessageBatch messages(state.reach, options_.trusts_kernel);
  state.receiver->receive(messages, elapsed_);
  if (messages.is_empty()) return std::nullopt;
  return finished(address, messages);
}

LineBatch SyslogSource::finished(Address& address, MessageBatch& messages) {
  auto& state = *address.state;
  auto batch = messages.take();
  state.reach += batch.bytes.size();
  batch.source_name = address.name;
  batch.cursor = {address.stream, offset_state(state.reach)};
  batch.observed_at = now_;
  state.batches.add(batch, state.reach);
  return batch;
}

TimePoint SyslogSource::next_deadline() const {
  const auto must_go_on = [](const Address& address) {
    const auto& [receiver, batches, reach, committed, elapsed] = *address.state;
    return batches.has_again() || (receiver && !batches.is_full() && receiver->has_more());
  };
  if (std::ranges::any_of(addresses_, must_go_on)) return now_;
  return now_ + std::max(look_at_ - elapsed_, Microseconds(0));
}

std::vector<std::string> SyslogSource::take_messages() {
  for (const auto& address : addresses_) {
    if (!address.state->receiver) continue;
    std::ranges::move(address.state->receiver->take_messages(), std::back_inserter(messages_));
  }
  return std::exchange(messages_, {});
}

void SyslogSource::add_to(std::vector<Metric>& metrics) const {
  for (const auto& address : addresses_) {
    const auto& state = *address.state;
    const auto name = address.listen.text();
    const auto add = [&](Metric metric) {
      metric.values.front().labels.push_back({"source", name});
      add_metric(std::move(metric), metrics);
    };
    add(gauge("triaged_syslog_open", "1 while triaged listens at the address", state.receiver ? 1 : 0));
    add(gauge("triaged_syslog_uncommitted_bytes", "given to the matchers, kept in memory and not committed yet",
              state.batches.bytes()));
    if (state.receiver) state.receiver->add_to(metrics, name);
  }
}

std::string SyslogSource::summary() const {
  std::vector<std::string> names;
  for (const auto& address : addresses_) names.push_back(address.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

void SyslogSource::on_committed(std::span<const Cursor> cursors) {
  for (auto& address : addresses_) {
    const auto reach = offset_in(cursors, address.stream);
    if (!reach) continue;
    address.state->committed = std::max(address.state->committed, *reach);
    address.state->batches.commit(address.state->committed);
  }
}

}  // namespace triaged::sources
