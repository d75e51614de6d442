#include "scan/line_origins.hpp"

#include <algorithm>

namespace triaged::scan {

namespace {

const LogReading* reading_of(const std::string& log, const std::vector<LogReading>& readings) {
  const auto found = std::ranges::find(readings, log, &LogReading::name);
  return found == readings.end() ? nullptr : &*found;
}

/// The file of the log in which the line stands, and where in that file.
void enter_file(Evidence& piece, const LogReading& reading) {
  const auto is_behind = [&](const LogPart& part) { return part.begin > piece.offset; };
  const auto next = std::ranges::find_if(reading.parts, is_behind);
  if (reading.parts.size() < 2 || next == reading.parts.begin()) return;
  const auto& part = *std::prev(next);
  piece.source = part.path;
  piece.offset -= part.begin;
}

/// Takes the times out of its reasons, which are not of the lines either.
void forget_time(Incident& incident, TimePoint at) {
  const auto time = to_rfc3339(at) + ' ';
  for (auto& cause : incident.causes) {
    for (auto& reason : cause.because) {
      for (auto found = reason.text.find(time); found != std::string::npos; found = reason.text.find(time)) {
        reason.text.erase(found, time.size());
      }
    }
  }
}

}  // namespace

void LineOrigins::note_undated(const MatchedLine& line) {
  auto& last = undated_[line.source];
  last = std::max(last, line.offset);
}

bool LineOrigins::is_undated(const Evidence& piece) const {
  const auto known = undated_.find(piece.source);
  return known != undated_.end() && piece.offset <= known->second;
}

void LineOrigins::complete(Incident& incident, const std::vector<LogReading>& readings) const {
  bool has_time = incident.evidence.empty();
  TimePoint modified_at{};
  for (auto& piece : incident.evidence) {
    auto placed = piece;
    if (is_undated(piece)) placed.at = {};
    has_time |= placed.at != TimePoint{};
    if (const auto* reading = reading_of(piece.source, readings)) {
      enter_file(placed, *reading);
      modified_at = std::max(modified_at, reading->modified_at);
    }
    for (auto& link : incident.chain) {
      if (link.source != piece.source || link.at != piece.at || link.line != piece.line) continue;
      link.source = placed.source;
      link.at = placed.at;
    }
    piece = std::move(placed);
  }
  if (has_time) return;
  forget_time(incident, incident.first_seen);
  incident.written_before = incident.first_seen = incident.last_seen = modified_at;
}

}  // namespace triaged::scan
