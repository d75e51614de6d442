#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <simdjson.h>

#include "base/utf8.hpp"
#include "diagnosis/symptom_json.hpp"
#include "diagnosis/timed_window.hpp"

namespace triaged {

namespace json = boost::json;
namespace dom = simdjson::dom;

namespace {

std::int64_t number_of(TimePoint time) { return time.time_since_epoch().count(); }
TimePoint time_of(dom::element element) { return TimePoint(Microseconds(element.get_int64().value())); }

dom::array list_in(dom::element parent, std::string_view key) {
  dom::array array;
  if (const auto failure = parent[key].get_array().get(array)) throw simdjson::simdjson_error(failure);
  return array;
}

json::array lines_json(const std::vector<std::vector<SeenLine>>& terms) {
  json::array array;
  for (const auto& lines : terms) {
    json::array of_term;
    for (const auto& line : lines) {
      of_term.push_back(json::object{{"arrived", number_of(line.arrived)}, {"line", symptom_to_json(line.symptom)}});
    }
    array.push_back(std::move(of_term));
  }
  return array;
}

json::object json_of(const LineWindow& window) {
  return {{"of", lines_json(window.of())}, {"unless", lines_json(window.unless())}};
}

json::object json_of(const RateWindow& window) {
  const auto memory = window.memory();
  json::array seconds;
  for (const auto& [at, second] : memory.seconds) {
    json::array of_second{at.time_since_epoch().count(), second.of, second.share_of, number_of(second.arrived)};
    if (second.first) of_second.push_back(symptom_to_json(*second.first));
    seconds.push_back(std::move(of_second));
  }
  json::object object{{"seconds", std::move(seconds)}};
  if (memory.unjudged) object["unjudged"] = memory.unjudged->time_since_epoch().count();
  if (memory.silent_since) object["silent_since"] = memory.silent_since->time_since_epoch().count();
  if (memory.latest) object["latest"] = symptom_to_json(*memory.latest);
  return object;
}

// Written with every group that holds a request, so it is small: ends as differences, answers as one number a second.
json::object json_of(const SaturationWindow& window) {
  const auto& memory = window.memory();
  json::array holds, answers;
  TimePoint before = memory.holds.empty() ? TimePoint{} : memory.holds.front().end;
  json::object object{{"first_end", number_of(before)}};
  for (const auto& hold : memory.holds) {
    holds.push_back((hold.end - std::exchange(before, hold.end)).count());
    holds.push_back(hold.held.count());
  }
  if (!memory.answers.empty()) {
    auto second = memory.answers.begin()->first;
    object["first_second"] = second.time_since_epoch().count();
    for (const auto& [at, count] : memory.answers) {
      for (; second < at; second += std::chrono::seconds(1)) answers.push_back(0);
      answers.push_back(count);
      second += std::chrono::seconds(1);
    }
  }
  object["holds"] = std::move(holds);
  object["answers"] = std::move(answers);
  object["latest"] = number_of(memory.latest);
  object["latest_arrival"] = number_of(memory.latest_arrival);
  object["judged_at"] = memory.judged_at.time_since_epoch().count();
  object["unjudged"] = memory.is_unjudged;
  if (memory.busy_until) object["busy_until"] = number_of(*memory.busy_until);
  if (memory.told_at) object["told_at"] = number_of(*memory.told_at);
  if (memory.sample) object["sample"] = symptom_to_json(*memory.sample);
  object["sample_held"] = memory.sample_held.count();
  return object;
}

json::object json_of(const SilenceWindow& window) {
  const auto& memory = window.memory();
  json::array parts;
  for (const auto& [start, part] : memory.parts) {
    parts.push_back(
        {start.time_since_epoch().count(), part.lines, part.longest_pause.count(), part.longest_silence.count()});
  }
  json::object object{{"parts", std::move(parts)},
                      {"begin", number_of(memory.begin)},
                      {"latest", number_of(memory.latest)},
                      {"latest_arrival", number_of(memory.latest_arrival)}};
  if (memory.told_at) object["told_at"] = number_of(*memory.told_at);
  if (memory.last) object["last"] = symptom_to_json(*memory.last);
  return object;
}

void read_lines(dom::element element, std::string_view key, TermRole role, std::size_t terms, LineWindow& window) {
  std::size_t term = 0;
  for (const dom::element of_term : list_in(element, key)) {
    if (term >= terms) throw simdjson::simdjson_error(simdjson::INDEX_OUT_OF_BOUNDS);
    dom::array lines;
    if (const auto failure = of_term.get_array().get(lines)) throw simdjson::simdjson_error(failure);
    for (const dom::element line : lines) {
      auto symptom = symptom_from_json(line["line"].value());
      const auto at = symptom.at;
      (void)window.add(role, term, {at, time_of(line["arrived"].value()), std::move(symptom)});
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
  for (const dom::element second : list_in(element, "seconds")) {
    const std::chrono::sys_seconds at(std::chrono::seconds(second.at(0).get_int64().value()));
    auto& read = memory.seconds[at];
    read.of = second.at(1).get_uint64().value();
    read.share_of = second.at(2).get_uint64().value();
    read.arrived = time_of(second.at(3).value());
    dom::element first;
    if (second.at(4).get(first) == simdjson::SUCCESS) read.first = symptom_from_json(first);
  }
  memory.unjudged = second_in(element, "unjudged");
  memory.silent_since = second_in(element, "silent_since");
  dom::element latest;
  if (element["latest"].get(latest) == simdjson::SUCCESS) memory.latest = symptom_from_json(latest);
  const bool has_lines =
      std::any_of(memory.seconds.begin(), memory.seconds.end(), [](const auto& entry) { return entry.second.of > 0; });
  if (has_lines && !memory.latest) throw simdjson::simdjson_error(simdjson::NO_SUCH_FIELD);
  return memory;
}

SaturationWindow::Memory saturation_memory(dom::element element) {
  SaturationWindow::Memory memory;
  TimePoint end = time_of(element["first_end"].value());
  const auto numbers = list_in(element, "holds");
  for (auto number = numbers.begin(); number != numbers.end(); ++number) {
    end += Microseconds((*number).get_int64().value());
    if (++number == numbers.end()) throw simdjson::simdjson_error(simdjson::INDEX_OUT_OF_BOUNDS);
    memory.holds.push_back({end, Microseconds((*number).get_int64().value())});
  }
  auto second = second_in(element, "first_second").value_or(std::chrono::sys_seconds());
  for (const dom::element count : list_in(element, "answers")) {
    if (const auto answers = count.get_uint64().value(); answers > 0) memory.answers[second] = answers;
    second += std::chrono::seconds(1);
  }
  memory.latest = time_of(element["latest"].value());
  memory.latest_arrival = time_of(element["latest_arrival"].value());
  memory.judged_at = second_in(element, "judged_at").value_or(std::chrono::sys_seconds());
  memory.is_unjudged = element["unjudged"].get_bool().value();
  dom::element found;
  if (element["busy_until"].get(found) == simdjson::SUCCESS) memory.busy_until = time_of(found);
  if (element["told_at"].get(found) == simdjson::SUCCESS) memory.told_at = time_of(found);
  if (element["sample"].get(found) == simdjson::SUCCESS) memory.sample = symptom_from_json(found);
  memory.sample_held = Microseconds(element["sample_held"].get_int64().value());
  if (!memory.holds.empty() && !memory.sample) throw simdjson::simdjson_error(simdjson::NO_SUCH_FIELD);
  return memory;
}

SilenceWindow::Memory silence_memory(dom::element element) {
  SilenceWindow::Memory memory;
  for (const dom::element part : list_in(element, "parts")) {
    const SilenceWindow::PartStart start(std::chrono::seconds(part.at(0).get_int64().value()));
    memory.parts[start] = {part.at(1).get_uint64().value(), Microseconds(part.at(2).get_int64().value()),
                           Microseconds(part.at(3).get_int64().value())};
  }
  memory.begin = time_of(element["begin"].value());
  memory.latest = time_of(element["latest"].value());
  memory.latest_arrival = time_of(element["latest_arrival"].value());
  dom::element found;
  if (element["told_at"].get(found) == simdjson::SUCCESS) memory.told_at = time_of(found);
  if (element["last"].get(found) == simdjson::SUCCESS) memory.last = symptom_from_json(found);
  return memory;
}

}  // namespace

AnyWindow window_of(const TimedMatch& timed) {
  if (timed.kind == TimedKind::rate) return RateWindow(timed);
  if (timed.kind == TimedKind::saturation) return SaturationWindow(timed);
  if (timed.kind == TimedKind::silence) return SilenceWindow(timed);
  return LineWindow(timed);
}

std::string to_json(const AnyWindow& window, std::string_view by, TimePoint now) {
  auto object = std::visit([](const auto& some) { return json_of(some); }, window);
  object["by"] = to_valid_utf8(by);
  object["now"] = number_of(now);
  return json::serialize(object);
}

Result<SavedWindow> window_from_json(const TimedMatch& timed, std::string_view text) {
  try {
    dom::parser parser;
    const simdjson::padded_string padded(text);
    const dom::element element = parser.parse(padded).value();
    SavedWindow saved{window_of(timed), std::string(element["by"].get_string().value()),
                      time_of(element["now"].value())};
    if (auto* lines = std::get_if<LineWindow>(&saved.window)) {
      read_lines(element, "of", TermRole::of, timed.of.size(), *lines);
      read_lines(element, "unless", TermRole::unless, timed.unless.size(), *lines);
    } else if (auto* rate = std::get_if<RateWindow>(&saved.window)) {
      rate->restore(rate_memory(element));
    } else if (auto* silence = std::get_if<SilenceWindow>(&saved.window)) {
      silence->restore(silence_memory(element));
    } else {
      std::get<SaturationWindow>(saved.window).restore(saturation_memory(element));
    }
    return saved;
  } catch (const simdjson::simdjson_error& failure) {
    return error(std::string("cannot read the saved window: ") + failure.what());
  }
}

}  // namespace triaged
