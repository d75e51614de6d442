#include "values/incident_markdown.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "values/incident_text.hpp"

namespace triaged::inline values {

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

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (static_cast<unsigned char>(c) >= 0x80);
}

/// True when `text`, which stands behind a ':', goes on as ":smile:" does. The colons of a time are none: between
/// digits, only a name that is not a number counts.
bool is_icon(std::string_view text, bool begins_a_word) {
  const auto name = text.substr(0, text.find(':'));
  if (name.empty() || name.size() == text.size()) return false;
  const bool is_name = std::all_of(name.begin(), name.end(),
                                   [](char c) { return c == '_' || c == '+' || c == '-' || is_letter_or_digit(c); });
  return is_name && (begins_a_word || name.find_first_not_of("0123456789") != std::string_view::npos);
}

/// True for what many programs turn into a link, a mention, an icon or a formula after they have read the Markdown, so
/// that a backslash before it does not help: "https://x", "www.x", "a@b", "@name", "#12", "!12", "~label", ":smile:",
/// "$x$".
bool acts_in_spite_of_a_backslash(std::string_view word) {
  if (word.find_first_of("@~#$&") != std::string_view::npos) return true;
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto* start : {"://", "www.", "mailto:", "xmpp:", "tel:"}) {
    if (lower.find(start) != std::string::npos) return true;
  }
  for (std::size_t at = 0; at + 1 < word.size(); ++at) {
    const bool begins = at == 0 || !is_letter_or_digit(word[at - 1]);
    if (begins && word[at] == '!' && word[at + 1] >= '0' && word[at + 1] <= '9') return true;
    if (word[at] == ':' && is_icon(word.substr(at + 1), begins)) return true;
  }
  return false;
}

/// A piece of code whose backticks are more than any run of them inside.
std::string code_span(std::string_view word) {
  std::size_t longest = 0, run = 0;
  for (const char c : word) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  const std::string_view gap = word.front() == '`' || word.back() == '`' ? " " : "";
  return fmt::format("{}{}{}{}{}", fence, gap, word, gap, fence);
}

std::string escaped(std::string_view word) {
  std::string text;
  for (const char c : word) {
    if (std::string_view("\\`*_[]<>|!").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

/// What begins a list, a heading's underline or a quotation at the start of a paragraph; "1." does, too.
bool begins_a_block(std::string_view word) {
  const auto digits = std::min(word.find_first_not_of("0123456789"), word.size());
  return word[0] == '-' || word[0] == '+' || word[0] == '=' ||
         (digits > 0 && digits < word.size() && (word[digits] == '.' || word[digits] == ')') &&
          digits + 1 == word.size());
}

/// Text in which nothing acts: neither an image nor a link, a mention or HTML that a client wrote into a path.
std::string plain(std::string_view text) {
  const auto printable = to_printable(text);
  std::string result;
  std::string_view left = printable;
  while (!left.empty()) {
    const auto end = std::min(left.find(' '), left.size());
    const auto word = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    if (word.empty()) continue;
    const bool is_code = acts_in_spite_of_a_backslash(word) || (result.empty() && begins_a_block(word));
    if (!result.empty()) result += ' ';
    result += is_code ? code_span(word) : escaped(word);
  }
  return result;
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

std::string times_of(const Incident& incident, const LocalClock& clock) {
  if (incident.written_before != TimePoint{}) return when_unknown(incident, clock);
  return fmt::format("{} {} to {}", clock.date_and_time_of(incident.first_seen), clock.zone_at(incident.first_seen),
                     clock.time_of(incident.last_seen));
}

}  // namespace

std::string to_markdown(const Incident& told, const TimeZone& zone) {
  const LocalClock clock{.zone = zone, .today = told.first_seen};
  const auto incident = in_local_time(told, clock);
  std::string text = fmt::format("# {}: {}\n\n", name_of(incident.severity), plain(incident.title));
  text += fmt::format("- **About:** {}\n- **Seen:** {}, {} time{}{}\n- **Incident:** `{}`\n",
                      plain(subject_of(incident)), times_of(incident, clock), incident.count,
                      incident.count == 1 ? "" : "s", recurrence_of(incident), incident.id);
  if (!incident.severity_because.empty()) text += fmt::format("- **Severity:** {}\n", plain(incident.severity_because));
  text += "\n## Root cause\n\n";
  for (const auto& cause : incident.causes) {
    text += fmt::format("- **{}** ({}): {}\n", cause.cause, percent(cause.probability), plain(cause.text));
    for (const auto& contribution : cause.because) {
      text += fmt::format("  - {:+.1f} {}\n", contribution.log_odds, plain(contribution.text));
    }
  }
  if (!incident.open_questions.empty()) text += "\n## Still open\n\n";
  for (const auto& question : incident.open_questions) text += fmt::format("- {}\n", plain(question.text));
  text += workarounds_part(incident) + dead_ends_part(incident);
  if (!incident.chain.empty()) text += "\n## Chain\n\n";
  for (const auto& link : incident.chain) {
    const auto when = link.at == TimePoint{} ? std::string() : clock.time_of(link.at) + ' ';
    text += fmt::format("- {}{} ({}), {}\n", when, plain(meaning_of(link)), name_of(link.role), plain(link.source));
  }
  if (!incident.evidence.empty()) text += "\n## Evidence\n\n";
  for (const auto& evidence : incident.evidence) {
    text += fmt::format("{}, {}:\n\n{}\n", plain(moment_of(evidence, clock)), plain(evidence.source),
                        code_block(evidence.line, ""));
  }
  if (!incident.docs.empty()) text += fmt::format("\nDocumentation: <{}>\n", incident.docs);
  return text;
}

}  // namespace triaged::inline values
