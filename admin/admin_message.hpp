// A request to the admin address and its answer, without a word about sockets.
#pragma once

#include <map>
#include <string>

namespace triaged::admin {

struct AdminRequest {
  std::string method;                          // as sent: GET, HEAD, POST
  std::string path;                            // decoded, without the query
  std::map<std::string, std::string> query;    // decoded
  std::map<std::string, std::string> headers;  // names in small letters; of several of one name the first
  std::string body;

  [[nodiscard]] std::string_view header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

struct AdminAnswer {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::string location;  // of a 303
};

}  // namespace triaged::admin
