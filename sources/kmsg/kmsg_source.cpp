#include "sources/kmsg/kmsg_source.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <system_error>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/epoll.h>

#include "sources/line_splitter.hpp"
#include "sources/make_source.hpp"

namespace triaged::sources {

namespace {

constexpr std::size_t batch_bytes = 64 * 1024;
constexpr std::size_t most_lines = 1024;                     // of a batch: each has an Envelope
constexpr int most_records_per_call = 8192;                  // read by one call, before the caller gets a chance
constexpr Microseconds ask_every = std::chrono::seconds(1);  // a copy of records
constexpr Microseconds open_every = std::chrono::seconds(5);
constexpr Microseconds say_lost_every = std::chrono::minutes(1);

}  // namespace

HostBoot boot_of_this_host(TimePoint now) {
  HostBoot boot{.id = ""};
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot.id;
  timespec uptime = {};
  ::clock_gettime(CLOCK_MONOTONIC, &uptime);  // stands still while the host sleeps, as the kernel's own does
  boot.at = now - std::chrono::duration_cast<Microseconds>(std::chrono::seconds(uptime.tv_sec) +
                                                           std::chrono::nanoseconds(uptime.tv_nsec));
  return boot;
}

std::string to_state(const KmsgPosition& position) {
  boost::json::object state{{"boot", position.boot}, {"offset", position.offset}};
  if (position.sequence) state["sequence"] = *position.sequence;
  if (position.followed_since != TimePoint{}) {
    state["followed_since"] = position.followed_since.time_since_epoch().count();
  }
  return boost::json::serialize(state);
}

std::optional<KmsgPosition> read_kmsg_state(std::string_view state) {
  boost::system::error_code failure;
  const auto value = boost::json::parse({state.data(), state.size()}, failure);
  const auto* object = failure ? nullptr : value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto* boot = object->if_contains("boot");
  const auto* offset = object->if_contains("offset");
  const auto* sequence = object->if_contains("sequence");
  if (boot == nullptr || !boot->is_string() || offset == nullptr) return std::nullopt;
  KmsgPosition position{.boot = std::string(boot->get_string().data(), boot->get_string().size()),
                        .offset = offset->to_number<std::uint64_t>(failure)};
  const auto* since = object->if_contains("followed_since");
  if (!failure && since != nullptr) {
    position.followed_since = TimePoint(Microseconds(since->to_number<std::int64_t>(failure)));
  }
  if (!failure && sequence != nullptr) position.sequence = sequence->to_number<std::uint64_t>(failure);
  if (failure) return std::nullopt;
  return position;
}

KmsgSource::KmsgSource(const KmsgOptions& options, const SourceOrigin& origin, const HostBoot& boot)
    : options_(options),
      stream_("kernel:" + options.path),
      watch_(::epoll_create1(EPOLL_CLOEXEC)),
      reader_(options.path),
      clock_(boot.at),
      position_{.boot = boot.id},
      now_(origin.now),
      open_at_(origin.now) {
  if (!watch_.is_open()) throw std::system_error(errno, std::generic_category());
  is_passing_ = options.start == KmsgOptions::Start::end && !origin.has_lost_cursors;
  const bool is_device = options.path == KmsgOptions().path;
  if (is_device && !origin.has_lost_cursors) position_.followed_since = origin.now;
  go_on_from(origin.checkpoint);
}

void KmsgSource::go_on_from(const std::vector<Cursor>& checkpoint) {
  for (const auto& cursor : checkpoint) {
    if (cursor.stream != stream_) continue;
    const auto known = read_kmsg_state(cursor.state);
    if (!known) return;
    is_passing_ = false;
    position_.offset = known->offset;
    position_.followed_since = known->followed_since;
    if (known->boot == position_.boot || options_.path != KmsgOptions().path) {
      position_.boot = known->boot;
      position_.sequence = known->sequence;
      return;
    }
    ++boots_;
    messages_.push_back(
        "the host has booted since the kernel's log was read last; what the kernel wrote before and was not read is "
        "gone");
  }
}

std::optional<LineBatch> KmsgSource::next(TimePoint now) {
  if (now < now_) open_at_ = std::min(open_at_, now + open_every);  // the wall clock was set back
  now_ = now;
  must_go_on_ = false;
  if (!reader_.is_open() && !try_to_open()) return std::nullopt;
  const bool was_passing = is_passing_;
  LineBatch batch;
  read(batch);
  if (batch.lines.empty() && was_passing == is_passing_) return std::nullopt;
  batch.source_name = "kernel";
  batch.cursor = {stream_, to_state(position_)};
  batch.observed_at = now_;
  return batch;
}

bool KmsgSource::try_to_open() {
  if (now_ < open_at_) return false;
  open_at_ = now_ + open_every;
  if (!reader_.open()) {
    say_trouble(reader_.failure());
    return false;
  }
  say_trouble({});
  copied_boot_ = 0;
  copied_last_.reset();
  epoll_event event{.events = EPOLLIN, .data = {}};  // which one that is closed leaves by itself
  if (reader_.descriptor() >= 0) ::epoll_ctl(watch_.get(), EPOLL_CTL_ADD, reader_.descriptor(), &event);
  return true;
}

void KmsgSource::read(LineBatch& batch) {
  using Outcome = KmsgReader::Outcome;
  for (int i = 0; i < most_records_per_call; ++i) {
    if (batch.bytes.size() >= batch_bytes || batch.lines.size() >= most_lines) break;
    switch (reader_.read()) {
      case Outcome::record:
        take(batch);
        break;
      case Outcome::overwritten:
        break;  // the next number tells
      case Outcome::nothing:
        clock_.note_empty(now_);
        is_passing_ = false;
        return;
      case Outcome::failed:
        say_trouble(reader_.failure());
        reader_.close();
        return;
    }
  }
  must_go_on_ = true;
}

void KmsgSource::take(LineBatch& batch) {
  const auto record = read_kmsg_record(reader_.record());
  if (!record) {
    ++damaged_;
    return;
  }
  if (is_of_earlier_boot(record->sequence) || !is_new(record->sequence)) return;
  position_.sequence = record->sequence;
  if (is_passing_) return;
  ++records_;
  add_line(*record, batch);
}

/// In a copy numbers that begin anew are those of another boot; the device knows of the present one only.
bool KmsgSource::is_of_earlier_boot(std::uint64_t sequence) {
  if (reader_.is_device()) return false;
  if (copied_last_ && sequence <= *copied_last_) ++copied_boot_;
  copied_last_ = sequence;
  const auto boot = std::to_string(copied_boot_);
  if (boot == position_.boot) return false;
  if (boot.size() < position_.boot.size() || (boot.size() == position_.boot.size() && boot < position_.boot))
    return true;
  position_.boot = boot;
  position_.sequence.reset();
  boots_ += is_passing_ ? 0 : 1;
  return false;
}

bool KmsgSource::is_new(std::uint64_t sequence) {
  if (!position_.sequence) return true;
  const auto last = *position_.sequence;
  if (sequence <= last) return false;
  if (sequence > last + 1 && !is_passing_) count_lost(sequence - last - 1);
  return true;
}

void KmsgSource::count_lost(std::uint64_t records) {
  lost_ += records;
  if (said_lost_at_ && now_ >= *said_lost_at_ && now_ < *said_lost_at_ + say_lost_every) return;
  said_lost_at_ = now_;
  messages_.push_back(fmt::format(
      "the kernel overwrote {} records of its log before they were read ({} so far); a larger buffer (log_buf_len=) "
      "keeps more",
      records, lost_));
}

void KmsgSource::add_line(const KmsgRecord& record, LineBatch& batch) {
  Envelope envelope{.priority = record.level, .is_kernel = record.facility == 0};
  if (reader_.is_device()) envelope.at = clock_.time_of(record.uptime, now_);
  std::string_view text = record.text;
  if (record.facility == 0) {
    envelope.program = "kernel";
  } else {
    const auto writer = writer_of(record.text);
    envelope.program = writer.program;
    envelope.pid = writer.pid;
    text = writer.text;
  }
  if (record.facility != 0) envelope.stream = "written by " + (envelope.program.empty() ? "?" : envelope.program);
  if (batch.lines.empty()) batch.bytes.reserve(batch_bytes + padding_after_text);
  batch.lines.push_back(
      {static_cast<std::uint32_t>(batch.bytes.size()), static_cast<std::uint32_t>(text.size()), position_.offset});
  batch.bytes.append(text).push_back('\n');
  const auto written = envelope.at;
  batch.envelopes.push_back(std::move(envelope));
  position_.offset += text.size() + 1;
  if (written && *written < position_.followed_since) batch.followed_from = position_.offset;
}

TimePoint KmsgSource::next_deadline() const {
  if (must_go_on_) return now_;
  if (!reader_.is_open()) return open_at_;
  return reader_.is_device() ? TimePoint::max() : now_ + ask_every;
}

void KmsgSource::say_trouble(std::string trouble) {
  if (said_trouble_ == trouble) return;
  if (trouble.empty()) {
    messages_.push_back(options_.path + " can be read now");
  } else {
    messages_.push_back(fmt::format("cannot read {}: {}; will try again", options_.path, trouble));
  }
  said_trouble_ = std::move(trouble);
}

std::vector<std::string> KmsgSource::take_messages() { return std::exchange(messages_, {}); }

void KmsgSource::add_to(std::vector<Metric>& metrics) const {
  const auto add = [&](Metric metric) {
    metric.values.front().labels.push_back({"source", options_.path});
    add_metric(std::move(metric), metrics);
  };
  add(gauge("triaged_kernel_log_open", "1 while the kernel's log is open for reading", reader_.is_open() ? 1 : 0));
  add(counter("triaged_kernel_records_total", "records of the kernel's log that were read", records_));
  add(counter("triaged_kernel_lost_records_total", "records that the kernel overwrote before they were read", lost_));
  add(counter("triaged_kernel_damaged_records_total", "records that could not be understood", damaged_));
  add(counter("triaged_kernel_boots_total", "times that the host had booted since the log was read last", boots_));
}

}  // namespace triaged::sources
