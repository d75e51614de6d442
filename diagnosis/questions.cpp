#include "diagnosis/questions.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/host_and_port.hpp"
#include "formats/format.hpp"

namespace triaged::diagnosis {

namespace {

constexpr std::size_t longest_subject = 512;

/// A field that a probe may be about.
struct SubjectField {
  ProbeKind kind;
  std::string_view field;
  std::string_view format;  // of the line: what it begins with; empty: any
  bool (*is_valid)(std::string_view);
};

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 7 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

/// "127.0.0.1:8003", "[::1]:8003", "localhost:8003", "unix:/path". Names of groups and hosts are none.
bool is_address(std::string_view text) {
  if (!is_printable(text)) return false;
  if (text.starts_with("unix:/")) return true;
  const auto [host, port] = split_host_and_port(text);
  return !host.empty() && port && is_number(*port) &&
         (text.starts_with("localhost:") ||
          host.find_first_not_of("0123456789abcdefABCDEF.:[]") == std::string_view::npos);
}

/// HAProxy's "backend/server", of which its configuration knows the address.
bool is_server(std::string_view text) {
  const auto slash = text.find('/');
  return is_printable(text) && slash != std::string_view::npos && slash > 0 && slash + 1 < text.size() &&
         text.find('/', slash + 1) == std::string_view::npos && text.find('<') == std::string_view::npos;
}

bool is_name(std::string_view text) {
  return is_printable(text) && text.find_first_of("/:$\"'") == std::string_view::npos;
}

// A probe of the host as a whole needs a line of this host, and no field of the line.
constexpr std::string_view whole_host = "this host";

// The first that a line has counts. No field: the whole host.
constexpr std::array subject_fields = {
    SubjectField{ProbeKind::listener, "upstream", "", is_address},
    SubjectField{ProbeKind::listener, "server", "haproxy.", is_server},
    SubjectField{ProbeKind::process, "worker_pid", "gunicorn.", is_number},
    SubjectField{ProbeKind::process, "pid", "kernel", is_number},
    SubjectField{ProbeKind::process, "upstream", "", is_address},
    SubjectField{ProbeKind::process, "server", "haproxy.", is_server},
    SubjectField{ProbeKind::memory, "", "", nullptr},
    SubjectField{ProbeKind::configuration, "upstream", "nginx.", is_address},
    SubjectField{ProbeKind::name, "name", "nginx.error", is_name},
    SubjectField{ProbeKind::name, "name", "haproxy.", is_name},
    SubjectField{ProbeKind::file_system, "", "", nullptr},
    SubjectField{ProbeKind::descriptors, "pid", "nginx.error", is_number},
    SubjectField{ProbeKind::descriptors, "pid", "gunicorn.", is_number},
    SubjectField{ProbeKind::descriptors, "pid", "haproxy.", is_number},
    SubjectField{ProbeKind::descriptors, "pid", "python.traceback", is_number},
    SubjectField{ProbeKind::certificate, "", "nginx.", nullptr},
    SubjectField{ProbeKind::certificate, "", "haproxy.", nullptr},
    SubjectField{ProbeKind::unit, "unit", "syslog", is_name},
};

/// A line about a request: a name in it may have been built from what the client sent.
bool is_about_request(const Symptom& symptom) {
  return !symptom.field("connection").empty() || !symptom.field("client").empty();
}

struct Subject {
  const Symptom* symptom = nullptr;
  std::string_view text;
};

std::optional<Subject> subject_in(ProbeKind kind, const Observation& observation) {
  for (const auto& choice : subject_fields) {
    if (choice.kind != kind) continue;
    for (const auto& sample : observation.samples) {
      if (!sample.format.starts_with(choice.format)) continue;
      if (choice.field.empty()) return Subject{&sample, whole_host};
      if (kind == ProbeKind::name && is_about_request(sample)) continue;
      const auto text = sample.field(choice.field);
      if (!text.empty() && text.size() <= longest_subject && choice.is_valid(text)) return Subject{&sample, text};
    }
  }
  return std::nullopt;
}

bool is_of_host(const Symptom& symptom, std::string_view host) {
  if (symptom.host.empty() || symptom.host == "localhost" || symptom.host == host) return true;
  const std::string_view there = symptom.host;
  return !host.empty() && there.substr(0, there.find('.')) == host.substr(0, host.find('.'));
}

/// A pattern that also reads what clients wrote may have caught its named groups there.
bool reads_clients_text(const knowledge::Rule& rule) {
  const auto is_whole_line = [](const knowledge::Match& match) { return match.within == knowledge::Within::line; };
  const auto is_timed_one = [&](const knowledge::TimedMatch& timed) {
    return std::any_of(timed.of.begin(), timed.of.end(),
                       [&](const knowledge::TimedTerm& term) { return is_whole_line(term.line); });
  };
  return std::any_of(rule.matches.begin(), rule.matches.end(), is_whole_line) ||
         std::any_of(rule.timed_matches.begin(), rule.timed_matches.end(), is_timed_one);
}

/// The program that wrote the line; a traceback with the number of a process stands in Gunicorn's log.
std::string program_of(const Symptom& symptom) {
  const auto format = formats::format_named(symptom.format);
  if (!format || (*format == formats::Format::python_traceback && symptom.field("pid").empty())) return "";
  const auto& programs = formats::facts_of(*format).programs;
  return std::string(programs.substr(0, programs.find(' ')));
}

/// What the rule's own lines name, or else those of another rule of the incident ("no live upstreams" names a group;
/// the refused connections beside it name addresses).
std::optional<Subject> subject_of(ProbeKind kind, const Observation& own,
                                  const std::vector<const Observation*>& trusted) {
  if (auto subject = subject_in(kind, own)) return subject;
  for (const auto* other : trusted) {
    if (auto subject = subject_in(kind, *other)) return subject;
  }
  return std::nullopt;
}

std::vector<ProbeKind> kinds_of(const knowledge::Rule& rule) {
  std::vector<ProbeKind> kinds;
  for (const auto& cause : rule.causes) {
    for (const auto* terms : {&cause.supported_by, &cause.refuted_by}) {
      for (const auto& term : *terms) {
        const auto* probe = term.probe.empty() ? nullptr : probe_named(term.probe);
        if (probe != nullptr && std::find(kinds.begin(), kinds.end(), probe->kind) == kinds.end()) {
          kinds.push_back(probe->kind);
        }
      }
    }
  }
  return kinds;
}

}  // namespace

std::vector<ProbeQuestion> questions_of(const OpenIncident& incident, const knowledge::RuleSet& rules,
                                        const std::vector<ProbeKind>& kinds, std::string_view host) {
  std::vector<ProbeQuestion> questions;
  std::vector<const Observation*> trusted;
  for (const auto& observation : incident.observations) {
    const auto* rule = rules.find(observation.rule);
    if (rule != nullptr && !reads_clients_text(*rule)) trusted.push_back(&observation);
  }
  for (const auto* observation : trusted) {
    for (const auto kind : kinds_of(*rules.find(observation->rule))) {
      if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) continue;
      const auto subject = subject_of(kind, *observation, trusted);
      if (!subject || !is_of_host(*subject->symptom, host)) continue;
      const bool is_known = std::any_of(questions.begin(), questions.end(), [&](const ProbeQuestion& other) {
        return other.kind == kind && other.subject == subject->text;
      });
      if (is_known) continue;
      questions.push_back({.incident = incident.id,
                           .kind = kind,
                           .subject = std::string(subject->text),
                           .program = program_of(*subject->symptom),
                           .writer = std::string(subject->symptom->field("pid")),
                           .since = incident.first_seen});
      if (questions.size() == most_questions) return questions;
    }
  }
  return questions;
}

const ProbeAnswer* answer_for(ProbeKind kind, const OpenIncident& incident, const Observation& own) {
  const auto answer_about = [&](const Observation& observation) -> const ProbeAnswer* {
    const auto subject = subject_in(kind, observation);
    if (!subject) return nullptr;
    const auto found = std::find_if(incident.answers.begin(), incident.answers.end(), [&](const ProbeAnswer& answer) {
      return answer.kind == kind && answer.subject == subject->text;
    });
    return found == incident.answers.end() ? nullptr : &*found;
  };
  if (subject_in(kind, own)) return answer_about(own);
  for (const auto& other : incident.observations) {
    if (const auto* answer = answer_about(other)) return answer;
  }
  return nullptr;
}

}  // namespace triaged::diagnosis
