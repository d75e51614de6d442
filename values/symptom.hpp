// A line that a rule recognised, and a symptom: one that says by itself, or together with others, that something fails.
// Small, complete and serialisable: the boundary at which the road can be cut between edge nodes and diagnosers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace triaged::inline values {

struct Field {
  std::string name;
  std::string value;

  friend bool operator==(const Field&, const Field&) = default;
};

/// A line and what a rule's pattern and the line's format read in it. What it means, the types say that are one.
struct MatchedLine {
  std::string rule;          // Rule::id
  std::string format;        // "nginx.error"
  std::string source;        // LineBatch::source_name
  std::uint64_t offset = 0;  // of the line in its stream
  TimePoint at;              // the line's own time when it has one, else when it was read
  bool has_own_time = false;
  std::string host;           // from a syslog header; empty: this host
  std::string line;           // the line, valid or not as UTF-8, cut to 4 KiB
  std::string header;         // when the line continues a record (a traceback): the record's first line, cut likewise
  std::vector<Field> fields;  // what the format read and what the rule's named groups caught; the latter win
  /// Of a rule that means something only in numbers: lines of its log that were read since the last such line of it.
  std::uint64_t log_lines = 0;
  bool predates_following = false;  // it stood in its log before that was followed for the first time
  bool is_supporting = false;       // a symptom of it joins an incident that is open already, and never opens one

  /// The value of the field `name`; empty when it is not there.
  [[nodiscard]] std::string_view field(std::string_view name) const {
    for (const auto& field : fields) {
      if (field.name == name) return field.value;
    }
    return {};
  }

  friend bool operator==(const MatchedLine&, const MatchedLine&) = default;
};

/// The line is the failure, or the last of several lines that are one together.
struct Symptom : MatchedLine {
  std::uint64_t lines = 1;  // that it stands for

  friend bool operator==(const Symptom&, const Symptom&) = default;
};

inline constexpr std::size_t longest_symptom_line = 4096;

}  // namespace triaged::inline values
