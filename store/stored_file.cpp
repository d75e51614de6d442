#include "store/stored_file.hpp"

#include <chrono>

#include <fmt/format.h>

#include "store/schema.hpp"

namespace triaged {

namespace {

constexpr auto busy_wait = std::chrono::seconds(5);

}  // namespace

Result<StoredFile> open_stored_file(const std::filesystem::path& folder, StoredFor purpose) {
  const auto path = (folder / "triaged.db").string();
  std::error_code failure;
  if (!std::filesystem::exists(path, failure)) {
    if (failure) return error(fmt::format("cannot open {}: {}", path, failure.message()));
    return error(fmt::format("there is no {}: nothing was ever kept there", path));
  }
  auto connection =
      purpose == StoredFor::changing ? SqliteConnection::open(path) : SqliteConnection::open_to_read(path);
  if (!connection) return error(fmt::format("cannot open {}: {}", path, connection.error().message));
  connection->wait_when_busy(busy_wait);
  const auto version = connection->number("PRAGMA user_version");
  if (!version) return error(fmt::format("cannot read {}: {}", path, version.error().message));
  if (*version != current_schema()) {
    return error(fmt::format("{} has schema {}; this version knows {}: use the triaged that runs there", path, *version,
                             current_schema()));
  }
  return StoredFile{std::move(*connection), path};
}

Error StoredFile::failure(const char* what, const Error& why) const {
  return error(fmt::format("cannot {} {}: {}", what, path, why.message));
}

}  // namespace triaged
