#include "diagnosis/units.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "diagnosis/answer_counts.hpp"
#include "formats/format.hpp"

namespace triaged::diagnosis {

namespace {

constexpr std::string_view service = ".service";

/// "shop" of "shop.service", "gunicorn" of "gunicorn@shop.service".
std::string_view stem_of(std::string_view unit) {
  unit = unit.substr(0, unit.size() - (unit.ends_with(service) ? service.size() : 0));
  return unit.substr(0, unit.find('@'));
}

/// "php-fpm" of "php8.2-fpm" and "php-fpm7.4".
std::string without_version(std::string_view program) {
  std::string name(program);
  std::erase_if(name, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return name;
}

/// "php-fpm" of "php8.2-fpm.service".
std::string program_of_unit(std::string_view unit) { return without_version(stem_of(unit)); }

/// That write lines of the format; empty: any program may.
std::vector<std::string_view> programs_of(std::string_view format) {
  const auto known = formats::format_named(format);
  return known ? formats::words_in(formats::facts_of(*known).programs) : std::vector<std::string_view>();
}

bool contains(const std::vector<std::string_view>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// A program that writes a format of its own.
bool is_known_program(std::string_view program) {
  return std::ranges::any_of(formats::all_formats(), [&](formats::Format format) {
    return contains(formats::words_in(formats::facts_of(format).programs), program);
  });
}

bool is_of_proxy(std::string_view format) {
  const auto tier = tier_of(format);
  return !tier.empty() && tier != "application";
}

/// Of a name: "shop" and "api" of "shop-api", "www.shop.example.com" and "unix:/run/shop.sock" without what stands in
/// most names.
std::vector<std::string_view> telling_words(std::string_view name) {
  constexpr std::array<std::string_view, 14> usual = {"www",  "com",  "org", "net", "example", "local", "localhost",
                                                      "http", "unix", "run", "var", "tmp",     "sock",  "socket"};
  std::vector<std::string_view> words;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  for (std::size_t at = 0; at < name.size();) {
    const auto begin = std::find_if(name.begin() + static_cast<std::ptrdiff_t>(at), name.end(), is_letter);
    const auto end = std::find_if_not(begin, name.end(), is_letter);
    const auto word = std::string_view(begin, end);
    if (word.size() >= 3 && std::ranges::find(usual, word) == usual.end()) words.push_back(word);
    at = static_cast<std::size_t>(end - name.begin());
  }
  return words;
}

}  // namespace

std::string_view unit_spoken_of(const Entity& entity) {
  const std::string_view value = entity.value;
  if (entity.kind == "unit") return value;
  return entity.kind == "cgroup" && value.ends_with(service) ? value.substr(value.rfind('/') + 1) : std::string_view();
}

bool speaks_of_itself(const Symptom& symptom, const Entity& entity) {
  const auto tier = tier_of(symptom.format);
  return !tier.empty() && unit_spoken_of(entity).empty() && !speaks_of_another(symptom, entity);
}

bool speaks_of_another(const Symptom& symptom, const Entity& entity) {
  constexpr std::array<std::string_view, 7> others = {"upstream", "server",  "backend",     "vhost",
                                                      "frontend", "cluster", "target_group"};
  return is_of_proxy(symptom.format) && std::ranges::find(others, entity.kind) != others.end();
}

std::string_view unit_named_in(const Symptom& symptom) {
  const auto unit = symptom.field("unit");
  return unit.ends_with(service) && symptom.field("container").empty() ? unit : std::string_view();
}

Names names_of(std::string_view unit, const Symptom& symptom) {
  const auto writer = symptom.field("program");
  if (!writer.empty() && writer == stem_of(unit)) return Names::agree;
  const auto programs = programs_of(symptom.format);
  const auto program = program_of_unit(unit);
  if (!contains(programs, program)) {
    return !programs.empty() && is_known_program(program) ? Names::contradict : Names::say_nothing;
  }
  // A format that several programs write (a traceback of Python) does not say which one did.
  const bool is_written_by_it = programs.size() == 1 && (writer.empty() || without_version(writer) == program);
  return is_written_by_it ? Names::agree : Names::say_nothing;
}

Names names_of_served(std::string_view unit, const Symptom& symptom) {
  const auto program = program_of_unit(unit);
  if (contains(programs_of(symptom.format), program)) return Names::contradict;
  const auto words = telling_words(stem_of(unit));
  // The whole name: node_exporter.service is no server of applications.
  constexpr std::array<std::string_view, 9> applications = {"gunicorn", "uwsgi",   "php-fpm", "uvicorn", "hypercorn",
                                                            "puma",     "unicorn", "tomcat",  "node"};
  const auto is_said = [&](std::string_view name) {
    return std::ranges::any_of(telling_words(name), [&](std::string_view word) { return contains(words, word); });
  };
  if (std::ranges::find(applications, program) != applications.end()) return Names::agree;
  // Not the URL behind the proxy: its path is the client's.
  constexpr std::array<std::string_view, 4> names = {"vhost", "upstream", "server", "backend"};
  const bool is_named =
      std::ranges::any_of(names, [&](std::string_view field) { return is_said(symptom.field(field)); });
  return is_named ? Names::agree : Names::say_nothing;
}

}  // namespace triaged::diagnosis
