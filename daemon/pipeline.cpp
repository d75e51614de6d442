#include "daemon/pipeline.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>
#include <spdlog/spdlog.h>

#include "base/clock.hpp"
#include "daemon/admin_stage.hpp"
#include "daemon/diagnosis_stage.hpp"
#include "daemon/last_words.hpp"
#include "daemon/matcher_stage.hpp"
#include "daemon/own_files.hpp"
#include "daemon/pipeline_metrics.hpp"
#include "daemon/safe_place.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/signals.hpp"
#include "daemon/sink_stage.hpp"
#include "daemon/source_stage.hpp"

namespace triaged::daemon {

namespace asio = boost::asio;

namespace {

// A matched batch holds findings only; full, the matchers wait and then the sources.
constexpr std::size_t queued_matched_batches = 64;
constexpr auto status_interval = std::chrono::seconds(1);
constexpr auto longest_last_delivery = std::chrono::minutes(1);
constexpr auto stuck_after = std::chrono::seconds(20);  // the diagnosis thread without a heartbeat: let systemd act

// A new pipeline is built while none runs. Longer than that, something hangs.
constexpr auto longest_hand_over = std::chrono::minutes(2);

std::shared_ptr<const Reading> reading_of(const config::Configuration& configuration) {
  auto reading = std::make_shared<Reading>();
  reading->redactor = std::make_shared<const formats::Redactor>(configuration.redact);
  reading->own_programs = std::make_shared<const std::vector<std::string>>(own_programs(configuration));
  for (const auto& source : configuration.sources) {
    reading->sources.push_back({source.format, source.zone_offset, source.log_format, source.entry.kind});
  }
  std::vector<std::string> troubles;  // the topology watch says them
  reading->topology = topology::read_topology(configuration.topology, troubles);
  return reading;
}

/// What is read goes on being read, and some of it is known before it says anything.
diagnosis::DiagnosisOptions diagnosis_of(const config::Configuration& configuration) {
  diagnosis::DiagnosisOptions options = configuration.notify;
  options.logs = diagnosis::Logs::are_followed;
  for (const auto& source : configuration.sources) {
    if (source.format) options.followed_formats.emplace_back(name_of(*source.format));
    if (sources::reads_kernel_log(source.entry))
      options.followed_formats.emplace_back(name_of(formats::Format::kernel));
  }
  return options;
}

/// What the last run left in the ledger.
struct Restored {
  diagnosis::Diagnoser diagnoser;
  std::vector<Cursor> checkpoint;
  std::vector<SavedState> state;
  SafePlace safe_place;
  std::vector<StateKey> unreadable;  // rows of the state that are to be forgotten
};

Result<Restored> restored(const config::Loaded& loaded, store::Ledger& ledger) {
  for (bool may_go_back = true;; may_go_back = false) {
    diagnosis::Diagnoser diagnoser(loaded.rules, diagnosis_of(loaded.configuration));
    const auto state = ledger.state();
    if (!state) return state.error();
    auto unreadable = diagnoser.restore(*state, now());
    if (may_go_back && std::ranges::any_of(unreadable, SafePlace::holds_lines, &StateKey::kind)) {
      std::vector<std::string> names;
      for (const auto& key : unreadable) names.push_back(to_text(key));
      spdlog::error("cannot read the saved state of {}; reading the logs again from the last safe place",
                    fmt::join(names, ", "));
      if (const auto gone = ledger.go_back(); !gone) return gone.error();
      continue;
    }
    const auto checkpoint = ledger.cursors();
    if (!checkpoint) return checkpoint.error();
    const auto safe = ledger.safe_cursors();
    if (!safe) return safe.error();
    const auto safe_state = ledger.safe_state();
    if (!safe_state) return safe_state.error();
    return Restored{std::move(diagnoser), *checkpoint, *state, SafePlace(Place(*safe, *safe_state), *state),
                    std::move(unreadable)};
  }
}

/// Whatever ends the pipeline, an exception too: the matchers might wait for ever to hand over what they have.
struct Farewell {
  DiagnosisStage& diagnosis;
  ~Farewell() { diagnosis.stop_within(longest_farewell); }
};

/// Signals, the watchdog and the status line: what the io thread does besides reading sources.
class Supervision {
 public:
  Supervision(asio::io_context& io, const Reload& reload, const SourceStage& sources, const MatcherStage& matchers,
              const DiagnosisStage& diagnosis, const LastingStages& stages, const NoisyRules& noisy,
              const config::Loaded& loaded, bool reload_now)
      : io_(io),
        reload_(reload),
        sources_(sources),
        matchers_(matchers),
        diagnosis_(diagnosis),
        sinks_(stages.sinks),
        probes_(stages.probes),
        admin_(stages.admin),
        noisy_(noisy),
        signals_(stages.signals),
        rules_(loaded.rules->rules().size()),
        status_timer_(io),
        watchdog_timer_(io),
        may_probe_(!loaded.configuration.notify.probe_kinds.empty()),
        waits_for_public_rules_(loaded.signatures->waits_for_public_rules()) {
    show_status();
    if (const auto interval = watchdog_interval()) watch(*interval);
    if (reload_now) {
      asio::post(io_, [this] { ask_for_reload(); });
    } else {
      take_in_public_rules();
    }
    // Last: what throws before it must not leave a listener behind.
    signals_.listen([this](Signal signal) {
      (signal == Signal::stop ? is_stop_untaken_ : is_reload_untaken_) = true;
      asio::post(io_, [this] { take_signals(); });
    });
  }
  /// What came when io_ was about to end is for the next one.
  ~Supervision() {
    signals_.stop_listening();
    if (is_stop_untaken_) signals_.receive(Signal::stop);
    if (is_reload_untaken_) signals_.receive(Signal::reload);
  }

