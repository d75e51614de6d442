// name-resolves, name-does-not-resolve: asks the host's resolver, as the proxy did. The only probe that may leave the
// host, so it is only ever made of names that stand in the configuration of a proxy.
#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <netdb.h>

#include "probes/probe_kinds.hpp"
#include "probes/process_table.hpp"
#include "probes/socket_address.hpp"

namespace triaged::probes {

namespace {

bool is_host_name(std::string_view text) {
  constexpr std::size_t longest_name = 253;
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && text.size() <= longest_name && text.front() != '-' && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), is_allowed) && std::any_of(text.begin(), text.end(), is_letter) &&
         !parse_ip(text);
}

}  // namespace

Finding probe_name(const ProbeQuestion& question, const std::filesystem::path& root) {
  if (!is_host_name(question.subject)) return unknown_because("this is not the name of a host");
  if (!is_its_host(question, root)) return unknown_because(may_be_elsewhere);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(question.subject.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  if (failure == EAI_NONAME || failure == EAI_NODATA) {
    return {"name-does-not-resolve", fmt::format("{} does not resolve on this host", question.subject)};
  }
  if (failure != 0) return unknown_because(::gai_strerror(failure));
  std::array<char, NI_MAXHOST> text{};
  if (::getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return unknown_because("the address cannot be read");
  }
  return {"name-resolves", fmt::format("{} resolves to {} now", question.subject, text.data())};
}

}  // namespace triaged::probes
