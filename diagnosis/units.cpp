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

/// "php-fpm" of "php8.2-fpm.service": without the version.
std::string program_of_unit(std::string_view unit) {
  std::string name(stem_of(unit));
  std::erase_if(name, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return name;
}

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

/// Of a name: "shop" and "api" of "shop-api", "www.shop.example.com" without what stands in most names.
std::vector<std::string_view> telling_words(std::string_view name) {
  constexpr std::array<std::string_view, 8> usual = {"www",     "com",   "org",       "net",
                                                     "example", "local", "localhost", "http"};
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

/// Of a request's URL behind the proxy, "shop_backend" of "http://shop_backend/cart".
std::string_view host_in(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.starts_with("unix:") ? url : url.substr(0, url.find('/'));
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
  const auto stem = stem_of(unit);
  if (const auto program = symptom.field("program"); !program.empty() && program == stem) return Names::agree;
  const auto programs = programs_of(symptom.format);
  const auto program = program_of_unit(unit);
  if (contains(programs, program)) return Names::agree;
  return !programs.empty() && is_known_program(program) ? Names::contradict : Names::say_nothing;
}

Names names_of_served(std::string_view unit, const Symptom& symptom) {
  const auto program = program_of_unit(unit);
  if (contains(programs_of(symptom.format), program)) return Names::contradict;
  const auto words = telling_words(stem_of(unit));
  constexpr std::array<std::string_view, 9> applications = {"gunicorn", "uwsgi",   "fpm",    "uvicorn", "hypercorn",
                                                            "puma",     "unicorn", "tomcat", "node"};
  const auto is_said = [&](std::string_view name) {
    return std::ranges::any_of(telling_words(name), [&](std::string_view word) { return contains(words, word); });
  };
  const bool is_served = std::ranges::any_of(
      words, [&](std::string_view word) { return std::ranges::find(applications, word) != applications.end(); });
  if (is_served || is_said(symptom.field("vhost")) || is_said(host_in(symptom.field("upstream_url"))) ||
      is_said(symptom.field("server")) || is_said(symptom.field("backend"))) {
    return Names::agree;
  }
  return Names::say_nothing;
}

}  // namespace triaged::diagnosis
