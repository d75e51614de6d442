#include <string_view>

#include "discover/advice.hpp"
#include "discover/show_discovery.hpp"
#include "values/json_writer.hpp"

namespace triaged::discover {

namespace {

void write_text(JsonWriter& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.key(name).text(text);
}

void write_right(JsonWriter& json, const Right& right) {
  json.key("readable").boolean(right.may_read);
  write_text(json, "why", right.why);
  write_text(json, "remedy", right.remedy);
}

void write_log(JsonWriter& json, const FoundLog& log, const FoundServer& server, const Reader& reader) {
  json.begin_object();
  json.key("log").text(log.what);
  json.key("to").text(name_of(log.to));
  write_text(json, "place", log.path);
  write_text(json, "format", log.format);
  write_text(json, "format_name", log.format_name);
  write_text(json, "log_format", log.log_format);
  if (log.to == FoundLog::To::file) {
    json.key("open").boolean(log.is_open);
    write_right(json, log.right);
  } else {
    write_text(json, "advice", advice_for(log, server, reader));
  }
  json.end_object();
}

void write_upstreams(JsonWriter& json, const FoundServer& server) {
  json.key("upstreams").begin_array();
  for (const auto& group : server.upstreams) {
    json.begin_object();
    write_text(json, "name", group.name);
    json.key("servers").texts(group.servers);
    json.end_object();
  }
  json.end_array();
}

void write_server(JsonWriter& json, const FoundServer& server, const Reader& reader) {
  json.begin_object();
  json.key("program").text(name_of(server.program));
  if (server.pid != 0) json.key("pid").whole(server.pid);
  write_text(json, "user", server.user);
  write_text(json, "unit", server.unit);
  write_text(json, "container", server.container);
  json.key("configuration").texts(server.configuration);
  json.key("listens").texts(server.listens);
  write_upstreams(json, server);
  json.key("logs").begin_array();
  for (const auto& log : server.logs) write_log(json, log, server, reader);
  json.end_array();
  json.key("problems").texts(server.troubles);
  json.end_object();
}

void write_host_log(JsonWriter& json, std::string_view name, const std::optional<HostLog>& log) {
  if (!log) return;
  json.key(name).begin_object();
  json.key("path").text(log->path);
  write_right(json, log->right);
  json.end_object();
}

}  // namespace

std::string to_json(const Discovery& discovery) {
  JsonWriter json;
  json.begin_object();
  json.key("reader").text(discovery.reader.name);
  json.key("servers").begin_array();
  for (const auto& server : discovery.servers) write_server(json, server, discovery.reader);
  json.end_array();
  json.key("host").begin_object();
  json.key("kernel_device").boolean(discovery.host.has_kernel_device);
  write_host_log(json, "kernel_file", discovery.host.kernel_file);
  write_host_log(json, "journal", discovery.host.journal);
  write_host_log(json, "containers", discovery.host.containers);
  json.end_object();
  json.key("unseen").texts(discovery.unseen);
  json.end_object();
  return std::move(json).json();
}

}  // namespace triaged::discover
