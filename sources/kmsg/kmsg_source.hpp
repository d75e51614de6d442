// The source of kind `kernel`: the kernel's own log, from /dev/kmsg. What the kernel wrote itself is its own word;
// records that a process wrote there (another facility than 0) are that program's.
//
// Position: the boot, and the number of the last record that was given out. The kernel numbers its records from one on
// with each boot and keeps the last ones only; numbers that are missing are records that were overwritten before they
// were read: they are counted and said. Of what an earlier boot still had nobody knows.
//
// Past. What the kernel had written when its log was followed for the first time is the log's past
// (LineBatch::followed_from), also after a restart. Records of a copy do not say when they were written: it has none.
//
// Time: kmsg_record.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.hpp"
#include "sources/kmsg/kmsg_options.hpp"
#include "sources/kmsg/kmsg_reader.hpp"
#include "sources/kmsg/kmsg_record.hpp"
#include "sources/source.hpp"

namespace triaged::sources {

/// What this host says of its present boot.
struct HostBoot {
  std::string id = "0";  // /proc/sys/kernel/random/boot_id
  TimePoint at;          // when the kernel's clock was 0
};
[[nodiscard]] HostBoot boot_of_this_host(TimePoint now);

struct KmsgPosition {
  std::string boot;                       // its id; of a copy of records, how many began in it before
  std::optional<std::uint64_t> sequence;  // of the last record; nullopt: there was none
  std::uint64_t offset = 0;               // bytes of text that were given out so far; never goes back
  TimePoint followed_since = {};          // what the kernel wrote before is the log's past; none: it has no past
};
[[nodiscard]] std::string to_state(const KmsgPosition& position);
/// nullopt: `state` is not what to_state() writes.
[[nodiscard]] std::optional<KmsgPosition> read_kmsg_state(std::string_view state);

/// io thread only.
class KmsgSource final : public Source {
 public:
  /// Throws std::system_error when no descriptor is left.
  KmsgSource(const KmsgOptions& options, const SourceOrigin& origin, const HostBoot& boot);

  [[nodiscard]] std::optional<LineBatch> next(TimePoint now) override;
  [[nodiscard]] int descriptor() const override { return watch_.get(); }
  [[nodiscard]] TimePoint next_deadline() const override;
  [[nodiscard]] std::vector<std::string> take_messages() override;
  void add_to(std::vector<Metric>& metrics) const override;
  [[nodiscard]] std::string summary() const override { return "the kernel's log"; }

 private:
  void go_on_from(const std::vector<Cursor>& checkpoint);
  [[nodiscard]] bool try_to_open();
  void read(LineBatch& batch);
  void take(LineBatch& batch);
  [[nodiscard]] bool is_of_earlier_boot(std::uint64_t sequence);
  [[nodiscard]] bool is_new(std::uint64_t sequence);
  void count_lost(std::uint64_t records);
  void add_line(const KmsgRecord& record, LineBatch& batch);
  void say_trouble(std::string trouble);

  const KmsgOptions options_;
  const std::string stream_;  // of its cursors
  Descriptor watch_;          // an epoll, with the device in it while it is open
  KmsgReader reader_;
  KmsgClock clock_;
  KmsgPosition position_;
  std::uint64_t copied_boot_ = 0;             // of a copy: how many have begun in it
  std::optional<std::uint64_t> copied_last_;  // number of its last record
  bool is_passing_ = false;                   // what is there already is not given out
  TimePoint now_;
  TimePoint open_at_;
  bool must_go_on_ = false;  // next() has done much and not come to an end
  std::optional<TimePoint> said_lost_at_;
  std::string said_trouble_;
  std::vector<std::string> messages_;
  std::uint64_t records_ = 0, lost_ = 0, damaged_ = 0, boots_ = 0;
};

}  // namespace triaged::sources