  Supervision(const Supervision&) = delete;
  Supervision& operator=(const Supervision&) = delete;

  PipelineResult result;

 private:
  void take_signals() {
    if (is_reload_untaken_.exchange(false)) ask_for_reload();
    if (is_stop_untaken_.exchange(false)) stop("received a signal");
  }

  void stop(std::string_view why) {
    spdlog::info("stopping: {}", why);
    tell_stopping();
    io_.stop();
  }

  void take_in_public_rules() {
    if (!waits_for_public_rules_) return;
    spdlog::info("compiling the public rules; they take effect when they are ready");
    start_reload(ReloadReason::public_rules_left);
  }

  void ask_for_reload() {
    tell_reloading();
    if (is_reloading_) {
      is_reload_wanted_ = true;  // what is being read now may already be old
    } else {
      start_reload(ReloadReason::asked);
    }
  }

  /// Loading reads files and compiles patterns, so it has a thread of its own; the io thread never blocks.
  void start_reload(ReloadReason reason) {
    is_reloading_ = true;
    reloader_ = std::jthread([this, reason](const std::stop_token& stop) {
      auto next = std::make_shared<std::optional<config::Loaded>>(reload_(reason, stop));
      asio::post(io_, [this, reason, next] { end_reload(reason, std::move(*next)); });
    });
  }

  void end_reload(ReloadReason reason, std::optional<config::Loaded> next) {
    is_reloading_ = false;
    const bool again = std::exchange(is_reload_wanted_, false);
    if (next) {
      result = {PipelineEnd::replaced, again, std::move(next)};
      io_.stop();
      return;
    }
    tell_ready();
    if (again) return ask_for_reload();
    if (reason == ReloadReason::asked) take_in_public_rules();  // the refused reload would have brought them
  }

