// What the keys of an access log's objects are called, by servers and by people.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace triaged::formats::json_access {

enum Key : std::size_t {
  status,
  request,
  uri,
  method,
  upstream_addr,
  upstream_status,
  upstream_response_time,
  upstream_connect_time,
  upstream_header_time,
  request_time,
  request_seconds,
  bytes,
  time,
  server_name,
  host,
  client,
  // HAProxy's.
  termination,
  frontend,
  backend,
  server,
  time_request,
  time_queue,
  time_connect,
  time_response,
  time_total,
  active_connections,
  frontend_connections,
  backend_connections,
  server_connections,
  retries,
  server_queue,
  backend_queue,
  key_count
};

struct KeyName {
  std::string_view name;
  Key key;
};

/// As people call them: small letters and digits only, an object's name in front of those inside it. What the servers
/// call them by themselves: nginx's variables, HAProxy's sample fetches and aliases, Caddy's and Traefik's own keys,
/// the Elastic Common Schema.
constexpr auto key_names = [] {
  std::array names = {
      KeyName{"uri", uri},
      KeyName{"time", time},
      KeyName{"path", uri},
      KeyName{"host", host},
      KeyName{"msec", time},
      KeyName{"status", status},
      KeyName{"method", method},
      KeyName{"verb", method},
      KeyName{"bytes", bytes},
      KeyName{"request", request},
      KeyName{"vhost", server_name},
      KeyName{"ts", time},
      KeyName{"date", time},
      KeyName{"timestamp", time},
      KeyName{"datetime", time},
      KeyName{"timelocal", time},
      KeyName{"timeiso8601", time},
      KeyName{"starttime", time},
      KeyName{"reqmethod", method},
      KeyName{"requrl", uri},
      KeyName{"resstatus", status},
      KeyName{"resstatuscode", status},
      KeyName{"ip", client},
      KeyName{"client", client},
      KeyName{"clientip", client},
      KeyName{"clientaddr", client},
      KeyName{"clienthost", client},
      KeyName{"remoteip", client},
      KeyName{"remoteaddr", client},
      KeyName{"remoteaddress", client},
      KeyName{"remotehost", client},
      KeyName{"sourceip", client},
      KeyName{"requestremoteip", client},
      KeyName{"requestclientip", client},
      KeyName{"statuscode", status},
      KeyName{"httpstatus", status},
      KeyName{"httpstatuscode", status},
      KeyName{"responsestatus", status},
      KeyName{"responsecode", status},
      KeyName{"responsestatuscode", status},
      KeyName{"httpresponsestatuscode", status},
      KeyName{"downstreamstatus", status},
      KeyName{"bytessent", bytes},
      KeyName{"bytesread", bytes},
      KeyName{"bodybytessent", bytes},
      KeyName{"responsesize", bytes},
      KeyName{"downstreamcontentsize", bytes},
      KeyName{"requestmethod", method},
      KeyName{"httpmethod", method},
      KeyName{"httprequestmethod", method},
      KeyName{"requesturi", uri},
      KeyName{"requesturl", uri},
      KeyName{"requestpath", uri},
      KeyName{"urlpath", uri},
      KeyName{"urloriginal", uri},
      KeyName{"httprequest", request},
      KeyName{"requestline", request},
      KeyName{"servername", server_name},
      KeyName{"virtualhost", server_name},
      KeyName{"requesttime", request_time},
      KeyName{"duration", request_seconds},
      KeyName{"upstream", upstream_addr},
      KeyName{"upstreamaddr", upstream_addr},
      KeyName{"upstreamaddress", upstream_addr},
      KeyName{"upstreamhost", upstream_addr},
      KeyName{"serviceaddr", upstream_addr},
      KeyName{"upstreamstatus", upstream_status},
      KeyName{"upstreamstatuscode", upstream_status},
      KeyName{"originstatus", upstream_status},
      KeyName{"upstreamtime", upstream_response_time},
      KeyName{"upstreamresponsetime", upstream_response_time},
      KeyName{"upstreamconnecttime", upstream_connect_time},
      KeyName{"upstreamheadertime", upstream_header_time},
      KeyName{"tsc", termination},
      KeyName{"termstate", termination},
      KeyName{"terminationstate", termination},
      KeyName{"terminationstatecookie", termination},
      KeyName{"sessionstate", termination},
      KeyName{"ft", frontend},
      KeyName{"fename", frontend},
      KeyName{"frontend", frontend},
      KeyName{"frontendname", frontend},
      KeyName{"frontendnametransport", frontend},
      KeyName{"be", backend},
      KeyName{"bename", backend},
      KeyName{"backend", backend},
      KeyName{"backendname", backend},
      KeyName{"srv", server},
      KeyName{"server", server},
      KeyName{"srvname", server},
      KeyName{"tq", time_request},
      KeyName{"timerequest", time_request},
      KeyName{"tw", time_queue},
      KeyName{"timequeue", time_queue},
      KeyName{"timewait", time_queue},
      KeyName{"tc", time_connect},
      KeyName{"timeconnect", time_connect},
      KeyName{"tr", time_response},
      KeyName{"timeresponse", time_response},
      KeyName{"tt", time_total},
      KeyName{"ta", time_total},
      KeyName{"timetotal", time_total},
      KeyName{"actconn", active_connections},
      KeyName{"feconn", frontend_connections},
      KeyName{"beconn", backend_connections},
      KeyName{"srvconn", server_connections},
      KeyName{"serverconn", server_connections},
      KeyName{"retries", retries},
      KeyName{"srvqueue", server_queue},
      KeyName{"serverqueue", server_queue},
      KeyName{"backendqueue", backend_queue},
  };
  std::sort(names.begin(), names.end(), [](const KeyName& a, const KeyName& b) {
    return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
  });
  return names;
}();

constexpr std::size_t longest_name = key_names.back().name.size();

/// Where the names of each length begin.
constexpr auto first_of_length = [] {
  std::array<std::size_t, longest_name + 2> first{};
  for (std::size_t length = 0; length < first.size(); ++length) {
    while (first[length] < key_names.size() && key_names[first[length]].name.size() < length) ++first[length];
  }
  return first;
}();
static_assert(first_of_length.back() == key_names.size());

}  // namespace triaged::formats::json_access
