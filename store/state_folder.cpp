#include "store/state_folder.hpp"

namespace triaged::store {

std::string StateFolder::shown(std::string message) const {
  auto folder = path.lexically_normal().string();
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  if (written.empty() || folder.size() < 2) return message;
  for (auto at = message.find(folder); at != std::string::npos; at = message.find(folder, at)) {
    message.replace(at, folder.size(), written);
    at += written.size();
  }
  return message;
}

}  // namespace triaged::store
