// `triaged outbox list|retry|drop`: what sinks have refused for good, for a person to decide. Works beside a running
// daemon, and without one.
#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include "base/clock.hpp"
#include "base/local_clock.hpp"
#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "store/stored_outbox.hpp"
#include "values/incident.hpp"
#include "values/json_writer.hpp"

namespace triaged::cli {

namespace {

int could_not_run(const std::string& why) {
  fmt::print(stderr, "triaged outbox: {}\n", why);
  return exit_could_not_run;
}

void print_as_json(const store::DeadLetter& letter) {
  JsonWriter json;
  json.begin_object();
  json.key("row").integer(letter.row);
  json.key("sink").text(letter.sink);
  json.key("at").text(to_rfc3339(letter.at));
  json.key("why").text(letter.why);
  json.key("idempotency_key").text(letter.idempotency_key);
  json.key("incident");
  simdjson::dom::parser parser;
  simdjson::dom::element incident;
  if (parser.parse(letter.incident).get(incident) == simdjson::SUCCESS) {
    json.raw(simdjson::minify(incident));
  } else {
    json.null();
  }
  json.end_object();
  fmt::print("{}\n", json.json());
}

void print_for_people(const store::DeadLetter& letter) {
  const auto incident = incident_from_json(letter.incident);
  const auto title =
      incident ? fmt::format("{}: {}", name_of(incident->change), incident->title) : std::string("cannot be read");
  fmt::print("\n{}  for {}, {}\n    {}\n    {}\n", letter.row, to_printable(letter.sink),
             LocalClock{.zone = {}, .today = now()}.time_and_zone_of(letter.at), to_printable(title),
             to_printable(letter.why));
}

int print_outbox(const store::StoredOutbox& outbox, const OutboxOptions& options) {
  const auto letters = outbox.dead_letters({.rows = {}, .sink = options.sink});
  if (!letters) return could_not_run(letters.error().message);
  if (options.json) {
    for (const auto& letter : *letters) print_as_json(letter);
    return exit_done;
  }
  const auto sinks = outbox.sinks();
  if (!sinks) return could_not_run(sinks.error().message);
  for (const auto& sink : *sinks) {
    if (options.sink && *options.sink != sink.sink) continue;
    fmt::print("{}: {} waiting, {} delivered, {} rejected\n", to_printable(sink.sink), sink.pending, sink.delivered,
               sink.rejected);
  }
  for (const auto& letter : *letters) print_for_people(letter);
  if (letters->empty()) fmt::print("no dead letters\n");
  return exit_done;
}

using Change = Result<std::vector<std::int64_t>> (store::StoredOutbox::*)(const store::DeadLetterChoice&) const;

int change_outbox(const OutboxOptions& options, Change change, const char* done) {
  if (options.rows.empty() && !options.all) return could_not_run("name rows of `triaged outbox list`, or --all");
  const auto outbox = options.state.open<store::StoredOutbox>(store::StoredFor::changing);
  if (!outbox) return could_not_run(outbox.error().message);
  const auto rows = ((*outbox).*change)({.rows = options.rows, .sink = options.sink});
  if (!rows) return could_not_run(rows.error().message);
  fmt::print("{} {}{}{}\n", rows->size(), done, rows->empty() ? "" : ": ", fmt::join(*rows, " "));
  const bool is_all_there = options.all || rows->size() >= options.rows.size();
  if (!is_all_there)
    fmt::print(stderr, "triaged outbox: the other rows are not dead letters; `triaged outbox list` shows them\n");
  return is_all_there ? exit_done : exit_found;
}

}  // namespace

int outbox_list_command(const OutboxOptions& options) {
  const auto outbox = options.state.open<store::StoredOutbox>(store::StoredFor::reading);
  return outbox ? print_outbox(*outbox, options) : could_not_run(outbox.error().message);
}

int outbox_retry_command(const OutboxOptions& options) {
  return change_outbox(options, &store::StoredOutbox::retry, "to be delivered again");
}

int outbox_drop_command(const OutboxOptions& options) {
  return change_outbox(options, &store::StoredOutbox::drop, "dropped");
}

}  // namespace triaged::cli
