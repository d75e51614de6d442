#include "formats/access/known_templates.hpp"

#include <array>
#include <stdexcept>
#include <string>

namespace triaged::formats {

namespace {

struct KnownTemplate {
  TemplateGroup group;
  Format format;
  std::string_view text;  // in nginx's dialect, with our own variables where nginx has none
};

constexpr std::array known{
    // ingress-nginx, "upstreaminfo":
    // https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/log-format/
    KnownTemplate{TemplateGroup::longer_combined, Format::nginx_access,
                  R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" )"
                  R"("$http_user_agent" $request_length $request_time [$proxy_upstream_name] )"
                  R"([$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length )"
                  R"($upstream_response_time $upstream_status $req_id)"},
    // Traefik, "common": https://doc.traefik.io/traefik/observability/access-logs/
    KnownTemplate{TemplateGroup::longer_combined, Format::proxy_access,
                  R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" )"
                  R"("$http_user_agent" ${:count} "$router" "${:upstream_url}" ${:count}ms)"},
    // Nginx Proxy Manager, "proxy" and "standard" (docker/rootfs/etc/nginx/conf.d/include/log.conf in its repository)
    KnownTemplate{TemplateGroup::in_brackets, Format::nginx_access,
                  R"([$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme $host )"
                  R"("$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] )"
                  R"([Sent-to $sent_to] "$http_user_agent" "$http_referer")"},
    KnownTemplate{TemplateGroup::in_brackets, Format::nginx_access,
                  R"([$time_local] $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] )"
                  R"([Length $body_bytes_sent] [Gzip $gzip_ratio] "$http_user_agent" "$http_referer")"},
    // Django's runserver; Python's http.server behind its client
    KnownTemplate{TemplateGroup::in_brackets, Format::app_access, R"([${:date}] "$request" $status $body_bytes_sent)"},
    // gin
    KnownTemplate{
        TemplateGroup::in_brackets, Format::app_access,
        R"([GIN] ${:gin_time} | $status | $gin_duration | $gin_client | $request_method $gin_blanks"$request_uri")"},
    // uvicorn
    KnownTemplate{TemplateGroup::application, Format::app_access,
                  R"(INFO:     $remote_addr - "$request" $status ${:reason})"},
    KnownTemplate{TemplateGroup::application, Format::app_access, R"(INFO:     $remote_addr - "$request" $status)"},
    // uvicorn's worker class in Gunicorn
    KnownTemplate{TemplateGroup::application, Format::app_access, R"($remote_addr - "$request" $status)"},
    // Werkzeug (Flask's server) and Python's http.server; by logging.basicConfig() with a level and a name in front
    KnownTemplate{TemplateGroup::application, Format::app_access,
                  R"($remote_addr - - [${:date}] "$request" $status $body_bytes_sent)"},
    KnownTemplate{TemplateGroup::application, Format::app_access,
                  R"(INFO:werkzeug:$remote_addr - - [${:date}] "$request" $status $body_bytes_sent)"},
    // aiohttp
    KnownTemplate{
        TemplateGroup::application, Format::app_access,
        R"($remote_addr [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent")"},
    // AWS Application Load Balancer and, with fewer fields, the classic one:
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
    KnownTemplate{
        TemplateGroup::load_balancer, Format::alb_access,
        R"(${:word} ${:date} $elb ${:address_with_port} ${:target} ${:count} ${:target_time} ${:count} $status ${:target_status} )"
        R"(${:count} $bytes_sent "$request" "$http_user_agent" $ssl_cipher $ssl_protocol ${:target_group} )"
        R"("$trace_id" "$domain_name" "$chosen_cert" ${:count} ${:word} "${:actions}" "$redirect_url" "${:error_reason}")"
        R"($further)"},
    KnownTemplate{
        TemplateGroup::load_balancer, Format::alb_access,
        R"(${:date} $elb ${:address_with_port} ${:target} ${:count} ${:target_time} ${:count} $status ${:target_status} ${:count} )"
        R"($bytes_sent "$request" "$http_user_agent" $ssl_cipher $ssl_protocol)"},
};

std::vector<LogTemplate> compiled(TemplateGroup group) {
  std::vector<LogTemplate> templates;
  for (const auto& each : known) {
    if (each.group != group) continue;
    auto made = LogTemplate::compile(each.text, TemplateDialect::nginx, each.format);
    if (!made) throw std::logic_error(std::string(each.text) + ": " + made.error().message);
    templates.push_back(std::move(*made));
  }
  return templates;
}

}  // namespace

std::span<const LogTemplate> known_templates(TemplateGroup group) {
  static const std::array<std::vector<LogTemplate>, 4> all{
      compiled(TemplateGroup::longer_combined), compiled(TemplateGroup::in_brackets),
      compiled(TemplateGroup::application), compiled(TemplateGroup::load_balancer)};
  return all[static_cast<std::size_t>(group)];
}

bool read_known_template(TemplateGroup group, std::string_view line, ReaderMemory& memory, ReadLine& into) {
  for (const auto& each : known_templates(group)) {
    if (each.read(line, memory, into)) return true;
  }
  return false;
}

}  // namespace triaged::formats
