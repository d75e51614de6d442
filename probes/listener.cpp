// listening, not-listening: is there anybody at the upstream address? Asked of the kernel's tables and not by a
// connection, which a server would log, count or be confused by.
#include <fmt/format.h>

#include "probes/listeners.hpp"
#include "probes/probe_kinds.hpp"

namespace triaged::probes {

Finding probe_listener(const ProbeQuestion& question, const std::filesystem::path& root) {
  const auto address = address_asked_for(question, root);
  if (!address)
    return unknown_because("this is no address, or one by name, which would take a question to the network");
  const auto listener = listener_of(question, *address, root);
  switch (listener.state) {
    case Listener::State::there:
      return {"listening", fmt::format("a process listens on {}", listener.address)};
    case Listener::State::absent:
      return {"not-listening", fmt::format("nobody listens on {}", address_text(*address))};
    case Listener::State::unknown:
      break;
  }
  return unknown_because(listener.why);
}

}  // namespace triaged::probes
