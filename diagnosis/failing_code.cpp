#include "diagnosis/failing_code.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace triaged::diagnosis {

namespace {

constexpr std::size_t longest_text = 120;  // of an exception, in a title

/// "shop/views.py" of "/srv/shop/shop/views.py".
std::string_view last_two_names(std::string_view file) {
  const auto name = file.find_last_of("/\\");
  if (name == std::string_view::npos || name == 0) return file;
  const auto folder = file.find_last_of("/\\", name - 1);
  return folder == std::string_view::npos ? file : file.substr(folder + 1);
}

/// "cart()"; what has no name of its own ("<module>") is left out.
std::string called(const std::string& function) {
  if (function.empty() || function.front() == '<') return "";
  const bool is_name = function.find(' ') == std::string::npos && !function.ends_with(')');
  return is_name ? function + "()" : function;
}

FailingCode code_of(const Symptom& symptom) {
  FailingCode code{.file = to_printable(symptom.field("code_file")),
                   .function = to_printable(symptom.field("code_function"))};
  const auto line = symptom.field("code_line");
  std::from_chars(line.data(), line.data() + line.size(), code.line);
  return code;
}

/// "KeyError: 'sku' in cart() at shop/views.py:41"; where the line does not name the exception, its rule's title.
std::string title_of(const Symptom& symptom, const FailingCode& code, std::string title, Language language) {
  const auto exception = symptom.field("exception");
  if (!exception.empty()) title = to_printable(exception);
  if (const auto text = symptom.field("exception_text"); !exception.empty() && !text.empty())
    title += ": " + to_printable(prefix_of(text, longest_text));
  const auto function = called(code.function);
  const auto place = fmt::format("{}:{}", last_two_names(code.file), code.line);
  if (language == Language::chinese) return fmt::format("{}，位于 {} {}", title, place, function);
  return function.empty() ? fmt::format("{} at {}", title, place)
                          : fmt::format("{} in {} at {}", title, function, place);
}

std::string place_said(const FailingCode& code, Language language) {
  const auto function = called(code.function);
  const auto place = fmt::format("{}:{}", code.file, code.line);
  if (language == Language::chinese) return fmt::format(" 出错位置：{} {}。", place, function);
  return function.empty() ? fmt::format(" It failed at {}.", place)
                          : fmt::format(" It failed in {} at {}.", function, place);
}

std::string requests_said(const FailingRequests& requests, Language language) {
  const auto url =
      requests.method.empty() ? to_printable(requests.path) : to_printable(requests.method + " " + requests.path);
  if (language == Language::chinese)
    return fmt::format(" {} 的 {} 次请求中有 {} 次失败。", url, requests.of, requests.failed);
  return fmt::format(" {} of {} requests {} failed.", requests.failed, requests.of, url);
}

/// The URL that fails most of those that the exception's own lines name. When they name none, the one that the
/// incident's lines name; of several, nobody knows which raised it.
std::optional<FailingRequests> requests_of(const OpenIncident& open, const Observation& root, const UrlCounts& urls) {
  std::optional<FailingRequests> most;
  const auto add = [&](std::string_view path) {
    const auto requests = urls.of(path, open.rhythm.first, open.rhythm.last);
    if (requests && (!most || requests->failed > most->failed)) most = requests;
  };
  bool is_named = false;
  for (const auto& sample : root.samples) {
    const auto path = sample.field("path");
    is_named = is_named || !path.empty();
    if (!path.empty()) add(path);
  }
  const auto& paths = open.statistics.paths;
  if (!is_named && paths.values.size() == 1 && paths.others == 0) add(paths.values.begin()->first);
  return most;
}

}  // namespace

std::string place_in_code(const MatchedLine& line) {
  const auto file = line.field("code_file");
  return file.empty() ? "" : fmt::format("{}:{}", file, line.field("code_line"));
}

bool is_other_place(const OpenIncident& incident, const Symptom& symptom, const knowledge::Rule& rule) {
  if (incident.place.empty() || (!rule.is_apart_by_place && !rule.is_generic)) return false;
  const auto place = place_in_code(symptom);
  return !place.empty() && place != incident.place;
}

bool are_at_other_places(const OpenIncident& a, const OpenIncident& b) {
  return !a.place.empty() && !b.place.empty() && a.place != b.place;
}

void note_place(OpenIncident& incident, const Symptom& symptom, const knowledge::Rule& rule) {
  if (!rule.is_apart_by_place || !incident.place.empty()) return;
  const auto place = place_in_code(symptom);
  // What fails at several places for one reason (a database that is down) is not about one of them.
  const bool is_elsewhere = std::ranges::any_of(incident.observations, [&](const Observation& observation) {
    return std::ranges::any_of(observation.samples, [&](const Symptom& sample) {
      const auto other = place_in_code(sample);
      return !other.empty() && other != place;
    });
  });
  if (!is_elsewhere) incident.place = place;
}

bool has_path_of(const OpenIncident& incident, const Symptom& symptom) {
  const auto path = symptom.field("path");
  return !incident.place.empty() && !path.empty() && incident.statistics.paths.values.contains(path);
}

void add_exception(Incident& incident, const OpenIncident& open, const Observation& root, const UrlCounts& urls,
                   Language language) {
  const auto at_place =
      std::ranges::find_if(root.samples, [&](const Symptom& sample) { return place_in_code(sample) == open.place; });
  if (open.place.empty() || at_place == root.samples.end()) return;
  incident.code = code_of(*at_place);
  incident.requests = requests_of(open, root, urls);
  incident.title = title_of(*at_place, *incident.code, std::move(incident.title), language);
  auto& text = incident.causes.front().text;
  text += place_said(*incident.code, language);
  if (incident.requests) text += requests_said(*incident.requests, language);
}

}  // namespace triaged::diagnosis
