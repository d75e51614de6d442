// The incidents in a state folder and what operators say of them, for a command or a form beside a running daemon, or
// without one. The daemon holds open incidents in memory, so an acknowledgement or a resolution is left as a request
// that it takes up within a second, or when it starts; reports on workarounds are its own to read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/stored_file.hpp"
#include "values/incident.hpp"
#include "values/incident_request.hpp"
#include "values/workaround_report.hpp"

namespace triaged::store {

/// An incident as it was last reported. It is resolved when the daemon no longer holds it, whatever the report says.
struct StoredStory {
  Incident incident;
  std::optional<IncidentAction> requested;  // a request that no daemon has taken up yet

  /// "open", "acknowledged", "resolved", and "acknowledging" or "resolving" while no daemon has taken that up.
  [[nodiscard]] std::string_view state() const;
};

/// Which incidents are wanted, newest first: all of them unless said.
struct StorySelection {
  std::string_view prefix{};  // of their ids, in any case
  std::string_view before{};  // only those that are older than the one of this id
  bool only_open = false;
  std::optional<std::uint32_t> most{};
};

class StoredIncidents {
 public:
  using For = StoredFor;
  /// Fails when there is no triaged.db in `folder`, or one of another version.
  [[nodiscard]] static Result<StoredIncidents> open(const StateFolder& folder, For purpose);

  /// One that cannot be read is left out.
  [[nodiscard]] Result<std::vector<StoredStory>> all(const StorySelection& wanted = {}) const;
  /// How many all() would give if it gave all: `wanted.most` does not count.
  [[nodiscard]] Result<std::uint64_t> count(const StorySelection& wanted) const;

  /// Leaves a request for the daemon. One with an id that is there already changes nothing.
  [[nodiscard]] Result<void> ask(const IncidentRequest& request) const;

  /// All reports, withdrawn ones too, oldest first.
  [[nodiscard]] Result<std::vector<WorkaroundReport>> reports() const;
  /// Adds what is not there yet, all or nothing: a report whose id is known is the same report, and only one that was
  /// withdrawn meanwhile changes. How many reports that added or changed.
  [[nodiscard]] Result<std::size_t> add(std::span<const WorkaroundReport> reports) const;
  /// Withdraws the newest report on `incident`; nullopt: there is none.
  [[nodiscard]] Result<std::optional<WorkaroundReport>> withdraw_last(std::string_view incident) const;

 private:
  [[nodiscard]] Result<SqliteStatement> selecting(std::string_view columns) const;
  explicit StoredIncidents(StoredFile file) : file_(std::move(file)) {}
  [[nodiscard]] Result<bool> add_one(const SqliteStatement& insert, const WorkaroundReport& report) const;

  StoredFile file_;
};

}  // namespace triaged::store
