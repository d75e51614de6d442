// Diagnoses in a file, one line of incident JSON each. The file may be moved away by logrotate at any time, or rotated
// by the sink itself; lines are never torn, not even by a full disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/descriptor.hpp"
#include "base/options.hpp"
#include "base/result.hpp"
#include "base/time_zone.hpp"
#include "sinks/sink.hpp"

namespace triaged::sinks {

struct FileSinkOptions {
  std::filesystem::path path;
  std::uint64_t rotate_size = 0;  // bytes; 0: never rotated by us
  std::string written;            // the path as the file has it, when it has ${NAME}; else empty
  unsigned rotate_keep = 5;       // old files kept, as PATH.1 (newest), PATH.2, …

  /// The path as messages may show it.
  [[nodiscard]] std::string shown() const { return written.empty() ? path.string() : written; }
};

class FileSink : public Sink {
 public:
  explicit FileSink(FileSinkOptions options) : options_(std::move(options)) {}

  [[nodiscard]] Delivery deliver(const Notification& notification) override;
  [[nodiscard]] std::string file() const override { return options_.path.string(); }

 private:
  [[nodiscard]] bool is_moved_away() const;
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> rotate();
  [[nodiscard]] Result<void> append(const std::string& line);

  const FileSinkOptions options_;
  Descriptor file_;
};

[[nodiscard]] std::vector<OptionFacts> file_options();
[[nodiscard]] std::unique_ptr<Sink> read_file_sink(YamlMapReader& fields, const TimeZone& zone);

}  // namespace triaged::sinks
