#include "sources/file/followed_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <sys/uio.h>
#include <unistd.h>

#include "sources/look_ahead.hpp"

namespace triaged::sources {

namespace {

// A smaller hole is read: finding its end would cost more.
constexpr std::uint64_t worthwhile_hole = 1024 * 1024;
// What a file is asked for beyond what its size promises: it may have grown in between.
constexpr std::uint64_t spare_room = 4096;

class PlainFile final : public FollowedFile {
 public:
  PlainFile(Descriptor file, FilePlace& place, const FileFollowerOptions& options)
      : FollowedFile(place, options), file_(std::move(file)), batch_bytes_(options.batch_bytes) {
    note_head();
  }

  Outcome read(LineBatch& batch, FollowCounts& counts) override {
    std::error_code failure;
    const FileStatus status = status_of(file_.get(), failure);
    if (failure) return failed(failure.value());
    if (status.size < splitter_.position()) return Outcome::rewritten;
    if (status.size == splitter_.position() && status.modified == modified_ && !closely_) {
      rest();
      return Outcome::caught_up;
    }
    const Outcome outcome = has_hole(status) ? skip_hole(status, counts) : read_more(status, batch, counts);
    if (outcome == Outcome::rewritten) return outcome;
    start_.modified = status.modified;
    size_ = std::max(status.size, splitter_.position());
    modified_ = status.modified;
    closely_ = false;
    if (outcome == Outcome::caught_up) rest();
    return outcome;
  }

  void look_closely() override { closely_ = true; }
  void note_head() final {
    // Marks of a text that was truncated meanwhile must not be mixed with those of the next one.
    if (start_.file.head_length == longest_head || splitter_.position() > 0 || !has_its_head()) return;
    std::error_code failure;
    grow_head(start_.file, file_.get(), status_of(file_.get(), failure).size);
  }
  std::uint64_t unread_bytes() const override {
    return size_ - std::min<std::uint64_t>(size_, splitter_.offset() + splitter_.already_emitted());
  }
  std::uint64_t size_seen() const override { return size_; }
  int descriptor() const override { return file_.get(); }
  Descriptor release() override { return std::move(file_); }

  std::string path_now() const override {
    constexpr std::string_view deleted_mark = " (deleted)";
    const std::string link = "/proc/self/fd/" + std::to_string(file_.get());
    std::array<char, 4096> target;
    const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
    if (length <= 0) return start_.path;
    const std::string_view path(target.data(), static_cast<std::size_t>(length));
    return path.ends_with(deleted_mark) ? std::string() : std::string(path);
  }

 private:
  // The bytes just before the place are read again together with the new ones: that they are still the same shows that
  // the file was not rewritten in between, and costs nothing but their copy.
  Outcome read_more(const FileStatus& status, LineBatch& batch, FollowCounts& counts) {
    const std::size_t known = known_bytes();
    std::array<char, LineSplitter::longest_before> again;
    const std::uint64_t promised = status.size - splitter_.position() + spare_room;
    const auto room = splitter_.room(static_cast<std::size_t>(std::min<std::uint64_t>(promised, batch_bytes_)));
    const std::array<iovec, 2> parts{{{again.data(), known}, {room.data(), room.size()}}};
    const auto from = static_cast<off_t>(splitter_.position() - known);
    const ssize_t count = ::preadv(file_.get(), parts.data(), static_cast<int>(parts.size()), from);
    if (count < 0) return errno == EINTR ? Outcome::progress : failed(errno);
    const auto size = static_cast<std::size_t>(count);
    if (size < known || !are_still({again.data(), known})) return Outcome::rewritten;
    const std::size_t arrived = size - known;
    if (splitter_.position() == 0 && !has_its_head()) return Outcome::rewritten;
    if (arrived == 0) {
      splitter_.release_room();
      return Outcome::caught_up;
    }
    const bool has_more = arrived == room.size();
    split(arrived, batch, counts);
    if (!batch.lines.empty() && (has_more || !splitter_.tail().empty())) {
      splitter_.add_ahead(bytes_at(file_.get(), splitter_.position(), look_ahead_bytes), batch);
    }
    counts.bytes += arrived;
    if (has_text()) grow_head(start_.file, file_.get(), status.size);
    return batch.lines.empty() ? Outcome::progress : Outcome::lines;
  }

