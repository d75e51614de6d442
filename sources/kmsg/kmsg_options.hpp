// The kind `kernel`: its options in the configuration, and the source of one entry.
#pragma once

#include <any>
#include <memory>
#include <string>
#include <vector>

#include "base/options.hpp"
#include "base/result.hpp"
#include "sources/claims.hpp"
#include "sources/source.hpp"

namespace triaged::sources {

struct SourceOrigin;

struct KmsgOptions {
  enum class Start {
    checkpoint,  // where the last run stopped; for the first time at the oldest record that the kernel keeps
    end,         // where the last run stopped; for the first time only what comes
  };

  std::string path = "/dev/kmsg";
  Start start = Start::end;
};

[[nodiscard]] std::vector<OptionFacts> kmsg_options();
/// KmsgOptions.
[[nodiscard]] std::any read_kmsg_options(YamlMapReader& fields, Claims& claims);
/// `options` are those of one entry.
[[nodiscard]] Result<std::unique_ptr<Source>> make_kmsg_source(const std::vector<std::any>& options,
                                                               const SourceOrigin& origin);

}  // namespace triaged::sources
