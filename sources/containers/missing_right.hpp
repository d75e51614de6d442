// What is missing to read logs, in words for the operator: a group, or a capability.
#pragma once

#include <string>
#include <vector>

namespace triaged::sources {

/// One sentence for each folder that the globs lead to and that may not be listed, and one for the first log that may
/// not be read: "cannot list /var/log/pods: permission denied; add the user that runs triaged to the group 'adm'". Of
/// the rights of this process. What is not there is no problem.
[[nodiscard]] std::vector<std::string> missing_rights(const std::vector<std::string>& globs);

}  // namespace triaged::sources
