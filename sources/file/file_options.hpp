// The kind `file`: its options in the configuration, and the source that follows the files of all its entries.
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

[[nodiscard]] std::vector<OptionFacts> file_options();
/// A FollowedSource.
[[nodiscard]] std::any read_file_options(YamlMapReader& fields, Claims& claims);
[[nodiscard]] Result<std::unique_ptr<Source>> make_file_source(const std::vector<std::any>& options,
                                                               const SourceOrigin& origin);

}  // namespace triaged::sources
