#include "store/stored_file.hpp"

#include <chrono>

#include <fmt/format.h>

#include "store/schema.hpp"

namespace triaged::store {

namespace {

constexpr auto busy_wait = std::chrono::seconds(5);

}  // namespace

Result<StoredFile> open_stored_file(const StateFolder& folder, StoredFor purpose) {
  const auto path = (folder.path / "triaged.db").string();
  const auto shown = folder.shown(path);
  std::error_code failure;
  if (!std::filesystem::exists(path, failure)) {
    if (failure) return error(fmt::format("cannot open {}: {}", shown, failure.message()));
    return error(fmt::format("there is no {}: no daemon has used this state folder yet", shown));
  }
  auto connection =
      purpose == StoredFor::changing ? SqliteConnection::open(path) : SqliteConnection::open_to_read(path);
  if (!connection) return error(fmt::format("cannot open {}: {}", shown, connection.error().message));
  connection->wait_when_busy(busy_wait);
  const auto version = connection->number("PRAGMA user_version");
  if (!version) return error(fmt::format("cannot read {}: {}", shown, version.error().message));
  if (*version != current_schema()) {
    return error(fmt::format("{} has schema {}; this version knows {}: use the same version of triaged as the daemon",
                             shown, *version, current_schema()));
  }
  return StoredFile{std::move(*connection), shown};
}

Error StoredFile::failure(const char* what, const Error& why) const {
  return error(fmt::format("cannot {} {}: {}", what, path, why.message));
}

}  // namespace triaged::store
