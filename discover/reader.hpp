// Who shall read the logs: the user that `triaged run` is started as.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace triaged::discover {

struct Reader {
  std::string name;
  std::optional<std::uint32_t> user;  // nullopt: systemd makes one when the service starts
  std::vector<std::uint32_t> groups;
  bool is_this_process = false;
  bool is_service = false;  // triaged.service, which has a /tmp of its own and no devices
};

[[nodiscard]] Reader this_process(const std::filesystem::path& root);

/// The user of that name, with its groups.
[[nodiscard]] Result<Reader> user_named(const std::string& name, const std::filesystem::path& root);

/// The user of triaged.service, with the groups that the unit and its drop-ins give it; nullopt: it is not installed.
[[nodiscard]] std::optional<Reader> service_user(const std::filesystem::path& root);

/// The name in /etc/passwd or /etc/group, or else the number.
[[nodiscard]] std::string name_of_user(std::uint32_t user, const std::filesystem::path& root);
[[nodiscard]] std::string name_of_group(std::uint32_t group, const std::filesystem::path& root);

}  // namespace triaged::discover