  Outcome failed(int why) {
    failure_ = std::strerror(why);
    return Outcome::failed;
  }

  // Whether anything but NUL bytes was read; if not, the head begins behind them.
  bool has_text() {
    if (start_.file.head_length > 0 || splitter_.nul_bytes() < splitter_.position()) return true;
    start_.file.head_start = splitter_.position();
    return false;
  }

  // Before the first line is read, the head is all that tells of a truncation.
  bool has_its_head() const {
    return fnv1a(bytes_at(file_.get(), start_.file.head_start, start_.file.head_length)) == start_.file.head_hash;
  }

  // Thousands of files may be quiet: of the bytes before the place such a file keeps the hash, in start_.
  void rest() {
    if (is_resting() || !splitter_.tail().empty()) return;
    start_.before_length = static_cast<std::uint32_t>(splitter_.before().size());
    start_.before_hash = fnv1a(splitter_.before());
    splitter_.set_before({});
  }
  bool is_resting() const { return splitter_.before().empty() && splitter_.tail().empty(); }

  // How many bytes before the position are known, of those that stand in front of it.
  std::size_t known_bytes() const {
    if (is_resting()) return start_.before_length;
    return std::min(splitter_.before().size() + splitter_.tail().size(), LineSplitter::longest_before);
  }
  bool are_still(std::string_view bytes) {
    if (!is_resting()) return std::string(splitter_.before()).append(splitter_.tail()).ends_with(bytes);
    if (fnv1a(bytes) != start_.before_hash) return false;
    splitter_.set_before(bytes);
    return true;
  }

  bool has_hole(const FileStatus& status) const {
    return splitter_.at_line_start() && status.allocated < status.size &&
           next_data(status) - splitter_.position() >= worthwhile_hole;
  }

  std::uint64_t next_data(const FileStatus& status) const {
    const off_t data = ::lseek(file_.get(), static_cast<off_t>(splitter_.position()), SEEK_DATA);
    if (data >= 0) return static_cast<std::uint64_t>(data);
    return errno == ENXIO ? status.size : splitter_.position();  // ENXIO: no data up to the end
  }

  Outcome skip_hole(const FileStatus& status, FollowCounts& counts) {
    const std::size_t known = known_bytes();
    const std::string again = bytes_at(file_.get(), splitter_.position() - known, known);
    if (again.size() != known || !are_still(again)) return Outcome::rewritten;
    const std::uint64_t hole = next_data(status) - splitter_.position();
    splitter_.skip_nul(hole);
    counts.nul_bytes += hole;
    return Outcome::progress;
  }

  Descriptor file_;
  const std::size_t batch_bytes_;
  std::uint64_t size_ = 0;      // at the last read()
  std::int64_t modified_ = -1;  // at the last read()
  bool closely_ = false;
};

// Goes once through the text: passes over what was emitted from the plain file, then emits the rest.
class CompressedFile final : public FollowedFile {
 public:
  CompressedFile(std::unique_ptr<ByteStream> text, FilePlace& place, const FileFollowerOptions& options)
      : FollowedFile(place, options), text_(std::move(text)), batch_bytes_(options.batch_bytes), known_(place) {}

  Outcome read(LineBatch& batch, FollowCounts& counts) override {
    if (passed_ < known_.offset) return pass_over();
    const std::span<char> room = splitter_.room(batch_bytes_);
    const auto count = text_.fill(room);
    if (!count) return failed(count.error());
    if (*count == 0) return Outcome::caught_up;
    note({room.data(), *count});
    split(*count, batch, counts);
    if (!batch.lines.empty()) splitter_.add_ahead(text_.ahead(), batch);
    counts.bytes += *count;
    return batch.lines.empty() ? Outcome::progress : Outcome::lines;
  }

  std::string path_now() const override { return start_.path; }
  std::uint64_t unread_bytes() const override { return 0; }
  FilePlace place() const override { return passed_ < known_.offset ? known_ : FollowedFile::place(); }

