// How many groups of changes a second the ledger takes, by durability: a group as the daemon commits it, with a
// cursor, what its reader remembers, one open incident and one notification, which is then settled as its sink would.
//
// usage: ledger_commits FOLDER [GROUPS]
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "store/ledger.hpp"

namespace triaged {
namespace {

constexpr std::size_t bytes_of_state = 4096;  // of an open incident with some samples

store::Commit group(long number) {
  Incident incident;
  incident.id = "01M7XTRXEGM58GX35ACNPTK5MB";
  incident.causes.emplace_back();
  incident.evidence.resize(
      8, {.source = "/var/log/nginx/error.log", .offset = 0, .at = {}, .line = std::string(400, 'x')});
  const auto text = std::to_string(number);
  return {.cursors = {{"file:/var/log/nginx/error.log", text}},
          .state = {{StateKind::reader, "file:/var/log/nginx/error.log", text},
                    {StateKind::incident, incident.id, std::string(bytes_of_state, 'x')}},
          .notifications = {{0, "hook", incident.id + "/" + text, incident}}};
}

int measure(const std::filesystem::path& folder, store::Durability durability, std::string_view name, long groups) {
  std::filesystem::remove_all(folder);
  const auto ledger = store::Ledger::open(folder, durability);
  if (!ledger) return fmt::print(stderr, "{}\n", ledger.error().message), 2;
  const auto start = std::chrono::steady_clock::now();
  for (long number = 1; number <= groups; ++number) {
    if (const auto done = (*ledger)->commit(group(number)); !done)
      return fmt::print(stderr, "{}\n", done.error().message), 2;
    if (const auto settled = (*ledger)->mark_delivered(number, TimePoint{}); !settled) return 2;
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  const auto bytes = std::filesystem::file_size(folder / "triaged.db");
  fmt::print("{:8} {:8.0f} groups/s {:8.3f} ms each, {:6.1f} MiB database\n", name,
             static_cast<double>(groups) / taken.count(), 1000 * taken.count() / static_cast<double>(groups),
             static_cast<double>(bytes) / (1024 * 1024));
  return 0;
}

}  // namespace
}  // namespace triaged

int main(int count, char** arguments) {
  if (count < 2) return fmt::print(stderr, "usage: ledger_commits FOLDER [GROUPS]\n"), 2;
  const auto folder = std::filesystem::path(arguments[1]) / "ledger-commits";
  const long groups = count > 2 ? std::atol(arguments[2]) : 20'000;
  const int first = triaged::measure(folder, triaged::store::Durability::process, "process", groups);
  return first != 0 ? first : triaged::measure(folder, triaged::store::Durability::power, "power", groups);
}
