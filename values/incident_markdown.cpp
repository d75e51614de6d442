#include "values/incident_markdown.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "values/incident_text.hpp"

namespace triaged {

namespace {

/// A code block whose fence is longer than any run of backticks inside.
std::string code_block(const std::string& text, std::string_view indent) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
  std::string block = fmt::format("{}{}\n", indent, fence);
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find('\n', at), text.size());
    block += fmt::format("{}{}\n", indent, to_printable(std::string_view(text).substr(at, end - at)));
    at = end + 1;
  }
  return block + fmt::format("{}{}\n", indent, fence);
}

/// Text in which nothing acts: neither an image nor a link nor HTML that a client wrote into a path.
std::string plain(std::string_view text) {
  std::string escaped;
  for (const char c : to_printable(text)) {
    if (std::string_view("\\`*_[]<>|!#").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string workarounds_part(const Incident& incident) {
  if (incident.workarounds.empty()) return {};
  std::string part = "\n## What to do\n\n";
  int number = 0;
  for (const auto& workaround : incident.workarounds) {
    const auto advice = advice_of(workaround);
    const auto& here = workaround.here;
    const auto record =
        here.is_empty() ? std::string() : fmt::format(", worked {} of {} here", here.worked, here.worked + here.failed);
    part += fmt::format("{}. {} ({} success{})\n", ++number, plain(advice.sentence), percent(workaround.success_rate),
                        record);
    if (!advice.commands.empty()) part += code_block(advice.commands, "   ");
  }
  return part;
}

std::string dead_ends_part(const Incident& incident) {
  if (incident.dead_ends.empty()) return {};
  std::string part = "\n## What not to bother with\n\n";
  for (const auto& dead_end : incident.dead_ends) {
    part += "- ";
    if (!dead_end.action.empty()) part += fmt::format("**{}** — ", plain(dead_end.action));
    part += fmt::format("{} ({} fail)\n", plain(dead_end.why_fails), percent(dead_end.fail_rate));
  }
  return part;
}

}  // namespace

std::string to_markdown(const Incident& incident) {
  std::string text = fmt::format("# {}: {}\n\n", name_of(incident.severity), plain(incident.title));
  text += fmt::format("- **About:** {}\n- **Seen:** {} to {}, {} times\n- **Incident:** `{}`\n",
                      plain(subject_of(incident)), to_rfc3339(incident.first_seen), to_rfc3339(incident.last_seen),
                      incident.count, incident.id);
  text += "\n## Root cause\n\n";
  for (const auto& cause : incident.causes) {
    text += fmt::format("- **{}** ({}): {}\n", cause.cause, percent(cause.probability), plain(cause.text));
    for (const auto& contribution : cause.because) {
      text += fmt::format("  - {:+.1f} {}\n", contribution.log_odds, plain(contribution.text));
    }
  }
  text += workarounds_part(incident) + dead_ends_part(incident);
  if (!incident.chain.empty()) text += "\n## Chain\n\n";
  for (const auto& link : incident.chain) {
    text += fmt::format("- {} `{}` ({}), {}\n", to_rfc3339(link.at), link.rule, name_of(link.role), plain(link.source));
  }
  if (!incident.evidence.empty()) text += "\n## Evidence\n\n";
  for (const auto& evidence : incident.evidence) {
    text +=
        fmt::format("{} at byte {}:\n\n{}\n", plain(evidence.source), evidence.offset, code_block(evidence.line, ""));
  }
  if (!incident.docs.empty()) text += fmt::format("\nDocumentation: <{}>\n", incident.docs);
  return text;
}

}  // namespace triaged
