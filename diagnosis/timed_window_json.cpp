#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "diagnosis/saved_json.hpp"
#include "diagnosis/symptom_json.hpp"
#include "diagnosis/timed_window.hpp"

namespace triaged::diagnosis {

namespace dom = simdjson::dom;

namespace {

template <typename Duration>
void write_start(JsonWriter& json, std::chrono::sys_time<Duration> start) {
  json.integer(start.time_since_epoch().count());
}

void write_lines(JsonWriter& json, std::string_view key, const std::vector<std::vector<SeenLine>>& terms) {
  json.key(key).begin_array();
  for (const auto& lines : terms) {
    json.begin_array();
    for (const auto& line : lines) {
      json.begin_object();
      write_time(json.key("arrived"), line.arrived);
      write_line(json.key("line"), line.line);
      json.end_object();
    }
    json.end_array();
  }
  json.end_array();
}

void write(JsonWriter& json, const LineWindow& window) {
  write_lines(json, "of", window.of());
  write_lines(json, "unless", window.unless());
}

void write(JsonWriter& json, const RateWindow& window) {
  const auto memory = window.memory();
  json.key("seconds").begin_array();
  for (const auto& [at, second] : memory.seconds) {
    json.begin_array();
    write_start(json, at);
    json.whole(second.of);
    json.whole(second.share_of);
    write_time(json, second.arrived);
    if (second.first) write_line(json, *second.first);
    json.end_array();
  }
  json.end_array();
  if (memory.unjudged) write_start(json.key("unjudged"), *memory.unjudged);
  if (memory.silent_since) write_start(json.key("silent_since"), *memory.silent_since);
  if (memory.latest) write_line(json.key("latest"), *memory.latest);
}

/// One number for each second from the first one on.
void write_answers(JsonWriter& json, const SaturationWindow::Memory& memory) {
  json.key("answers").begin_array();
  if (!memory.answers.empty()) {
    auto second = memory.answers.begin()->first;
    for (const auto& [at, count] : memory.answers) {
      for (; second < at; second += std::chrono::seconds(1)) json.whole(0);
      json.whole(count);
      second += std::chrono::seconds(1);
    }
  }
  json.end_array();
}

// Written with every group that holds a request, so it is small: ends as differences, answers as one number a second.
void write(JsonWriter& json, const SaturationWindow& window) {
  const auto& memory = window.memory();
  TimePoint before = memory.holds.empty() ? TimePoint{} : memory.holds.front().end;
  write_time(json.key("first_end"), before);
  if (!memory.answers.empty()) write_start(json.key("first_second"), memory.answers.begin()->first);
  json.key("holds").begin_array();
  for (const auto& hold : memory.holds) {
    json.integer((hold.end - std::exchange(before, hold.end)).count());
    json.integer(hold.held.count());
  }
  json.end_array();
  write_answers(json, memory);
  write_time(json.key("latest"), memory.latest);
  write_time(json.key("latest_arrival"), memory.latest_arrival);
  write_start(json.key("judged_at"), memory.judged_at);
  json.key("unjudged").boolean(memory.is_unjudged);
  if (memory.busy_until) write_time(json.key("busy_until"), *memory.busy_until);
  if (memory.told_at) write_time(json.key("told_at"), *memory.told_at);
  if (memory.sample) write_line(json.key("sample"), *memory.sample);
  json.key("sample_held").integer(memory.sample_held.count());
}

void write(JsonWriter& json, const AbsenceWindow& window) {
  const auto& memory = window.memory();
  json.key("parts").begin_array();
  for (const auto& [start, part] : memory.parts) {
    json.begin_array();
    write_start(json, start);
    json.whole(part.lines);
    json.integer(part.longest_pause.count());
    json.integer(part.longest_absence.count());
    json.end_array();
  }
  json.end_array();
  write_time(json.key("begin"), memory.begin);
  write_time(json.key("latest"), memory.latest);
  write_time(json.key("latest_arrival"), memory.latest_arrival);
  if (memory.told_at) write_time(json.key("told_at"), *memory.told_at);
  if (memory.last) write_line(json.key("last"), *memory.last);
}

void read_lines(dom::element element, std::string_view key, knowledge::TermRole role, std::size_t terms,
                LineWindow& window) {
  std::size_t term = 0;
  for (const dom::element of_term : array_in(element, key)) {
    if (term >= terms) throw simdjson::simdjson_error(simdjson::INDEX_OUT_OF_BOUNDS);
    for (const dom::element line : array_of(of_term)) {
      auto matched = line_from_json(line["line"].value());
      const auto at = matched.at;
      (void)window.add(role, term, {at, time_in(line, "arrived"), std::move(matched)});
    }
    ++term;
  }
}

std::optional<std::chrono::sys_seconds> second_in(dom::element element, std::string_view key) {
  std::int64_t number = 0;
  if (element[key].get_int64().get(number) != simdjson::SUCCESS) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(number));
}

RateWindow::Memory rate_memory(dom::element element) {
  RateWindow::Memory memory;
  for (const dom::element second : array_in(element, "seconds")) {
    const std::chrono::sys_seconds at(std::chrono::seconds(second.at(0).get_int64().value()));
    auto& read = memory.seconds[at];
    read.of = second.at(1).get_uint64().value();
    read.share_of = second.at(2).get_uint64().value();
    read.arrived = time_of(second.at(3).value());
    dom::element first;
    if (second.at(4).get(first) == simdjson::SUCCESS) read.first = line_from_json(first);
  }
  memory.unjudged = second_in(element, "unjudged");
  memory.silent_since = second_in(element, "silent_since");
  dom::element latest;
  if (element["latest"].get(latest) == simdjson::SUCCESS) memory.latest = line_from_json(latest);
  const bool has_lines =
      std::any_of(memory.seconds.begin(), memory.seconds.end(), [](const auto& entry) { return entry.second.of > 0; });
  if (has_lines && !memory.latest) throw simdjson::simdjson_error(simdjson::NO_SUCH_FIELD);
  return memory;
}

SaturationWindow::Memory saturation_memory(dom::element element) {
  SaturationWindow::Memory memory;
  TimePoint end = time_in(element, "first_end");
  const auto numbers = array_in(element, "holds");
  for (auto number = numbers.begin(); number != numbers.end(); ++number) {
    end += Microseconds((*number).get_int64().value());
    if (++number == numbers.end()) throw simdjson::simdjson_error(simdjson::INDEX_OUT_OF_BOUNDS);
    memory.holds.push_back({end, Microseconds((*number).get_int64().value())});
  }
  auto second = second_in(element, "first_second").value_or(std::chrono::sys_seconds());
  for (const dom::element count : array_in(element, "answers")) {
    if (const auto answers = count.get_uint64().value(); answers > 0) memory.answers[second] = answers;
    second += std::chrono::seconds(1);
  }
  memory.latest = time_in(element, "latest");
  memory.latest_arrival = time_in(element, "latest_arrival");
  memory.judged_at = second_in(element, "judged_at").value_or(std::chrono::sys_seconds());
  memory.is_unjudged = element["unjudged"].get_bool().value();
  dom::element found;
  if (element["busy_until"].get(found) == simdjson::SUCCESS) memory.busy_until = time_of(found);
  if (element["told_at"].get(found) == simdjson::SUCCESS) memory.told_at = time_of(found);
  if (element["sample"].get(found) == simdjson::SUCCESS) memory.sample = line_from_json(found);
  memory.sample_held = Microseconds(element["sample_held"].get_int64().value());
  if (!memory.holds.empty() && !memory.sample) throw simdjson::simdjson_error(simdjson::NO_SUCH_FIELD);
  return memory;
}

AbsenceWindow::Memory absence_memory(dom::element element) {
  AbsenceWindow::Memory memory;
  for (const dom::element part : array_in(element, "parts")) {
    const AbsenceWindow::PartStart start(std::chrono::seconds(part.at(0).get_int64().value()));
    memory.parts[start] = {part.at(1).get_uint64().value(), Microseconds(part.at(2).get_int64().value()),
                           Microseconds(part.at(3).get_int64().value())};
  }
  memory.begin = time_in(element, "begin");
  memory.latest = time_in(element, "latest");
  memory.latest_arrival = time_in(element, "latest_arrival");
  dom::element found;
  if (element["told_at"].get(found) == simdjson::SUCCESS) memory.told_at = time_of(found);
  if (element["last"].get(found) == simdjson::SUCCESS) memory.last = line_from_json(found);
  return memory;
}

}  // namespace

