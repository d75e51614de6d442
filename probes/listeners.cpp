#include "probes/listeners.hpp"

#include <optional>

#include "probes/process_table.hpp"
#include <fmt/format.h>

namespace triaged {

namespace {

/// A proxy goes on running when its upstream does not. An application that logs itself may be gone altogether, and then
/// the host's own table is the one to ask, if this is the host.
bool outlives_its_failures(std::string_view program) { return program == "nginx" || program == "haproxy"; }

}  // namespace

Listener listener_of(const ProbeQuestion& question, const SocketAddress& address, const std::filesystem::path& root) {
  const auto writers = writers_of(question, root);
  std::optional<Listener> found;
  for (const auto& writer : writers) {
    auto one = find_listener(address, root / fmt::format("proc/{}/net", writer.number));
    if (one.state == Listener::State::unknown) return one;
    if (found && found->state != one.state) return {.why = fmt::format("it depends on which {}", question.program)};
    found = std::move(one);
  }
  if (found) return std::move(*found);
  if (outlives_its_failures(question.program)) {
    return {.why = fmt::format("no process of {} is to be seen here", question.program)};
  }
  if (!shows_whole_host(root)) return {.why = "this is a container, and who wrote the log is not to be seen in it"};
  return find_listener(address, root / "proc/self/net");
}

}  // namespace triaged
