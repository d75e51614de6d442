#include "admin/admin_site.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "admin/form.hpp"
#include "admin/metrics.hpp"
#include "admin/pages.hpp"
#include "diagnosis/learnt.hpp"
#include "store/stored_incidents.hpp"
#include "values/json_writer.hpp"
#include "values/workaround_report.hpp"

namespace triaged::admin {

namespace {

constexpr auto html = "text/html; charset=utf-8";
constexpr auto json = "application/json";
constexpr auto prometheus = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view feedback_end = "/feedback";
constexpr std::uint32_t most_at_once = 100;  // incidents: an answer of half a megabyte, however many are open

AdminAnswer refused(unsigned status, std::string_view why) {
  return {.status = status, .body = fmt::format("{}\n", why)};
}

/// An id is a ULID: what has other letters is none, and none of them needs to be escaped.
bool is_id(std::string_view text) {
  return text.size() == 26 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
         });
}

Result<store::StoredStory> story_of(const store::StoredIncidents& incidents, const std::string& id) {
  auto found = incidents.all({.prefix = id});
  if (!found) return found.error();
  if (found->size() != 1) return error(fmt::format("there is no incident {}", id));
  return std::move(found->front());
}

std::string json_of(const IncidentsShown& shown) {
  JsonWriter writer;
  writer.begin_object();
  writer.key("incidents").begin_array();
  for (const auto& story : shown.stories) writer.raw(to_json(story.incident));
  writer.end_array();
  if (!shown.next.empty()) writer.key("next").text("/api/v1/incidents" + shown.next);
  writer.end_object();
  return std::move(writer).json();
}

bool is_method(const AdminRequest& request, std::string_view method) {
  return request.method == method || (method == "GET" && request.method == "HEAD");
}

}  // namespace

LocalClock AdminSite::clock() const { return {.zone = sources_.zone, .today = sources_.now()}; }

AdminAnswer AdminSite::list(const AdminRequest& request, bool as_page) const {
  const auto incidents = store::StoredIncidents::open(sources_.state, store::StoredFor::reading);
  if (!incidents) return refused(503, incidents.error().message);
  const auto asked_for = [&](const std::string& name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
  };
  const auto before = asked_for("before");
  if (!before.empty() && !is_id(before)) return refused(400, "'before' must be the id of an incident");
  const bool shows_all = asked_for("all") == "1";
  const auto in_all = incidents->count({.only_open = !shows_all});
  const auto stories = incidents->all({.before = before, .only_open = !shows_all, .most = most_at_once + 1});
  if (!in_all || !stories) return refused(503, (!in_all ? in_all.error() : stories.error()).message);
  IncidentsShown shown{.stories = *stories, .in_all = *in_all, .with_resolved = shows_all};
  if (stories->size() > most_at_once) {
    shown.stories = shown.stories.first(most_at_once);
    shown.next = fmt::format("?{}before={}", shows_all ? "all=1&" : "", shown.stories.back().incident.id);
  }
  if (as_page) return {.type = html, .body = incidents_page(shown, clock())};
  return {.type = json, .body = json_of(shown) + "\n"};
}

AdminAnswer AdminSite::show(const AdminRequest& request, const std::string& id, bool as_page) const {
  const auto incidents = store::StoredIncidents::open(sources_.state, store::StoredFor::reading);
  if (!incidents) return refused(503, incidents.error().message);
  const auto story = story_of(*incidents, id);
  if (!story) return refused(404, story.error().message);
  if (!as_page) return {.type = json, .body = to_json(story->incident) + "\n"};
  const bool is_noted = request.query.find("noted") != request.query.end();
  return {.type = html, .body = incident_page(*story, is_noted ? "Noted. Later diagnoses rank by it." : "", clock())};
}

/// A form (worked=1&failed=2: numbers in the incident, or ids of workarounds), each any number of times.
AdminAnswer AdminSite::take_feedback(const AdminRequest& request, const std::string& id) const {
  if (!request.header("content-type").starts_with("application/x-www-form-urlencoded")) {
    return refused(415, "feedback is a form (application/x-www-form-urlencoded): worked=N or failed=N");
  }
  const auto fields = form_fields(request.body);
  if (!fields) return refused(400, "the form cannot be decoded");
  std::vector<diagnosis::TriedWorkaround> tried;
  for (const auto& [name, value] : *fields) {
    if (name != "worked" && name != "failed") return refused(400, "feedback is worked=N or failed=N and nothing else");
    tried.push_back({value, name == "worked"});
  }
  if (tried.empty()) return refused(400, "say what helped: worked=N, or what did not: failed=N");
  const auto incidents = store::StoredIncidents::open(sources_.state, store::StoredFor::changing);
  if (!incidents) return refused(503, incidents.error().message);
  const auto story = story_of(*incidents, id);
  if (!story) return refused(404, story.error().message);
  const auto reports = diagnosis::reports_on(story->incident, tried, sources_.now());
  if (!reports) return refused(400, reports.error().message);
  const auto added = incidents->add(*reports);
  if (!added) return refused(503, added.error().message);
  if (request.header("accept").find("text/html") == std::string_view::npos) {
    return {.type = json, .body = to_json(std::span(*reports)) + "\n"};
  }
  return {.status = 303, .body = "noted\n", .location = fmt::format("/incidents/{}?noted=1", id)};
}

bool AdminSite::is_about_health(const AdminRequest& request) {
  return request.path == "/healthz" || request.path == "/readyz" || request.path == "/metrics";
}

AdminAnswer AdminSite::answer(const AdminRequest& request) const {
  if (auto refusal = admin::refusal(request, access_)) return std::move(*refusal);
  constexpr std::string_view api = "/api/v1/incidents/", pages = "/incidents/";
  const std::string_view path = request.path;
  if (path.starts_with(api) && path.ends_with(feedback_end)) {
    const auto id = path.substr(api.size(), path.size() - std::min(path.size(), api.size() + feedback_end.size()));
    if (!is_id(id)) return refused(404, "there is no such incident");
    return is_method(request, "POST") ? take_feedback(request, std::string(id))
                                      : refused(405, "use POST to send feedback");
  }
  if (!is_method(request, "GET")) return refused(405, "use GET here");
  if (path == "/") return list(request, true);
  if (path == "/api/v1/incidents") return list(request, false);
  for (const auto prefix : {api, pages}) {
    if (!path.starts_with(prefix)) continue;
    const auto id = path.substr(prefix.size());
    return is_id(id) ? show(request, std::string(id), prefix == pages) : refused(404, "there is no such incident");
  }
  if (path == "/metrics") return {.type = prometheus, .body = to_prometheus(sources_.metrics())};
  if (path == "/healthz") return {.body = "ok\n"};
  if (path == "/readyz") {
    const auto trouble = sources_.trouble();
    return trouble.empty() ? AdminAnswer{.body = "ok\n"} : refused(503, trouble);
  }
  return refused(404, "there is no such page; / lists the incidents");
}

}  // namespace triaged::admin
