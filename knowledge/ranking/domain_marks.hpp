// Marks that only one kind of program leaves in its messages. Used by the ranking only.
#pragma once

#include <string_view>
#include <vector>

namespace triaged::knowledge {

/// The domains whose marks stand in `message`, each once, strongest first.
[[nodiscard]] std::vector<std::string_view> marked_domains(std::string_view message);

}  // namespace triaged::knowledge
