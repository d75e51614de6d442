#include "sources/journal/journal_source.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/epoll.h>

#include "sources/line_splitter.hpp"
#include "sources/make_source.hpp"

namespace triaged::sources {

namespace {

constexpr std::size_t batch_bytes = 64 * 1024;
constexpr std::size_t most_lines = 1024;                      // of a batch: each has an Envelope
constexpr int most_entries_per_call = 4096;                   // read by one call, before the caller gets a chance
constexpr Microseconds look_every = std::chrono::seconds(5);  // while there is nothing to read
constexpr Microseconds move_on_every = std::chrono::minutes(10);
constexpr Microseconds check_every = std::chrono::seconds(30);  // the files, while there is

std::string name_of(const JournalOptions& options) {
  return options.folder.empty() ? "journal" : "journal " + options.folder;
}

std::string stream_of(const JournalOptions& options) {
  return options.folder.empty() ? "journal" : "journal:" + options.folder;
}

std::optional<JournalPosition> position_in(const std::vector<Cursor>& checkpoint, const std::string& stream) {
  for (const auto& cursor : checkpoint) {
    if (cursor.stream == stream) return read_journal_state(cursor.state);
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<Source>> JournalSource::open(const JournalOptions& options, const SourceOrigin& origin) {
  std::unique_ptr<JournalSource> source(new JournalSource(options, origin));
  static_cast<void>(source->try_to_open());
  return std::unique_ptr<Source>(std::move(source));
}

JournalSource::JournalSource(const JournalOptions& options, const SourceOrigin& origin)
    : options_(options),
      name_(name_of(options)),
      stream_(stream_of(options)),
      watch_(::epoll_create1(EPOLL_CLOEXEC)),
      files_(options.folder),
      position_(position_in(origin.checkpoint, stream_)),
      now_(origin.now),
      look_at_(origin.now),
      move_on_at_(origin.now + move_on_every) {
  if (!watch_.is_open()) throw std::system_error(errno, std::generic_category());
  if (!position_ && (options.start == JournalOptions::Start::checkpoint || origin.has_lost_cursors)) {
    position_.emplace();
    if (!origin.has_lost_cursors) position_->followed_since = origin.now;
  }
}

std::optional<LineBatch> JournalSource::next(TimePoint now) {
  if (now < now_) {  // the wall clock was set back
    look_at_ -= now_ - now;
    move_on_at_ -= now_ - now;
  }
  now_ = now;
  must_go_on_ = false;
  if (now_ >= look_at_) look_at_files();
  if (!journal_ && !try_to_open()) return std::nullopt;
  if (std::exchange(is_position_new_, false)) return finished({});
  read_ahead();
  if (entries_.empty() && journal_ && !must_go_on_ && !reads_all() && now_ >= move_on_at_) {
    move_on_at_ = now_ + move_on_every;
    const auto has_moved = move_on();
    if (!has_moved) close_after(has_moved.error());
    if (has_moved && *has_moved) return finished({});
  }
  if (entries_.empty()) return std::nullopt;
  return finished(next_batch());
}

/// What was asked for and stands before the last entry of all is read first; when there is none of it, that is where
/// reading goes on.
Result<bool> JournalSource::move_on() {
  auto last = journal_->last_cursor();
  if (!last) return last.error();
  if (const auto back = journal_->seek(position_->cursor); !back) return back.error();
  read_ahead();
  if (!journal_ || !entries_.empty() || must_go_on_ || last->text.empty() || last->text == position_->cursor) {
    return false;
  }
  position_->cursor = read_cursor_ = std::move(last->text);
  return true;
}

void JournalSource::look_at_files() {
  for (auto& message : files_.look()) messages_.push_back(std::move(message));
  if (files_.have_folders_changed()) journal_.reset();  // libsystemd watches those that were there when it opened them
  look_at_ = now_ + (journal_ && files_.count() > 0 ? check_every : look_every);
  if (files_.forbidden() > 0) {
    say_trouble(fmt::format("{} of {} files must not be read; add the user of triaged to the group systemd-journal",
                            files_.forbidden(), files_.count()));
  } else if (files_.count() == 0) {
    say_trouble("there are no files of a journal; will look again");
  } else if (journal_) {
    say_trouble({});
  }
}

bool JournalSource::try_to_open() {
  auto journal = Journal::open(options_);
  if (!journal) {
    if (files_.forbidden() == 0) say_trouble(journal.error().message + "; will try again");
    return false;
  }
  journal_.emplace(std::move(*journal));
  epoll_event event{.events = EPOLLIN, .data = {}};  // which a journal that is closed leaves by itself
  if (const int news = journal_->descriptor(); news >= 0) ::epoll_ctl(watch_.get(), EPOLL_CTL_ADD, news, &event);
  if (auto gone = go_to_position(); !gone) {
    close_after(gone.error());
    return false;
  }
  return true;
}

Result<void> JournalSource::go_to_position() {
  if (!position_) {
    auto last = journal_->last_cursor();
    if (!last) return last.error();
    position_.emplace().cursor = std::move(last->text);
    is_position_new_ = true;
  }
  entries_.clear();
  entry_bytes_ = 0;
  read_cursor_ = position_->cursor;
  const auto seek = journal_->seek(position_->cursor);
  if (!seek) return seek.error();
  if (!seek->is_found) say_gap(*seek);
  return {};
}

/// That an entry has gone says that others behind it may have gone, too; how many of them were asked for nobody knows.
void JournalSource::say_gap(const JournalSeek& seek) {
  const auto apart = entries_between(position_->cursor, seek.cursor).value_or(0);  // 0: not known
  if (apart == 1) return;  // the next one is there: nothing but what was read is gone
  read_cursor_.clear();    // nothing is missing twice
  ++gaps_;
  auto message = fmt::format("{}: the entry where reading stopped was deleted", name_);
  if (!seek.at) {
    message += "; reading goes on with the next one that comes";
  } else {
    message += fmt::format("; reading goes on at {}", to_rfc3339(*seek.at));
  }
  if (apart > 1) message += fmt::format(", {} entries later", apart - 1);
  messages_.push_back(message + ". What was deleted before it was read is lost");
}

/// Until there is enough for a batch and what is to be seen ahead of it.
void JournalSource::read_ahead() {
  if (journal_->take_news()) look_at_ = now_;
  for (int i = 0; i < most_entries_per_call; ++i) {
    if (entry_bytes_ >= batch_bytes + look_ahead_bytes || entries_.size() >= 2 * most_lines) return;
    auto step = journal_->next();
    if (!step) return close_after(step.error());
    if (step->outcome == JournalStep::Outcome::nothing) return;
    take(std::move(*step));
  }
  must_go_on_ = true;
}

void JournalSource::take(JournalStep step) {
  ++read_entries_;
  if (!step.cursor.empty()) {
    note_missing(step.cursor);
    read_cursor_ = step.cursor;
  }
  if (step.outcome == JournalStep::Outcome::damaged && damaged_entries_++ == 0) {
    messages_.push_back(name_ +
                        ": an entry cannot be read and is left out (its file is damaged, or compressed in a way "
                        "that this libsystemd does not know); further ones are counted only");
  }
  if (step.outcome != JournalStep::Outcome::line) return;
  cut_entries_ += step.line.is_cut ? 1 : 0;
  entry_bytes_ += step.line.text.size() + 1;
  entries_.push_back({std::move(step.line), std::move(step.cursor)});
}

/// journald numbers the entries of all files one after another.
void JournalSource::note_missing(const std::string& cursor) {
  if (!reads_all()) return;
  const auto apart = entries_between(read_cursor_, cursor).value_or(1);
  if (apart <= 1) return;
  if (missing_entries_ == 0) {
    messages_.push_back(
        fmt::format("{}: {} entries are missing before {}: a file is damaged, was deleted or must not be "
                    "read ('journalctl --verify' names damaged ones); further ones are counted only",
                    name_, apart - 1, cursor));
  }
  missing_entries_ += static_cast<std::uint64_t>(apart - 1);
}

void JournalSource::close_after(const Error& failure) {
  say_trouble(failure.message + "; will try again");
  journal_.reset();
  look_at_ = std::max(look_at_, now_ + look_every);
}

LineBatch JournalSource::next_batch() {
  LineBatch batch;
  batch.bytes.reserve(std::min(entry_bytes_, batch_bytes + longest_message) + padding_after_text);
  while (!entries_.empty() && batch.bytes.size() < batch_bytes && batch.lines.size() < most_lines) {
    auto& entry = entries_.front();
    const auto length = entry.line.text.size();
    batch.lines.push_back(
        {static_cast<std::uint32_t>(batch.bytes.size()), static_cast<std::uint32_t>(length), position_->offset});
    batch.bytes.append(entry.line.text).push_back('\n');
    const auto received = entry.line.envelope.at;
    batch.envelopes.push_back(std::move(entry.line.envelope));
    position_->offset += length + 1;
    if (received && *received < position_->followed_since) batch.followed_from = position_->offset;
    position_->cursor = std::move(entry.cursor);
    entry_bytes_ -= length + 1;
    entries_.pop_front();
  }
  // What stands behind the last line and is none is done, too.
  if (entries_.empty()) position_->cursor = read_cursor_;
  add_ahead(batch);
  return batch;
}

/// Of an entry its first line: what else it says began in no other entry.
void JournalSource::add_ahead(LineBatch& batch) const {
  for (const auto& entry : entries_) {
    const auto line = std::string_view(entry.line.text).substr(0, entry.line.text.find('\n'));
    if (batch.ahead.size() + line.size() + 1 > look_ahead_bytes) return;
    if (batch.ahead.empty()) batch.ahead.reserve(look_ahead_bytes + padding_after_text);
    batch.ahead.append(line).push_back('\n');
    batch.ahead_envelopes.push_back(entry.line.envelope);
  }
}

LineBatch JournalSource::finished(LineBatch batch) {
  batch.source_name = name_;
  batch.cursor = {stream_, to_state(*position_)};
  batch.observed_at = now_;
  return batch;
}

TimePoint JournalSource::next_deadline() const {
  return must_go_on_ || !entries_.empty() || is_position_new_ ? now_ : look_at_;
}

void JournalSource::say_trouble(std::string trouble) {
  if (said_trouble_ == trouble) return;
  if (trouble.empty()) {
    messages_.push_back(name_ + " can be read now");
  } else {
    messages_.push_back(fmt::format("cannot read {}: {}", name_, trouble));
  }
  said_trouble_ = std::move(trouble);
}

std::vector<std::string> JournalSource::take_messages() { return std::exchange(messages_, {}); }

void JournalSource::add_to(std::vector<Metric>& metrics) const {
  const auto add = [&](Metric metric) {
    metric.values.front().labels.push_back({"source", name_});
    add_metric(std::move(metric), metrics);
  };
  add(gauge("triaged_journal_open", "1 while the journal is open for reading", journal_ ? 1 : 0));
  add(gauge("triaged_journal_files", "files of the journal", files_.count()));
  add(gauge("triaged_journal_unreadable_files", "files of the journal that are damaged or must not be read",
            files_.damaged() + files_.forbidden()));
  add(counter("triaged_journal_entries_total", "entries of the journal that were read", read_entries_));
  add(counter("triaged_journal_cut_entries_total", "entries whose message was too long and was cut", cut_entries_));
  add(counter("triaged_journal_damaged_entries_total", "entries that could not be read", damaged_entries_));
  add(counter("triaged_journal_missing_entries_total",
              "entries that were numbered and could not be found: damaged, deleted or in files that must not be read",
              missing_entries_));
  add(counter("triaged_journal_gaps_total", "times that the entry where reading stopped was deleted", gaps_));
}

}  // namespace triaged::sources
