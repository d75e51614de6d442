// Reads one `sinks:` entry as the configuration does.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "sinks/make_sink.hpp"

namespace triaged {

/// The entry written as YAML, and what was reported, each problem as the operator sees it.
struct ReadSink {
  std::optional<sinks::SinkEntry> entry;
  std::vector<std::string> problems;
};

inline ReadSink read_one_sink(const std::string& yaml) {
  ReadSink read;
  Problems problems;
  const std::string file = "triaged.yaml";
  auto documents = read_yaml(yaml, file, problems);
  if (documents.empty()) throw std::runtime_error("the test's YAML is wrong: " + to_text(problems.at(0)));
  hide_texts(documents.front());
  read.entry = sinks::read_sink(documents.front(), file, TimeZone::utc(), problems);
  for (const auto& problem : problems) read.problems.push_back(to_text(problem));
  return read;
}

/// Of an entry that must be right.
inline std::unique_ptr<sinks::Sink> sink_of(const std::string& yaml) {
  auto read = read_one_sink(yaml);
  if (!read.entry) throw std::runtime_error(read.problems.empty() ? "no sink" : read.problems.front());
  return std::move(read.entry->sink);
}

}  // namespace triaged
