// A folder with the files of a journal, and the source that reads it. systemd-journal-remote writes the files, as it
// does where hosts send their journals: what is asked for is exactly what stands in them. Time is the test's own.
#pragma once

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "sources/make_source.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged {

using Fields = std::vector<std::pair<std::string, std::string>>;

class WrittenJournal : public testing::Test {
 protected:
  static constexpr TimePoint first_entry{std::chrono::seconds(1'795'223'793)};

  [[nodiscard]] std::string path() const { return folder_.path().string(); }
  [[nodiscard]] std::string file(std::string_view name) const { return (folder_.path() / name).string(); }

  /// An entry of a service's standard output; `more` overrides.
  [[nodiscard]] Fields entry(std::string message, const Fields& more = {}) {
    Fields fields{{"MESSAGE", std::move(message)},
                  {"_TRANSPORT", "stdout"},
                  {"SYSLOG_IDENTIFIER", "app"},
                  {"_SYSTEMD_UNIT", "app.service"},
                  {"_PID", "77"},
                  {"_HOSTNAME", "web1"},
                  {"_BOOT_ID", boot_}};
    for (const auto& [name, value] : more) {
      std::erase_if(fields, [&](const auto& field) { return field.first == name; });
      fields.emplace_back(name, value);
    }
    return fields;
  }

  /// Appends entries, a second after one another, to a file of the journal, which it may make.
  void write(const std::vector<Fields>& entries, std::string_view name = "system.journal") {
    const auto text_of = [&](const std::pair<std::string, std::string>& field) {
      const auto& [field_name, value] = field;
      if (value.find('\n') == std::string::npos) return field_name + "=" + value + "\n";
      std::string size;
      for (unsigned byte = 0; byte < 8; ++byte) size += static_cast<char>(value.size() >> (8 * byte) & 0xffU);
      return field_name + "\n" + size + value + "\n";
    };
    std::string text;
    for (const auto& fields : entries) {
      const auto at = (first_entry + std::chrono::seconds(written_)).time_since_epoch().count();
      text += fmt::format("__REALTIME_TIMESTAMP={}\n__MONOTONIC_TIMESTAMP={}\n", at, 1'000'000 * ++written_);
      for (const auto& field : fields) text += text_of(field);
      text += "\n";
    }
    export_to(name, text);
  }
  void write_lines(const std::vector<std::string>& messages, std::string_view name = "system.journal") {
    std::vector<Fields> entries;
    for (const auto& message : messages) entries.push_back(entry(message));
    write(entries, name);
  }
  /// What comes is of another boot.
  void reboot() { boot_ = std::string(31, '0') + "2"; }

  /// The options of the source besides its folder.
  std::string options = "start: checkpoint";

  void open() {
    source.reset();
    Problems problems;
    sources::Claims claims;
    const auto text = "journald: {folder: '" + path() + "', " + options + "}";
    const auto read =
        sources::read_source(read_yaml(text, "", problems).at(0), "", problems, claims, [](YamlMapReader&) {});
    auto made = must(sources::make_sources({read.value()}, {.checkpoint = checkpoint, .now = now, .kept = kept_}));
    source = std::move(made.at(0).source);
  }
  std::optional<LineBatch> next() {
    auto batch = source->next(now);
    if (batch) cursor = batch->cursor;
    return batch;
  }
  /// Everything that there is now.
  std::vector<std::string> lines() {
    std::vector<std::string> lines;
    while (auto batch = next()) {
      for (const auto& line : batch->lines) lines.emplace_back(batch->text(line));
    }
    return lines;
  }
  std::vector<std::string> lines_after(Microseconds duration) {
    now += duration;
    return lines();
  }
  void commit() { checkpoint = {cursor}; }

  [[nodiscard]] bool is_readable() const {
    pollfd asked{.fd = source->descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&asked, 1, 0) == 1;
  }
  [[nodiscard]] double metric(std::string_view name) const {
    std::vector<Metric> metrics;
    source->add_to(metrics);
    for (const auto& metric : metrics) {
      if (metric.name == name) return metric.values.at(0).value;
    }
    throw std::runtime_error("no metric " + std::string(name));
  }

  std::vector<Cursor> checkpoint;
  Cursor cursor;
  TimePoint now{first_entry + std::chrono::hours(1)};
  std::unique_ptr<sources::Source> source;

 private:
  void export_to(std::string_view name, const std::string& text) const {
    const auto command = fmt::format("/lib/systemd/systemd-journal-remote --output={} - 2>/dev/null", file(name));
    std::FILE* pipe = ::popen(command.c_str(), "w");
    const bool is_written = pipe != nullptr && std::fwrite(text.data(), 1, text.size(), pipe) == text.size();
    if (pipe == nullptr || ::pclose(pipe) != 0 || !is_written) throw std::runtime_error("failed: " + command);
  }

  TemporaryFolder folder_;
  sources::KeptStates kept_;
  std::string boot_ = std::string(31, '0') + "1";
  std::int64_t written_ = 0;
};

}  // namespace triaged
