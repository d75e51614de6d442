// The section `admin` of the configuration.
#pragma once

#include <optional>
#include <string>

#include "admin/access.hpp"
#include "base/problem.hpp"
#include "base/yaml.hpp"

namespace triaged::admin {

/// nullopt: it cannot be used, and `problems` say why.
[[nodiscard]] std::optional<AdminAccess> read_admin(const YamlValue& map, const std::string& file, Problems& problems);

}  // namespace triaged::admin
