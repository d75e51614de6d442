// What a story knows of the lines of an incident besides what they say: in which file of a rotated log each stands, and
// whether its time is its own.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scan/finding_stream.hpp"
#include "values/incident.hpp"

namespace triaged::scan {

class LineOrigins {
 public:
  /// The line has no time, nor has any before it in its log.
  void note_undated(const MatchedLine& line);

  /// Gives evidence and chain the files in which their lines stand, and takes away times that are not of the lines. An
  /// incident without any time of its own is written before its files were modified.
  void complete(Incident& incident, const std::vector<LogReading>& readings) const;

 private:
  [[nodiscard]] bool is_undated(const Evidence& piece) const;

  std::map<std::string, std::uint64_t> undated_;  // offset of the last such line of each log
};

}  // namespace triaged::scan
