// The kind `containers`: its options in the configuration, and the source that follows the logs of all its entries.
#pragma once

#include <any>
#include <memory>
#include <vector>

#include "base/options.hpp"
#include "base/result.hpp"
#include "sources/claims.hpp"
#include "sources/source.hpp"

namespace triaged::sources {

struct SourceOrigin;

[[nodiscard]] std::vector<OptionFacts> container_options();
/// A ContainerLogs. Warns of folders and logs that may not be read now.
[[nodiscard]] std::any read_container_options(YamlMapReader& fields, Claims& claims);
[[nodiscard]] Result<std::unique_ptr<Source>> make_container_source(const std::vector<std::any>& options,
                                                                    const SourceOrigin& origin);

}  // namespace triaged::sources
