// The section `admin` of the configuration.
#pragma once

#include <optional>
#include <vector>

#include "admin/access.hpp"
#include "base/options.hpp"

namespace triaged::admin {

[[nodiscard]] std::vector<OptionFacts> admin_options();

/// Reads all fields of the section. nullopt: it cannot be used, and the reader has reported why.
[[nodiscard]] std::optional<AdminAccess> read_admin(YamlMapReader fields);

}  // namespace triaged::admin
