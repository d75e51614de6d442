// What stages remember from one run to the next, besides how far each stream is read: the rows of the ledger's table
// state(kind, id, value). Each kind belongs to one stage, which alone reads its values; everybody else carries them,
// and the store commits them together with the cursors.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triaged::inline values {

enum class StateKind {
  incident,           // diagnosis: an open incident, by its id
  recovered,          // diagnosis: one that is over and may come back, by its id
  window,             // diagnosis: what a condition over time has seen, for one value of its `by` field
  usual_share,        // diagnosis: what is usual in one log
  process_addresses,  // diagnosis: which process serves which address
  log_coverage,       // diagnosis: since when which logs are read
  notified,           // notify: who has heard of an open incident, by its id
  history,            // notify: what the next summary of incidents before the first start says
  reader,             // matcher: what the reader of a stream remembers of the lines before its cursor, by the stream
};

/// As they stand in the ledger, so a name never changes.
inline constexpr std::array<std::pair<StateKind, std::string_view>, 9> state_kinds = {{
    {StateKind::incident, "incident"},
    {StateKind::recovered, "recovered"},
    {StateKind::window, "window"},
    {StateKind::usual_share, "usual share"},
    {StateKind::process_addresses, "process addresses"},
    {StateKind::log_coverage, "log coverage"},
    {StateKind::notified, "notified"},
    {StateKind::history, "history"},
    {StateKind::reader, "reader"},
}};

[[nodiscard]] constexpr std::string_view name_of(StateKind kind) {
  for (const auto& [known, name] : state_kinds) {
    if (known == kind) return name;
  }
  return "";
}
[[nodiscard]] constexpr std::optional<StateKind> state_kind_named(std::string_view name) {
  for (const auto& [kind, known] : state_kinds) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

struct StateKey {
  StateKind kind = StateKind::incident;
  std::string id;

  friend auto operator<=>(const StateKey&, const StateKey&) = default;
};

/// "incident 01M7XTRXEGM58GX35ACNPTK5MB", for messages.
[[nodiscard]] inline std::string to_text(const StateKey& key) { return std::string(name_of(key.kind)) + ' ' + key.id; }

struct SavedState {
  StateKind kind = StateKind::incident;
  std::string id;
  std::string value;  // JSON; empty: it is forgotten

  friend bool operator==(const SavedState&, const SavedState&) = default;
};

}  // namespace triaged::inline values
