#include "diagnosis/diagnoser.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

#include "diagnosis/diagnoser_state.hpp"
#include "diagnosis/questions.hpp"
#include "diagnosis/unusual_lines.hpp"

namespace triaged::diagnosis {

namespace {

// What is asked of the host: so many questions a second, the same one of an incident not too often, and only while what
// the log says is fresh.
constexpr std::size_t most_questions_a_second = 50;
constexpr Microseconds ask_again_after = std::chrono::seconds(10);
// Once more just before an incident is told: what was being restarted when it began may be back by then.
constexpr Microseconds last_look_before = std::chrono::milliseconds(600);
constexpr Microseconds last_look_after = std::chrono::seconds(1);
constexpr Microseconds fresh = std::chrono::minutes(1);

// A failure that late after the diagnosis changed goes on; nearer ones may only have been read late, or rounded.
constexpr Microseconds still_fails_after = std::chrono::seconds(2);

/// What a symptom is about: the field its rule names, the machine, or else the log it stands in.
Entity entity_of(const knowledge::Rule& rule, const Symptom& symptom, const std::string& own_host) {
  const auto host = symptom.host.empty() ? own_host : symptom.host;
  if (rule.entity == "host") return {"host", host};
  if (!rule.entity.empty()) {
    if (const auto value = symptom.field(rule.entity); !value.empty()) return {rule.entity, std::string(value)};
  }
  return {"source", symptom.source};
}

bool is_more_important(const Incident& a, const Incident& b) {
  if (a.severity != b.severity) return a.severity > b.severity;
  return std::tuple(b.count, a.first_seen, a.id) < std::tuple(a.count, b.first_seen, b.id);
}

/// What clients raise is everyday life until it is known how much of it is usual.
bool is_everyday(const knowledge::Rule& rule, const LineShare& share) {
  return share.is_everyday() || (rule.is_raised_by_client() && !share.usual);
}

/// Keeps with the incident how often its lines come; true when that is no more than every day. What was usual when it
/// was told counts: a failure that lasts does not become usual before it is over.
bool note_share(OpenIncident& incident, const knowledge::Rule& rule, const Entity& entity, const LineShare& share) {
  auto* own = rule.alone_from > 1 ? incident.observation_for(rule.id, entity) : nullptr;
  if (own == nullptr) return false;
  const bool is_told_failure = incident.is_reported() && severity_in(incident, rule) > Severity::info;
  if (!is_told_failure || !own->usual) own->usual = share.usual;
  const bool is_one_of_many = is_everyday(rule, share);
  own->everyday += is_one_of_many ? 1 : 0;
  // What clients raise never ends, and a little too much now and then does not add up.
  if (is_one_of_many && rule.is_raised_by_client() && !is_told_failure) own->everyday = own->count;
  return is_everyday(rule, {.lines = share.lines, .of = share.of, .usual = own->usual});
}

}  // namespace

void Diagnoser::State::on_finding(const TermLine& line) {
  std::vector<Symptom> fired;
  timed.on_line(line, fired);
  for (const auto& symptom : fired) on_symptom(symptom);
}

void Diagnoser::State::on_finding(const TermCount& count) {
  std::vector<Symptom> fired;
  timed.on_count(count, fired);
  for (const auto& symptom : fired) on_symptom(symptom);
}

void Diagnoser::State::on_symptom(const Symptom& symptom) {
  const auto* rule = rules->find(symptom.rule);
  if (rule == nullptr) return;  // of rules that a reload has dropped
  const auto entity = entity_of(*rule, symptom, options.host);
  open.learn(symptom, entity);
  const bool means_a_number = rule->alone_from > 1;
  const double most_usual = rule->is_raised_by_client() ? 1 : UsualShares::most_usual;
  const auto share = means_a_number ? usual.add(symptom, entity, std::max(now, symptom.at), most_usual) : LineShare();
  const bool is_supporting = symptom.is_supporting || rule->standing == knowledge::Standing::supporting ||
                             (share.is_everyday() && !rule->is_raised_by_client());
  if (is_supporting && !open.fits(symptom, entity, *rule, graph)) return;
  auto joined = open.join(symptom, entity, *rule, graph);
  for (auto& pushed_out : joined.pushed_out) give_up(pushed_out);
  for (auto& absorbed : joined.absorbed) on_absorbed(std::move(absorbed), joined.incident->id);
  auto& incident = *joined.incident;
  if (incident.host.empty()) incident.host = options.host;
  // Whichever is later counts: an old line that is read only now keeps its incident as open as a new one.
  const auto active_at = std::max(now, symptom.at);
  // The everyday life of a program (workers that are recycled, one answer in a thousand) does not keep a failure open
  // that is over. What clients raise keeps an incident open that is nothing else.
  const bool is_everyday_line = note_share(incident, *rule, entity, share);
  const auto severity = severity_in(incident, *rule);
  const bool is_mere_context = severity == Severity::info && incident.severity > Severity::info;
  const bool is_worse = severity > incident.severity;
  incident.severity = std::max(incident.severity, severity);
  bool has_become_news = incident.count == 1 && note_news(incident, symptom);
  if (!is_mere_context && (!is_everyday_line || rule->is_raised_by_client())) {
    has_become_news = note_news(incident, symptom) || has_become_news;
    incident.active_until = std::max(incident.active_until, active_at + options.resolve_after);
    note_failure(incident, symptom.at);
    incident.check_recovery = {};
  }
  // Settling starts with the first symptom and is not put off by more of them. A told incident is judged again when a
  // symptom of another kind joins it, and when it has doubled: that may change the diagnosis.
  const bool is_doubted = incident.doubted_after.has_value() && severity > Severity::info;
  const bool is_news = !incident.is_reported() || joined.is_news || is_worse || has_become_news || is_doubted ||
                       !joined.absorbed.empty() || std::has_single_bit(incident.count);
  incident.has_other_failure |= (joined.is_news && severity > Severity::info) || !joined.absorbed.empty();
  if (joined.is_news) incident.ask_next = {};  // it may be about something else
  if (is_news && incident.due == TimePoint::max()) incident.due = active_at + options.settle;
  changed_ids.insert(incident.id);
}

/// It stood in its log before that was followed for the first time, and is too old to be news now. When nobody knows
/// how old it is, it is history, too.
bool Diagnoser::State::is_history(const Symptom& symptom) const {
  return symptom.predates_following && (!symptom.has_own_time || symptom.at < now - options.max_age);
}

/// True: until now all of the incident was history.
bool Diagnoser::State::note_news(OpenIncident& incident, const Symptom& symptom) const {
  return !is_history(symptom) && !std::exchange(incident.has_news, true);
}

void Diagnoser::State::on_absorbed(OpenIncident&& absorbed, const std::string& into) {
  changed_ids.erase(absorbed.id);
  ended_ids.push_back(absorbed.id);
  if (!absorbed.is_reported()) return;
  auto reported = presented(absorbed).value_or(present_last_words(absorbed));
  reported.merged_into = into;
  report(absorbed, std::move(reported), Change::resolved);
}

/// Another cause than the report said wakes people again only for a failure that goes on: what is known by its end (the
/// server listens again) is said when it is over. Another kind of failure is reported at once.
bool Diagnoser::State::is_told_of_other_cause(OpenIncident& incident, std::string_view cause) {
  if (cause == incident.reported_cause) {
    incident.doubted_after.reset();
    incident.has_other_failure = false;
    return false;
  }
  if (incident.has_other_failure) return true;
  if (!incident.doubted_after) incident.doubted_after = incident.rhythm.last;
  return incident.rhythm.last >= *incident.doubted_after + still_fails_after;
}

/// An incident is due: report it if there is something to report.
void Diagnoser::State::judge(OpenIncident& incident, bool wants_update) {
  incident.due = TimePoint::max();
  changed_ids.insert(incident.id);
  auto reported = presented(incident);
  if (!reported) return;
  if (!incident.is_reported()) recur(incident, *reported);
  if (!incident.is_told) return report(incident, std::move(*reported), Change::opened);
  const bool is_worse = reported->severity > incident.reported_severity;
  const bool is_other = is_told_of_other_cause(incident, reported->causes.front().cause);
  const bool has_become_news = incident.has_news && !incident.reported_news;
  if (is_worse || is_other || has_become_news || wants_update) report(incident, std::move(*reported), Change::updated);
}

/// The incident that `incident`, which is about to be reported as `reported`, is another occurrence of: the same root
/// cause about the same thing was over not long before. It is no longer kept then.
std::optional<OpenIncident> Diagnoser::State::earlier_occurrence(const OpenIncident& incident,
                                                                 const Incident& reported) {
  const auto& cause = reported.causes.front().cause;
  if (const auto known = reported_by_key.find(reported.key); known != reported_by_key.end()) {
    auto* earlier = open.find(known->second);
    if (earlier == nullptr || earlier->reported_cause != cause || !open.is_over(*earlier, incident.rhythm.first))
      return std::nullopt;
    auto found = *earlier;
    open.erase(found.id);
    return found;
  }
  return recovered.take(reported.key, cause, incident.rhythm.first);
}

/// Goes on with the earlier occurrence of `incident`, if there is one.
void Diagnoser::State::recur(OpenIncident& incident, Incident& reported) {
  const auto earlier = earlier_occurrence(incident, reported);
  if (!earlier) return;
  changed_ids.erase(incident.id);
  ended_ids.push_back(incident.id);
  open.recur(incident, *earlier);
  changed_ids.insert(incident.id);
  if (auto again = presented(incident)) reported = std::move(*again);
}

/// Answers say so; asked at most once for each part of them.
bool Diagnoser::State::has_recovered(OpenIncident& incident) {
  if (incident.due != TimePoint::max() || open.latest_answer() < incident.check_recovery) return false;
  if (open.has_recovered(incident)) return true;
  incident.check_recovery = open.latest_answer() + AnswerCounts::part;
  return false;
}

/// Whoever was told that it began hears that it is over, even when its rule is no longer loaded.
void Diagnoser::State::end(OpenIncident& incident) {
  if (incident.is_reported()) {
    report(incident, presented(incident).value_or(present_last_words(incident)), Change::resolved);
  }
  changed_ids.erase(incident.id);
  ended_ids.push_back(incident.id);
}

/// There is no room to wait for what else belongs to it: what is known so far is reported, so that nothing is lost.
void Diagnoser::State::give_up(OpenIncident& incident) {
  if (!incident.is_reported()) judge(incident, false);
  end(incident);
}

void Diagnoser::State::resolve(OpenIncident& incident) {
  end(incident);
  open.erase(std::string(incident.id));
}

void Diagnoser::State::recover(OpenIncident& incident) {
  end(incident);
  if (incident.is_reported()) recovered.keep(incident);
  open.erase(std::string(incident.id));
}

void Diagnoser::State::report(OpenIncident& incident, Incident&& reported, Change change) {
  reported.change = change;
  reported.state = change == Change::resolved ? IncidentState::resolved : IncidentState::open;
  if (incident.is_reported()) reported.reported_severity = incident.reported_severity;
  reported.is_history = !incident.has_news;
  incident.reported_news = incident.has_news;
  reported.change_number = ++incident.reports;
  incident.key = reported.key;
  incident.is_told = change != Change::resolved;
  if (incident.is_told) {
    reported_by_key.insert_or_assign(incident.key, incident.id);
  } else if (const auto known = reported_by_key.find(incident.key);
             known != reported_by_key.end() && known->second == incident.id) {
    reported_by_key.erase(known);
  }
  incident.doubted_after.reset();
  incident.has_other_failure = false;
  incident.reported_count = incident.count;
  incident.reported_cause = reported.causes.front().cause;
  incident.reported_severity = std::max(incident.reported_severity, reported.severity);
  changes.push_back(std::move(reported));
}

/// The questions of one incident that were not asked a moment ago.
void Diagnoser::State::ask(OpenIncident& incident, TimePoint at, std::vector<ProbeQuestion>& questions) {
  const bool is_last_look = incident.due != TimePoint::max() && incident.due <= at + last_look_before;
  const auto again_after = is_last_look ? last_look_after : ask_again_after;
  // Putting questions together is not free, and in a storm every line is an incident.
  incident.ask_next = at + last_look_after;
  if (const auto last = incident.due - last_look_before; last > at)
    incident.ask_next = std::min(incident.ask_next, last);
  for (auto& question : questions_of(incident, *rules, options.probe_kinds, options.host)) {
    if (asked_count >= most_questions_a_second) return;
    const auto asked = std::find_if(incident.asked.begin(), incident.asked.end(), [&](const auto& other) {
      return other.kind == question.kind && other.subject == question.subject;
    });
    if (asked != incident.asked.end() && at < asked->at + again_after) continue;
    if (asked == incident.asked.end() && incident.asked.size() >= most_answers) continue;
    if (asked == incident.asked.end()) {
      incident.asked.push_back({question.kind, question.subject, at});
    } else {
      asked->at = at;
    }
    ++asked_count;
    questions.push_back(std::move(question));
  }
}

Diagnoser::Diagnoser(std::shared_ptr<const knowledge::RuleSet> rules, DiagnosisOptions options)
    : state_(std::make_unique<State>(std::move(rules), std::move(options))) {}
Diagnoser::~Diagnoser() = default;
Diagnoser::Diagnoser(Diagnoser&&) noexcept = default;
Diagnoser& Diagnoser::operator=(Diagnoser&&) noexcept = default;

void Diagnoser::use_topology(topology::Topology topology) { state_->open.use_topology(std::move(topology)); }

/// Answers first: they are counted by their own time, and a failure among them asks how many came before it.
void Diagnoser::on_findings(std::span<const Finding> findings) {
  for (const auto& finding : findings) {
    if (const auto* answers = std::get_if<Answers>(&finding)) state_->open.count(*answers);
    if (const auto* covered = std::get_if<CoveredTime>(&finding)) state_->coverage.add(*covered);
    if (const auto* requests = std::get_if<UrlRequests>(&finding)) state_->urls.add(*requests);
  }
  for (const auto& finding : findings) {
    std::visit([this](const auto& found) { state_->on_finding(found); }, finding);
  }
}

bool Diagnoser::advance_to(TimePoint now, const WantsUpdate& wants_update,
                           const std::function<bool()>& has_had_enough) {
  if (now <= state_->now) return true;
  state_->now = now;
  std::vector<Symptom> fired;
  state_->timed.advance_to(now, fired);
  for (const auto& symptom : fired) state_->on_symptom(symptom);
  // One that comes back takes the place of its earlier occurrence: the table changes on the way.
  std::string at;
  while (auto* incident = state_->open.next_after(at)) {
    at = incident->id;
    const bool is_update = incident->has_grown() && wants_update && wants_update(incident->id, now);
    const bool is_due = incident->due <= now || is_update;
    if (is_due) state_->judge(*incident, is_update);
    const bool is_quiet = incident->active_until <= now;
    const bool is_over = is_quiet || state_->has_recovered(*incident);
    if (is_quiet) {
      state_->resolve(*incident);  // it was quiet for too long to come back as the same
    } else if (is_over) {
      state_->recover(*incident);
    }
    if ((is_due || is_over) && has_had_enough && has_had_enough()) return false;
  }
  return true;
}

std::vector<ProbeQuestion> Diagnoser::take_questions(TimePoint now, Asking asking, const WantsUpdate& wants_update) {
  std::vector<ProbeQuestion> questions;
  if (state_->options.probe_kinds.empty()) return questions;
  if (const auto second = std::chrono::floor<std::chrono::seconds>(now); second != state_->asked_in) {
    state_->asked_in = second;
    state_->asked_count = 0;
  }
  for (auto* incident : state_->open.all()) {
    if (state_->asked_count >= most_questions_a_second) break;
    const bool was_just_asked = now < incident->ask_next && now > incident->ask_next - ask_again_after;
    if (was_just_asked && asking == Asking::what_is_told_next) continue;
    const bool is_update_near =
        incident->has_grown() && wants_update && wants_update(incident->id, now + state_->options.settle);
    const bool is_judged_soon = incident->due != TimePoint::max() || is_update_near;
    const auto age = now - incident->last_seen;
    if ((is_judged_soon || asking == Asking::all) && age <= fresh && age >= -fresh)
      state_->ask(*incident, now, questions);
  }
  return questions;
}

void Diagnoser::take_answers(std::span<const ProbeAnswer> answers) {
  for (const auto& answer : answers) {
    auto* incident = answer.is_known() ? state_->open.find(answer.incident) : nullptr;
    if (incident == nullptr) continue;
    if (add_answer(*incident, answer) && incident->is_reported()) incident->due = std::min(incident->due, state_->now);
    state_->changed_ids.insert(incident->id);
  }
}

void Diagnoser::end_story() {
  std::vector<Symptom> fired;
  state_->timed.advance_to(TimePoint::max(), fired);
  for (const auto& symptom : fired) state_->on_symptom(symptom);
  std::string at;
  while (auto* incident = state_->open.next_after(at)) {
    at = incident->id;
    auto reported = incident->is_reported() ? std::nullopt : state_->presented(*incident);
    if (reported) state_->recur(*incident, *reported);
  }
}

std::vector<Incident> Diagnoser::take_changes() { return std::exchange(state_->changes, {}); }

void Diagnoser::use_rules(std::shared_ptr<const knowledge::RuleSet> rules) {
  // The graph and the conditions hold views into the rules that they were made of: replace them first.
  state_->graph = RuleGraph(*rules);
  state_->timed.use_rules(*rules);
  state_->rules = std::move(rules);
}

void Diagnoser::use_learnt(Learnt learnt) { state_->learnt = std::move(learnt); }

bool Diagnoser::resolve(const std::string& id) {
  auto* incident = state_->open.find(id);
  if (incident == nullptr || !incident->is_reported()) return false;
  state_->resolve(*incident);
  return true;
}

std::size_t Diagnoser::open_count() const { return state_->open.size(); }

bool Diagnoser::is_settling() const {
  return std::ranges::any_of(std::as_const(state_->open).all(),
                             [](const auto* incident) { return incident->due != TimePoint::max(); });
}

std::uint64_t Diagnoser::pushed_out() const { return state_->open.pushed_out(); }

std::uint64_t Diagnoser::given_up() const { return state_->timed.given_up(); }

std::vector<Incident> Diagnoser::open_incidents() const {
  std::vector<Incident> incidents;
  for (const auto* open : std::as_const(state_->open).all()) {
    if (auto incident = state_->presented(*open)) incidents.push_back(std::move(*incident));
  }
  std::sort(incidents.begin(), incidents.end(), is_more_important);
  return incidents;
}

}  // namespace triaged::diagnosis
