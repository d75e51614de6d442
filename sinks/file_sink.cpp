#include "sinks/file_sink.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sinks/write_all.hpp"

namespace triaged::sinks {

namespace {

constexpr long most_kept = 1000;
constexpr std::uint64_t smallest_rotation = 4096;

Error system_error(std::string_view what, const std::string& path) {
  return error(fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

std::uint64_t size_of(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

/// A power cut can leave half a line; what follows must not be glued to it.
bool ends_inside_a_line(const std::filesystem::path& path, std::uint64_t size) {
  if (size == 0) return false;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char last = '\n';
  return file.is_open() && ::pread(file.get(), &last, 1, static_cast<off_t>(size - 1)) == 1 && last != '\n';
}

std::filesystem::path numbered(const std::filesystem::path& path, unsigned number) {
  return path.string() + "." + std::to_string(number);
}

const OptionTable<FileSinkOptions>& rotation_table() {
  using Value = OptionsOf<FileSinkOptions>;
  static const OptionTable<FileSinkOptions> table = {
      {"size",
       Value::size(&FileSinkOptions::rotate_size,
                   {.least = smallest_rotation, .message = "'size' of 'rotate' must be at least 4KiB"}),
       "The file is renamed before it grows past this size.", "", true},
      {"keep",
       Value::whole(&FileSinkOptions::rotate_keep,
                    {.least = 0, .most = most_kept, .unit = "file", .message = "'keep' of 'rotate' must be 0 to 1000"}),
       "How many old files are kept, from `PATH.1`, the newest, to `PATH.N`."},
  };
  return table;
}

void read_path(YamlMapReader& fields, const OptionFacts& option, FileSinkOptions& file) {
  const auto path = fields.text(option.name);
  if (!path) return;
  file.path = *path;
  file.written = fields.shown(option.name);
  if (file.path.is_relative())
    fields.report(ProblemLevel::error, option.name, "'path' of sink 'file' must be absolute");
}

const OptionTable<FileSinkOptions>& table() {
  static const OptionTable<FileSinkOptions> table = {
      {"path",
       {{.shape = OptionFacts::Shape::text}, read_path},
       "The file, as an absolute path. It is created with mode 0640; its folder must exist.",
       "",
       true},
      {"rotate",
       {{.shape = OptionFacts::Shape::section, .fields = rotation_table().facts()},
        [](YamlMapReader& fields, const OptionFacts& option, FileSinkOptions& file) {
          rotation_table().read_map(fields, option.name, "'rotate' of sink 'file'", file);
        }},
       "When triaged rotates the file itself.",
       "never"},
  };
  return table;
}

}  // namespace

Delivery FileSink::deliver(const Notification& notification) {
  const auto line = to_json(notification.incident) + '\n';
  if (file_.is_open() && is_moved_away()) file_.close();
  auto done = file_.is_open() ? Result<void>() : open();
  if (done && options_.rotate_size > 0 && size_of(file_.get()) > 0 &&
      size_of(file_.get()) + line.size() > options_.rotate_size) {
    done = rotate();
  }
  if (done) done = append(line);
  if (!done) return {Outcome::try_again, done.error().message};
  return {};
}

bool FileSink::is_moved_away() const {
  struct stat open_file {
  }, named_file{};
  if (::fstat(file_.get(), &open_file) != 0 || ::stat(options_.path.c_str(), &named_file) != 0) return true;
  return open_file.st_ino != named_file.st_ino || open_file.st_dev != named_file.st_dev;
}

Result<void> FileSink::open() {
  // O_NONBLOCK: a FIFO without a reader is refused at once, not waited for.
  file_ = Descriptor(::open(options_.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640));
  if (!file_.is_open()) return system_error("open", options_.shown());
  if (!ends_inside_a_line(options_.path, size_of(file_.get()))) return {};
  return append("\n");
}

Result<void> FileSink::rotate() {
  file_.close();
  for (unsigned number = options_.rotate_keep; number > 0; --number) {
    const auto older = numbered(options_.path, number);
    const auto newer = number == 1 ? options_.path : numbered(options_.path, number - 1);
    if (::rename(newer.c_str(), older.c_str()) != 0 && errno != ENOENT) return system_error("rotate", options_.shown());
  }
  if (options_.rotate_keep == 0 && ::unlink(options_.path.c_str()) != 0 && errno != ENOENT) {
    return system_error("remove", options_.shown());
  }
  return open();
}

Result<void> FileSink::append(const std::string& line) {
  const auto before = size_of(file_.get());
  const auto written = write_all(file_.get(), line);
  if (written) return {};
  // A disk that became full in the middle: take back the half line, so that the next try does not follow it.
  (void)!::ftruncate(file_.get(), static_cast<off_t>(before));
  return error(fmt::format("cannot write {}: {}", options_.shown(), written.error().message));
}

std::vector<OptionFacts> file_options() { return table().facts(); }

std::unique_ptr<Sink> read_file_sink(YamlMapReader& fields, const TimeZone& /*zone*/) {
  FileSinkOptions file;
  table().read(fields, file);
  return std::make_unique<FileSink>(std::move(file));
}

}  // namespace triaged::sinks