 private:
  Outcome pass_over() {
    std::array<char, 64 * 1024> chunk;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), known_.offset - passed_));
    const auto count = text_.read(std::span(chunk).first(wanted));
    if (!count) return failed(count.error());
    if (*count == 0) return Outcome::rewritten;
    const std::string_view bytes(chunk.data(), *count);
    note(bytes);
    before_.append(bytes);
    if (before_.size() > known_.before_length) before_.erase(0, before_.size() - known_.before_length);
    if (passed_ < known_.offset) return Outcome::progress;
    splitter_.set_before(before_);
    return fnv1a(before_) == known_.before_hash ? Outcome::progress : Outcome::rewritten;
  }

  Outcome failed(const Error& why) {
    failure_ = why.message;
    return Outcome::failed;
  }

  // The head is known as far as it was read before; it grows with what lies behind that.
  void note(std::string_view bytes) {
    const std::uint64_t end = start_.file.head_end();
    const std::uint64_t known = std::min<std::uint64_t>(end - std::min(passed_, end), bytes.size());
    grow_head(start_.file, bytes.substr(known));
    passed_ += bytes.size();
  }

  LookAhead text_;
  const std::size_t batch_bytes_;
  const FilePlace known_;
  std::uint64_t passed_ = 0;  // bytes of the text that were read
  std::string before_;        // the last of them, while passing over
};

}  // namespace

FollowedFile::FollowedFile(FilePlace& place, const FileFollowerOptions& options)
    : splitter_({.batch_bytes = options.batch_bytes,
                 .longest_line = options.longest_line,
                 .offset = place.offset,
                 .inside = place.inside,
                 .already_emitted = place.already_emitted}),
      start_(place) {}

void FollowedFile::split(std::size_t arrived, LineBatch& batch, FollowCounts& counts) {
  const std::uint64_t cut = splitter_.cut_lines(), nul = splitter_.nul_bytes();
  splitter_.split(arrived, batch);
  counts.cut_lines += splitter_.cut_lines() - cut;
  counts.nul_bytes += splitter_.nul_bytes() - nul;
}

bool FollowedFile::emit_tail(LineBatch& batch, FollowCounts& counts) {
  const std::uint64_t cut = splitter_.cut_lines();
  const bool has_emitted = splitter_.emit_tail(batch);
  counts.cut_lines += splitter_.cut_lines() - cut;
  return has_emitted;
}

FilePlace FollowedFile::place() const {
  FilePlace place = start_;
  place.offset = splitter_.offset();
  if (!splitter_.before().empty()) {
    place.before_length = static_cast<std::uint32_t>(splitter_.before().size());
    place.before_hash = fnv1a(splitter_.before());
  }
  place.inside = splitter_.inside();
  place.already_emitted = static_cast<std::uint32_t>(splitter_.already_emitted());
  return place;
}

std::unique_ptr<FollowedFile> follow_plain(Descriptor file, FilePlace& place, const FileFollowerOptions& options) {
  return std::make_unique<PlainFile>(std::move(file), place, options);
}

std::unique_ptr<FollowedFile> follow_compressed(std::unique_ptr<ByteStream> text, FilePlace& place,
                                                const FileFollowerOptions& options) {
  return std::make_unique<CompressedFile>(std::move(text), place, options);
}

FilePlace place_at_end(int file, const FileStatus& status, std::uint64_t size, std::size_t longest_line) {
  size = std::min(size, status.size);
  const std::uint64_t reach = std::min<std::uint64_t>(size, longest_line);
  const std::string last = bytes_at(file, size - reach, static_cast<std::size_t>(reach));
  FilePlace place = beginning_of(status);
  place.offset = size;
  if (const std::size_t newline = last.rfind('\n'); newline != std::string::npos) {
    place.offset = size - reach + newline + 1;
  } else if (reach == size) {
    place.offset = 0;
  } else {
    place.inside = InsideLine::cut;
  }
  grow_head(place.file, file, status.size);
  place.before_length = static_cast<std::uint32_t>(std::min<std::uint64_t>(place.offset, LineSplitter::longest_before));
  place.before_hash = fnv1a(bytes_at(file, place.offset - place.before_length, place.before_length));
  return place;
}

}  // namespace triaged::sources
