#include "sources/journal/journal.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <systemd/sd-journal.h>

#include "sources/journal/journal_position.hpp"

namespace triaged::sources {

namespace {

// Longer fields come cut, so that a compressed one of any size costs no more. Also those of a name and '='.
constexpr std::size_t longest_field = longest_message + 1024;

Error failure_of(const char* what, int result) { return error(fmt::format("{}: {}", what, std::strerror(-result))); }

TimePoint time_of(sd_journal* journal) {
  std::uint64_t received = 0;
  static_cast<void>(sd_journal_get_realtime_usec(journal, &received));
  return TimePoint(Microseconds(static_cast<std::int64_t>(received)));
}

}  // namespace

void Journal::Close::operator()(sd_journal* journal) const noexcept { sd_journal_close(journal); }

Result<Journal> Journal::open(const JournalOptions& options) {
  sd_journal* opened = nullptr;
  const int result = options.folder.empty() ? sd_journal_open(&opened, SD_JOURNAL_LOCAL_ONLY)
                                            : sd_journal_open_directory(&opened, options.folder.c_str(), 0);
  if (result < 0) return error(std::strerror(-result));
  Journal journal(opened, options);
  if (const int set = sd_journal_set_data_threshold(opened, longest_field); set < 0) {
    return failure_of("cannot bound its fields", set);
  }
  if (auto asked = journal.ask_for(false); !asked) return asked.error();
  return journal;
}

Journal::Journal(sd_journal* journal, const JournalOptions& options)
    : journal_(journal), units_(options.units), identifiers_(options.identifiers) {}

void Journal::match(const std::string& field) {
  static_cast<void>(sd_journal_add_match(journal_.get(), field.data(), field.size()));
}

/// As `journalctl --unit`: what the unit's processes wrote, and what systemd and systemd-coredump say of it.
Result<void> Journal::ask_for(bool is_for_all) {
  sd_journal_flush_matches(journal_.get());
  if (is_for_all) return {};
  const auto either = [&] { return sd_journal_add_disjunction(journal_.get()); };
  int result = 0;
  for (const auto& unit : units_) {
    match("_SYSTEMD_UNIT=" + unit);
    result = std::min(result, either());
    match("_PID=1");
    match("UNIT=" + unit);
    result = std::min(result, either());
    match("_UID=0");
    match("OBJECT_SYSTEMD_UNIT=" + unit);
    result = std::min(result, either());
    match("_UID=0");
    match("COREDUMP_UNIT=" + unit);
    result = std::min(result, either());
  }
  for (const auto& identifier : identifiers_) {
    match("SYSLOG_IDENTIFIER=" + identifier);
    result = std::min(result, either());
  }
  if (result < 0) return failure_of("cannot ask for units and identifiers", result);
  return {};
}

Result<JournalCursor> Journal::cursor_here() {
  char* text = nullptr;
  const int result = sd_journal_get_cursor(journal_.get(), &text);
  if (result < 0) return failure_of("cannot say where it is read", result);
  const std::unique_ptr<char, decltype(&std::free)> owner(text, std::free);
  return JournalCursor{text};
}

/// The cursor of the entry that is found first from `cursor` on; empty: there is none.
Result<JournalCursor> Journal::step_from(const std::string& cursor) {
  if (const int result = sd_journal_seek_cursor(journal_.get(), cursor.c_str()); result < 0) {
    return failure_of("cannot seek", result);
  }
  const int result = sd_journal_next(journal_.get());
  if (result < 0) return failure_of("cannot read", result);
  if (result == 0) return JournalCursor{};
  return cursor_here();
}

Result<JournalSeek> Journal::seek(const std::string& cursor) {
  if (!cursor.empty()) return seek_known(cursor);
  if (const int result = sd_journal_seek_head(journal_.get()); result < 0) return failure_of("cannot seek", result);
  return JournalSeek{};
}

// Among all entries first: that the cursor's one is there is true also when it is not among those that are asked for
// now. Then among these, where next() is to give the first one that is not older.
Result<JournalSeek> Journal::seek_known(const std::string& cursor) {
  if (auto asked = ask_for(true); !asked) return asked.error();
  auto found = step_from(cursor);
  if (!found) return found.error();
  JournalSeek seek{.is_found = is_same_entry(cursor, found->text)};
  if (!seek.is_found && !found->text.empty()) {
    seek.at = time_of(journal_.get());
    seek.cursor = found->text;
  }
  if (auto asked = ask_for(false); !asked) return asked.error();
  found = step_from(cursor);
  if (!found) return found.error();
  const auto is_read = [&] {
    return is_same_entry(cursor, found->text) || entries_between(cursor, found->text).value_or(1) <= 0;
  };
  while (!found->text.empty() && is_read()) {
    const int result = sd_journal_next(journal_.get());
    if (result < 0) return failure_of("cannot read", result);
    if (result == 0) return seek;
    found = cursor_here();
    if (!found) return found.error();
  }
  // One back, so that next() gives the entry found.
  if (!found->text.empty() && sd_journal_seek_cursor(journal_.get(), found->text.c_str()) < 0)
    return error("cannot seek");
  return seek;
}

Result<JournalCursor> Journal::last_cursor() {
  if (auto asked = ask_for(true); !asked) return asked.error();
  int result = sd_journal_seek_tail(journal_.get());
  if (result >= 0) result = sd_journal_previous(journal_.get());
  if (result < 0) return failure_of("cannot read", result);
  auto cursor = result == 0 ? Result<JournalCursor>(JournalCursor{}) : cursor_here();
  if (auto asked = ask_for(false); !asked) return asked.error();
  return cursor;
}

Result<JournalStep> Journal::next() {
  using Outcome = JournalStep::Outcome;
  const int result = sd_journal_next(journal_.get());
  if (result < 0) return failure_of("cannot read", result);
  JournalStep step;
  if (result == 0) return step;
  step.outcome = Outcome::damaged;
  auto cursor = cursor_here();
  if (!cursor) return step;
  step.cursor = std::move(cursor->text);
  JournalFields fields;
  const void* data = nullptr;
  std::size_t size = 0;
  sd_journal_restart_data(journal_.get());
  int more = 0;
  while ((more = sd_journal_enumerate_available_data(journal_.get(), &data, &size)) > 0) {
    fields.add({static_cast<const char*>(data), size});
  }
  if (more < 0) return step;
  // What cannot be unpacked is passed over above.
  if (!fields.has_message() && sd_journal_get_data(journal_.get(), "MESSAGE", &data, &size) != -ENOENT) return step;
  step.outcome = fields.has_line() ? Outcome::line : Outcome::skipped;
  if (fields.has_line()) step.line = fields.take_line(time_of(journal_.get()));
  return step;
}

bool Journal::has_entry_with(const std::string& field) {
  sd_journal_flush_matches(journal_.get());
  match(field);
  const bool has_entry = sd_journal_seek_tail(journal_.get()) >= 0 && sd_journal_previous(journal_.get()) > 0;
  static_cast<void>(ask_for(false));
  return has_entry;
}

int Journal::descriptor() const { return std::max(sd_journal_get_fd(journal_.get()), -1); }

bool Journal::take_news() { return sd_journal_process(journal_.get()) == SD_JOURNAL_INVALIDATE; }

}  // namespace triaged::sources
