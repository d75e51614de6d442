#include "admin/pages.hpp"

#include <fmt/format.h>

#include "values/html.hpp"
#include "values/incident_text.hpp"

namespace triaged::admin {

namespace {

constexpr std::string_view style = R"(main{max-width:60rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.6rem;line-height:1.25;margin:.4rem 0;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .6rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
a{color:var(--link)}p{margin:.5rem 0;overflow-wrap:anywhere}
pre{font:.87em/1.5 ui-monospace,SFMono-Regular,Consolas,"Liberation Mono",monospace;background:var(--code);border-radius:6px;padding:.7rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:.5rem 0}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;padding:.45rem .7rem;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}th{color:var(--soft);font-weight:600}
ol,ul{padding-left:1.4rem}li{margin:.7rem 0}
.soft{color:var(--soft);font-size:.92rem}
.severity{font-weight:600;font-size:.85rem;text-transform:uppercase}.critical,.error{color:var(--bad)}
.noted{background:var(--card);border:1px solid var(--good);border-radius:8px;padding:.6rem .9rem}
button{font:inherit;font-size:.85rem;margin:.2rem .4rem .2rem 0;padding:.1rem .8rem;border:1px solid var(--line);border-radius:1rem;background:var(--card);color:var(--text);cursor:pointer}
)";

std::string page(std::string_view title, std::string_view body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>{}</title>\n<style>{}{}</style>\n"
      "</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
      escaped_html(title), html_theme, style, body);
}

std::string severity(const Incident& incident) {
  const auto name = name_of(incident.severity);
  return fmt::format("<span class=\"severity {}\">{}</span>", name, name);
}

std::string row(const store::StoredStory& story, const LocalClock& clock) {
  const auto incident = in_local_time(story.incident, clock);
  return fmt::format(
      "<tr><td>{}</td><td><a href=\"/incidents/{}\">{}</a><br><span class=\"soft\">{}</span></td><td>{}</td><td>{}</td>"
      "<td>{}</td></tr>\n",
      severity(incident), escaped_html(incident.id), escaped_html(incident.title), escaped_html(subject_of(incident)),
      story.state(), clock.time_of(incident.last_seen), incident.count);
}

std::string button(const Incident& incident, std::string_view kind, std::size_t number, std::string_view text) {
  return fmt::format(
      "<form method=\"post\" action=\"/api/v1/incidents/{}/feedback\" style=\"display:inline\">"
      "<button name=\"{}\" value=\"{}\">{}</button></form>",
      escaped_html(incident.id), kind, number, text);
}

std::string workaround(const Incident& incident, std::size_t index) {
  const auto& advice = incident.workarounds[index];
  auto html = fmt::format("<li><p>{} <span class=\"soft\">works in {:.0f}% of cases", escaped_html(advice.action),
                          advice.success_rate * 100);
  if (!advice.here.is_empty()) {
    html += fmt::format(", worked {} of {} times here", advice.here.worked, advice.here.worked + advice.here.failed);
  }
  html += "</span></p>";
  if (!advice.how.empty()) html += fmt::format("<pre>{}</pre>", escaped_html(advice.how));
  return html + button(incident, "worked", index + 1, "It worked") +
         button(incident, "failed", index + 1, "It did not") + "</li>\n";
}

std::string causes(const Incident& incident) {
  std::string html;
  for (const auto& cause : incident.causes) {
    html += fmt::format("<p>{:.0f}% {}<br><span class=\"soft\">{}", cause.probability * 100, escaped_html(cause.text),
                        escaped_html(cause.cause));
    for (const auto& reason : cause.because)
      html += fmt::format("; {:+.1f} {}", reason.log_odds, escaped_html(reason.text));
    html += "</span></p>\n";
  }
  return html;
}

}  // namespace

std::string incidents_page(const IncidentsShown& shown, const LocalClock& clock) {
  std::string rows;
  for (const auto& story : shown.stories) rows += row(story, clock);
  const auto other = shown.with_resolved ? "<a href=\"/\">show only open incidents</a>"
                                         : "<a href=\"/?all=1\">also show resolved incidents</a>";
  auto body = fmt::format("<h1>{} {}incident{}</h1>\n<p class=\"soft\">{}</p>\n", shown.in_all,
                          shown.with_resolved ? "" : "open ", shown.in_all == 1 ? "" : "s", other);
  if (!rows.empty()) {
    body += fmt::format(
        "<table><tr><th></th><th>What</th><th>State</th><th>Last seen ({})</th><th>Symptoms</th></tr>\n{}</table>\n",
        escaped_html(clock.zone_at(clock.today)), rows);
  }
  if (!shown.next.empty())
    body += fmt::format("<p><a href=\"/{}\">older incidents</a></p>\n", escaped_html(shown.next));
  return page("triaged: incidents", body);
}

std::string incident_page(const store::StoredStory& story, std::string_view noted, const LocalClock& clock) {
  const auto incident = in_local_time(story.incident, clock);
  std::string body = "<p class=\"soft\"><a href=\"/\">all incidents</a></p>\n";
  if (!noted.empty()) body += fmt::format("<p class=\"noted\">{}</p>\n", escaped_html(noted));
  body += fmt::format("<p>{} <span class=\"soft\">{}</span></p>\n<h1>{}</h1>\n", severity(incident), story.state(),
                      escaped_html(incident.title));
  body += fmt::format("<p class=\"soft\">{}{} symptom{}{} from {} to {} · {}</p>\n",
                      subject_of(incident).empty() ? "" : escaped_html(subject_of(incident)) + " · ", incident.count,
                      incident.count == 1 ? "" : "s", recurrence_of(incident),
                      escaped_html(clock.time_and_zone_of(incident.first_seen)), clock.time_of(incident.last_seen),
                      escaped_html(incident.id));
  if (const auto harm = harm_of(incident); !harm.empty()) body += fmt::format("<p>{}</p>\n", escaped_html(harm));
  body += "<h2>Root cause</h2>\n" + causes(incident);
  if (!incident.open_questions.empty()) body += "<h2>Still open</h2>\n";
  for (const auto& question : incident.open_questions) body += fmt::format("<p>{}</p>\n", escaped_html(question.text));
  if (!incident.workarounds.empty()) body += "<h2>Do this, in this order</h2>\n<ol>\n";
  for (std::size_t i = 0; i < incident.workarounds.size(); ++i) body += workaround(incident, i);
  if (!incident.workarounds.empty()) body += "</ol>\n";
  if (!incident.dead_ends.empty()) body += "<h2>Do not bother</h2>\n<ul>\n";
  for (const auto& dead_end : incident.dead_ends) {
    const auto& first = dead_end.action.empty() ? dead_end.why_fails : dead_end.action;
    const auto& second = dead_end.action.empty() ? dead_end.action : dead_end.why_fails;
    body += fmt::format("<li>{}<br><span class=\"soft\">{}</span></li>\n", escaped_html(first), escaped_html(second));
  }
  if (!incident.dead_ends.empty()) body += "</ul>\n";
  body += "<h2>Evidence</h2>\n";
  for (const auto& evidence : incident.evidence) {
    body +=
        fmt::format("<p>{} <span class=\"soft\">{}</span></p><pre>{}</pre>\n", escaped_html(moment_of(evidence, clock)),
                    escaped_html(evidence.source), escaped_html(evidence.line));
  }
  return page(incident.title, body);
}

}  // namespace triaged::admin