  void show_status() {
    const auto counts = diagnosis_.counts();
    admin_.publish(metrics_of({.sources = sources_.metrics(),
                               .diagnosis = counts,
                               .sinks = sinks_.names(),
                               .failing_sinks = sinks_.failures(),
                               .rules = rules_,
                               .demotions = noisy_.count(),
                               .distrusted = matchers_.distrusted_lines(),
                               .plain_lines = matchers_.plain_lines(),
                               .probes = probes_.counts()}),
                   counts.trouble);
    auto status = fmt::format("following {}, {} open incidents", sources_.summary(), counts.open_incidents);
    if (!counts.trouble.empty()) status += "; " + counts.trouble;
    if (counts.pushed_out > 0) status += fmt::format("; {} incidents were closed early", counts.pushed_out);
    const auto failures = sinks_.failures();
    if (!failures.empty()) status += fmt::format("; failing sinks: {}", fmt::join(failures, ", "));
    if (diagnosis_.must_begin_again()) {
      spdlog::warn("starting again from what the ledger holds");
      result.end = PipelineEnd::ledger_went_back;
      result.reload_again = is_reloading_ || is_reload_wanted_;
      io_.stop();
    }
    if (has_come_to_end(counts)) stop("every source with 'at_end: stop' has ended");
    if (may_probe_) probes_.keep_watch();
    if (const auto probes = probes::status_of(probes_.counts()); !probes.empty()) status += "; " + probes;
    if (status != status_ && tell_status(status)) status_ = std::move(status);
    status_timer_.expires_after(status_interval);
    status_timer_.async_wait([this](const boost::system::error_code& failure) {
      if (!failure) show_status();
    });
  }

  /// The sources with which the daemon ends have ended, and what came of them is delivered. A sink that fails is waited
  /// for, but not for ever: what it has not delivered stays in the outbox for the next run.
  [[nodiscard]] bool has_come_to_end(const DiagnosisCounts& counts) {
    if (sources_.ending() != sources::Ending::reached || !counts.is_settled) return false;
    const auto moment = std::chrono::steady_clock::now();
    if (!settled_at_) settled_at_ = moment;
    return sinks_.has_delivered() || moment >= *settled_at_ + longest_last_delivery;
  }

  /// A sign of life is given for the whole road: not while the diagnosis thread is stuck.
  void watch(std::chrono::microseconds interval) {
    const auto heartbeat = diagnosis_.heartbeat();
    const auto moment = std::chrono::steady_clock::now();
    if (heartbeat != last_heartbeat_) {
      last_heartbeat_ = heartbeat;
      last_progress_ = moment;
    }
    if (moment - last_progress_ < stuck_after) tell_alive();
    watchdog_timer_.expires_after(interval);
    watchdog_timer_.async_wait([this, interval](const boost::system::error_code& failure) {
      if (!failure) watch(interval);
    });
  }

