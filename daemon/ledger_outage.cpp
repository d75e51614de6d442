#include "daemon/ledger_outage.hpp"

#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "daemon/ledger_trouble.hpp"

namespace triaged::daemon {

namespace {

constexpr auto retry = std::chrono::seconds(1);
constexpr auto told_after = std::chrono::seconds(10);  // of failing; a shorter one needs nobody

}  // namespace

std::optional<Incident> LedgerOutage::on_failed(const std::string& why, const Waiting& waiting, Clock::time_point now,
                                                TimePoint at) {
  next_try_ = now + retry;
  if (failures_in_a_row_++ == 0) {
    failing_since_ = at;
    spdlog::error("{}; triaged continues in memory and delivers no diagnosis until this is fixed", why);
  }
  trouble_ = fmt::format("{}: {} KiB wait in memory{}", why, waiting.bytes / 1024,
                         waiting.do_files_wait ? ", and reading is paused" : "");
  if (is_told_ || at - failing_since_ < told_after) return std::nullopt;
  is_told_ = true;
  return ledger_trouble(Change::opened, why, host_, failing_since_, at);
}

std::optional<Incident> LedgerOutage::on_stored(TimePoint at) {
  if (std::exchange(failures_in_a_row_, 0) == 0) return std::nullopt;
  const std::string end = "the ledger can be written again; nothing was lost";
  spdlog::warn("{}", end);
  trouble_.clear();
  if (!std::exchange(is_told_, false)) return std::nullopt;
  return ledger_trouble(Change::resolved, end, host_, failing_since_, at);
}

}  // namespace triaged::daemon
