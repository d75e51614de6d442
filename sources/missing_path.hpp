// Why a path or a pattern leads to no file, for the person who typed it: how far the way exists, and what it may have
// meant.
#pragma once

#include <string>

namespace triaged::sources {

/// "there is no such folder in /var/log; did you mean /var/log/nginx?" for "/var/log/ngnix/*.log". Names only what
/// exists. Empty: the way is there, and a file at its end.
[[nodiscard]] std::string why_nothing_at(const std::string& pattern);

}  // namespace triaged::sources
