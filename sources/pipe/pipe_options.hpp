// The kinds `stdin` and `pipe`: their options in the configuration, and the source of one entry.
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

/// What happens when nobody has a stream open for writing any more.
enum class AtEnd {
  stop,  // the daemon ends, when all sources that say so have ended
  wait   // it goes on; somebody may write into a named pipe again
};

struct PipeOptions {
  std::string path;  // of a named pipe; empty: standard input
  AtEnd at_end = AtEnd::stop;
};

[[nodiscard]] std::vector<OptionFacts> stdin_options();
[[nodiscard]] std::vector<OptionFacts> pipe_options();
/// PipeOptions, both.
[[nodiscard]] std::any read_stdin_options(YamlMapReader& fields, Claims& claims);
[[nodiscard]] std::any read_pipe_options(YamlMapReader& fields, Claims& claims);
/// `options` are those of one entry.
[[nodiscard]] Result<std::unique_ptr<Source>> make_pipe_source(const std::vector<std::any>& options,
                                                               const SourceOrigin& origin);

}  // namespace triaged::sources