  asio::io_context& io_;
  const Reload& reload_;
  const SourceStage& sources_;
  const MatcherStage& matchers_;
  const DiagnosisStage& diagnosis_;
  const SinkStage& sinks_;
  const probes::ProbeStage& probes_;
  AdminStage& admin_;
  const NoisyRules& noisy_;
  SignalWatch& signals_;
  const std::size_t rules_;
  asio::steady_timer status_timer_, watchdog_timer_;
  std::atomic<bool> is_stop_untaken_{false}, is_reload_untaken_{false};  // signals that were posted to io_
  bool is_reloading_ = false;
  bool is_reload_wanted_ = false;
  const bool may_probe_;
  const bool waits_for_public_rules_;
  std::string status_;
  std::optional<std::chrono::steady_clock::time_point> settled_at_;  // the sources have ended, and nothing is undecided
  std::uint64_t last_heartbeat_ = 0;
  std::chrono::steady_clock::time_point last_progress_ = std::chrono::steady_clock::now();
  std::jthread reloader_;  // the last member: it is stopped and joined before what it uses goes
};

/// What the diagnosis thread is to call with the cursors that it has committed; empty when no source wants to know.
std::function<void(std::vector<Cursor>)> tell_sources(SourceStage& sources, asio::io_context& io) {
  if (!sources.wants_commits()) return {};
  return [&](std::vector<Cursor> cursors) {
    asio::post(io, [&, cursors = std::move(cursors)] { sources.on_committed(cursors); });
  };
}

// The whole road. Objects are built from its end to its start, so that each stage finds the next one running, and leave
// in the opposite order, which is the shutdown: sources stop, matchers empty their queues, diagnosis commits. What
// lasts (sinks, probes, admin) takes on the new configuration when nothing can fail any more.
Result<PipelineResult> build_and_run(config::Loaded& loaded, store::Ledger& ledger, const LastingStages& stages,
                                     const PipelineOptions& options) {
  auto& [sinks, probes, admin, signals, kept] = stages;
  std::optional<SignsOfLife> hand_over(std::in_place, longest_hand_over);
  auto last = restored(loaded, ledger);
  if (!last) return last.error();
  auto checkpoint = std::move(last->checkpoint);
  auto& configuration = loaded.configuration;
  // A ledger without cursors was damaged: what has none may have been read nevertheless.
  auto sources = SourceStage::open(configuration.sources, {.checkpoint = checkpoint,
                                                           .has_lost_cursors = ledger.lacks_cursors(),
                                                           .now = now(),
                                                           .kept = kept,
                                                           .own_files = own_files(configuration)});
  if (!sources) return sources.error();

  asio::io_context io(1);
  NoisyRules noisy(configuration.state.folder);
  PipelineResult result;
  BoundedQueue<MatchedBatch> matched(queued_matched_batches);
  DiagnosisStage diagnosis(std::move(last->diagnoser),
                           {.policy = configuration.notify_policy(),
                            .outbox = configuration.state.outbox,
                            .host = configuration.notify.host,
                            .checkpoint = std::move(checkpoint),
                            .state = last->state,
                            .safe_place = std::move(last->safe_place),
                            .topology = configuration.topology,
                            .unreadable = std::move(last->unreadable),
                            .committed = [&] { stages.sinks.wake(); },
                            .tell_directly = [&](const Incident& incident) { stages.sinks.tell_directly(incident); },
                            .ask = [&](std::vector<ProbeQuestion> asked) { stages.probes.ask(std::move(asked)); },
                            .take_answers = [&] { return stages.probes.take_answers(); },
                            .cursors_committed = tell_sources(**sources, io)},
                           ledger, matched);
  {
    MatcherStage matchers(std::thread::hardware_concurrency(), loaded.signatures, reading_of(configuration),
                          last->state, noisy, matched);
    last->state = {};  // thousands of incidents, perhaps, and everybody has taken their own
    const Farewell farewell{diagnosis};
    Supervision supervision(io, options.reload, **sources, matchers, diagnosis, stages, noisy, loaded,
                            options.reload_now);
    (*sources)->run(io, matchers);
    const auto sink_count = configuration.sinks.size();
    sinks.use(configuration.sinks);
    probes.set_timeout(configuration.probes.timeout);
    admin.use(configuration.admin, configuration.state.folder, configuration.notify.timezone);
    kept.forget_unused();
    if (options.started) options.started();
    spdlog::info("ready: {} rules, {} sources, {} sinks", loaded.rules->rules().size(), configuration.sources.size(),
                 sink_count);
    tell_ready();
    // What only a start needs, the cursors and readers of thousands of logs as text, goes back to the system.
    ::malloc_trim(0);
    hand_over.reset();
    io.run();
    hand_over.emplace(longest_hand_over);
    diagnosis.stop_within(longest_farewell);  // else the matchers might wait for ever to hand over what they have
    result = std::move(supervision.result);
  }
  return result;
}

}  // namespace

Result<PipelineResult> run_pipeline(config::Loaded& loaded, store::Ledger& ledger, const LastingStages& stages,
                                    const PipelineOptions& options) {
  try {
    return build_and_run(loaded, ledger, stages, options);
  } catch (const std::exception& failure) {
    return error(last_words_of(failure));
  }
}

}  // namespace triaged::daemon
