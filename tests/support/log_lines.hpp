// Reads single log lines in a test, the way a source does: one LineReader for the lines of one file.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "formats/line_reader.hpp"

namespace triaged {

/// Lines of one file on a host in UTC, seen in November 2026.
class LogLines {
 public:
  explicit LogLines(std::string source_name = "some.log")
      : source_name_(std::move(source_name)), reader_(new_reader()) {}

  /// As when the daemon is restarted between two lines.
  void restart() {
    const std::string state = reader_.state();
    reader_ = new_reader();
    reader_.restore(state);
  }

  /// Valid until the next line.
  const formats::ReadLine& read(std::string line) {
    line_ = std::move(line);
    reader_.read(line_, read_);
    return read_;
  }
  const formats::ReadLine& last() const { return read_; }

  std::string message() const { return std::string(read_.message); }
  std::string field(std::string_view name) const { return std::string(read_.field(name)); }
  std::string time() const { return read_.time ? to_rfc3339(*read_.time) : "none"; }
  std::string_view format() const { return formats::name_of(read_.format); }

  /// "name=value" of every field, in the order in which they were given.
  std::vector<std::string> fields() const {
    std::vector<std::string> all;
    for (const auto& [name, value] : read_.fields) all.push_back(std::string(name) + "=" + std::string(value));
    return all;
  }

 private:
  formats::LineReader new_reader() const {
    return formats::LineReader({.source_name = source_name_,
                                .format = {},
                                .zone = {std::chrono::seconds(0)},
                                .reference = *parse_rfc3339("2026-11-21T02:00:00Z")});
  }

  std::string source_name_;
  formats::LineReader reader_;
  std::string line_;
  formats::ReadLine read_;
};

/// Texts that a client might send to be taken for the program, from a fixed seed.
class HostileTexts {
 public:
  explicit HostileTexts(std::vector<std::string> parts) : parts_(std::move(parts)) {}

  /// Holds "CLIENT" at least once, so that a test can look for it.
  std::string next() {
    std::string text = "CLIENT";
    const auto count = random_() % 6;
    for (std::size_t i = 0; i < count; ++i) text += parts_[random_() % parts_.size()];
    return text + "CLIENT";
  }

 private:
  std::vector<std::string> parts_;
  std::mt19937 random_{20261121};
};

}  // namespace triaged
