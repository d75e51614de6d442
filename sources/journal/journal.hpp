// A journal of systemd, open for reading in the order in which its entries were written: the one of this host, or the
// files of a folder. Wraps libsystemd (sd-journal(3)), which finds new, rotated and deleted files itself and leaves out
// what it cannot read. io thread only; nothing waits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sources/journal/journal_entry.hpp"
#include "sources/journal/journal_options.hpp"

struct sd_journal;

namespace triaged::sources {

/// Names an entry, as sd_journal_get_cursor() does; empty: there is none.
struct JournalCursor {
  std::string text;
};

/// What Journal::next() came to.
struct JournalStep {
  enum class Outcome {
    line,
    skipped,  // an entry without a message, or one of triaged's own
    damaged,  // an entry that cannot be read, or whose message is compressed in a way that libsystemd does not know
    nothing,  // now
  };
  Outcome outcome = Outcome::nothing;
  JournalLine line;
  std::string cursor;  // of that entry; empty: it has none that can be read
};

/// Where seek() came to.
struct JournalSeek {
  bool is_found = true;         // the entry of the cursor was there
  std::optional<TimePoint> at;  // of the entry where reading goes on instead; nullopt: of one to come
  std::string cursor;           // of that one
};

class Journal {
 public:
  /// Fails when there is no such folder, or no right to it. A journal without files is none that fails.
  [[nodiscard]] static Result<Journal> open(const JournalOptions& options);

  /// next() will give what stands behind the entry of `cursor`, or what was written after it when that entry is gone.
  /// Empty: the first entry.
  [[nodiscard]] Result<JournalSeek> seek(const std::string& cursor);
  /// The cursor of the last entry of all, whatever is asked for; empty: there is none.
  [[nodiscard]] Result<JournalCursor> last_cursor();

  /// Reads the next entry of those that were asked for.
  [[nodiscard]] Result<JournalStep> next();

  /// Does the journal hold an entry of `field`, "NAME=value"?
  [[nodiscard]] bool has_entry_with(const std::string& field);

  /// Readable when take_news() has something to do. The same as long as this lives; -1: it must be asked now and then.
  [[nodiscard]] int descriptor() const;
  /// Takes notice of what changed in the folders. True: files came or went.
  [[nodiscard]] bool take_news();

 private:
  struct Close {
    void operator()(sd_journal* journal) const noexcept;
  };

  Journal(sd_journal* journal, const JournalOptions& options);
  [[nodiscard]] Result<void> ask_for(bool is_for_all);
  [[nodiscard]] Result<JournalCursor> cursor_here();
  [[nodiscard]] Result<JournalCursor> step_from(const std::string& cursor);
  [[nodiscard]] Result<JournalSeek> seek_known(const std::string& cursor);
  void match(const std::string& field);

  std::unique_ptr<sd_journal, Close> journal_;
  std::vector<std::string> units_, identifiers_;
};

}  // namespace triaged::sources
