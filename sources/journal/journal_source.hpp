// The source of kind `journald`: entries of a journal of systemd, each as a line of its program's own stream.
//
// Position. All entries have one order and the source one cursor, that of the last entry given out; what follows it is
// read after a restart, a reload or `kill -9`. When that entry was deleted meanwhile (vacuum), reading goes on at what
// was written after it, which is said and counted as a gap.
//
// Past. What journald had received when the journal was followed for the first time is its past
// (LineBatch::followed_from), also after a restart.
//
// What can be lost: entries that journald deleted before they were read; those in the damaged part of a file, which
// libsystemd passes over without a word; and, in a folder to which several hosts send their journals, an entry that
// arrives after a younger one of another host was read. Where all entries are read, their numbers tell how many are
// missing; journal_files.hpp finds files that cannot be opened at all.
//
// Where only some units are read, nothing of theirs may come for weeks, and the entry of the cursor would be deleted:
// from time to time the cursor moves on to the last entry of all.
//
// A folder that is not there, or must not be read, is tried again every look_every.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "sources/journal/journal.hpp"
#include "sources/journal/journal_files.hpp"
#include "sources/journal/journal_options.hpp"
#include "sources/journal/journal_position.hpp"
#include "sources/source.hpp"

namespace triaged::sources {

/// io thread only.
class JournalSource final : public Source {
 public:
  /// Throws std::system_error when no descriptor is left.
  [[nodiscard]] static Result<std::unique_ptr<Source>> open(const JournalOptions& options, const SourceOrigin& origin);

  [[nodiscard]] std::optional<LineBatch> next(TimePoint now) override;
  [[nodiscard]] int descriptor() const override { return watch_.get(); }
  [[nodiscard]] TimePoint next_deadline() const override;
  [[nodiscard]] std::vector<std::string> take_messages() override;
  void add_to(std::vector<Metric>& metrics) const override;
  [[nodiscard]] std::string summary() const override { return name_; }

 private:
  /// Read and not given out yet.
  struct ReadEntry {
    JournalLine line;
    std::string cursor;
  };

  JournalSource(const JournalOptions& options, const SourceOrigin& origin);

  [[nodiscard]] bool try_to_open();
  [[nodiscard]] Result<void> go_to_position();
  void look_at_files();
  void read_ahead();
  void take(JournalStep step);
  void note_missing(const std::string& cursor);
  [[nodiscard]] Result<bool> move_on();
  [[nodiscard]] bool reads_all() const { return options_.units.empty() && options_.identifiers.empty(); }
  void close_after(const Error& failure);
  [[nodiscard]] LineBatch next_batch();
  [[nodiscard]] LineBatch finished(LineBatch batch);
  void add_ahead(LineBatch& batch) const;
  void say_trouble(std::string trouble);
  void say_gap(const JournalSeek& seek);

  const JournalOptions options_;
  const std::string name_;    // what a person calls it
  const std::string stream_;  // of its cursors
  Descriptor watch_;          // an epoll, with the journal's descriptor in it while it is open
  std::optional<Journal> journal_;
  JournalFiles files_;
  std::optional<JournalPosition> position_;  // behind what was given out; nullopt: it was never read
  bool is_position_new_ = false;             // and not given out yet
  std::string read_cursor_;                  // of the last entry that was read
  std::deque<ReadEntry> entries_;
  std::size_t entry_bytes_ = 0;  // of their texts
  TimePoint now_;
  TimePoint look_at_;  // when the folders are looked at, or opening is tried
  TimePoint move_on_at_;
  bool must_go_on_ = false;  // next() has done much and not come to an end
  std::string said_trouble_;
  std::vector<std::string> messages_;
  std::uint64_t read_entries_ = 0, cut_entries_ = 0, damaged_entries_ = 0, missing_entries_ = 0, gaps_ = 0;
};

}  // namespace triaged::sources