AnyWindow window_of(const knowledge::TimedMatch& timed) {
  if (timed.kind == knowledge::TimedKind::rate) return RateWindow(timed);
  if (timed.kind == knowledge::TimedKind::saturation) return SaturationWindow(timed);
  if (timed.kind == knowledge::TimedKind::absence) return AbsenceWindow(timed);
  return LineWindow(timed);
}

std::string to_json(const AnyWindow& window, std::string_view by, TimePoint now) {
  JsonWriter json;
  json.begin_object();
  std::visit([&](const auto& some) { write(json, some); }, window);
  json.key("by").text(by);
  write_time(json.key("now"), now);
  json.end_object();
  return std::move(json).json();
}

Result<SavedWindow> window_from_json(const knowledge::TimedMatch& timed, std::string_view text) {
  try {
    dom::parser parser;
    const simdjson::padded_string padded(text);
    const dom::element element = parser.parse(padded).value();
    SavedWindow saved{window_of(timed), text_in(element, "by"), time_in(element, "now")};
    if (auto* lines = std::get_if<LineWindow>(&saved.window)) {
      read_lines(element, "of", knowledge::TermRole::of, timed.of.size(), *lines);
      read_lines(element, "unless", knowledge::TermRole::unless, timed.unless.size(), *lines);
    } else if (auto* rate = std::get_if<RateWindow>(&saved.window)) {
      rate->restore(rate_memory(element));
    } else if (auto* absence = std::get_if<AbsenceWindow>(&saved.window)) {
      absence->restore(absence_memory(element));
    } else {
      std::get<SaturationWindow>(saved.window).restore(saturation_memory(element));
    }
    return saved;
  } catch (const simdjson::simdjson_error& failure) {
    return error(std::string("cannot read the saved window: ") + failure.what());
  }
}

}  // namespace triaged::diagnosis
