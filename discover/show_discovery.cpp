#include "discover/show_discovery.hpp"

#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "discover/advice.hpp"
#include "values/text_page.hpp"

namespace triaged::discover {

namespace {

constexpr std::size_t label_columns = 18;

class Page {
 public:
  explicit Page(const TextStyle& style) : page_(style) {}

  void heading(const std::string& title) { page_.heading(title); }

  void row(const std::string& label, const std::string& text, Ink ink = Ink::plain) {
    page_.paragraph(
        {.indent = 2, .mark = padded(label, label_columns), .mark_ink = Ink::dim, .text = text, .ink = ink});
  }

  void missing_right(const Right& right, const Reader& reader) {
    row("", fmt::format("{} may not read it: {}", reader.name, right.why), Ink::yellow);
    if (!right.remedy.empty()) topology::add_once(remedies_, right.remedy);
  }

  /// What allows it, each once and in one piece, so that it can be copied.
  void remedies(const Reader& reader) {
    if (remedies_.empty()) return;
    heading(fmt::format("So that {} may read them, as root", reader.name));
    for (const auto& remedy : remedies_) page_.verbatim(2, remedy, Ink::plain);
    const auto* then = reader.is_service ? "Then restart the service: systemctl restart triaged"
                                         : "A new group counts from the next login on.";
    page_.paragraph({.text = then, .ink = Ink::dim});
  }

  [[nodiscard]] const std::string& text() const { return page_.text(); }

 private:
  TextPage page_;
  std::vector<std::string> remedies_;
};

std::string configuration_of(const FoundServer& server) {
  const auto more = server.configuration.size() - 1;
  if (more == 0) return server.configuration.front();
  return fmt::format("{} and {} more file{}", server.configuration.front(), more, more == 1 ? "" : "s");
}

std::string upstreams_of(const FoundServer& server) {
  std::vector<std::string> groups;
  for (const auto& group : server.upstreams) {
    groups.push_back(group.name.empty() ? fmt::format("{}", fmt::join(group.servers, ", "))
                                        : fmt::format("{} ({})", group.name, fmt::join(group.servers, ", ")));
  }
  return fmt::format("{}", fmt::join(groups, ", "));
}

void show_log(const FoundLog& log, const FoundServer& server, const Reader& reader, Page& page) {
  const auto form = form_of(log);
  page.row(log.what, form.empty() ? place_of(log) : fmt::format("{} ({})", place_of(log), form));
  if (!log.log_format.empty()) page.row("", "written as " + log.log_format, Ink::dim);
  if (!log.right.may_read) return page.missing_right(log.right, reader);
  if (const auto advice = advice_for(log, server, reader); !advice.empty()) page.row("", advice, Ink::yellow);
}

void show_server(const FoundServer& server, const Reader& reader, Page& page) {
  page.heading(title_of(server));
  if (!server.configuration.empty()) page.row("configuration", configuration_of(server));
  if (!server.listens.empty()) page.row("listens at", fmt::format("{}", fmt::join(server.listens, ", ")));
  if (!server.upstreams.empty()) page.row("passes to", upstreams_of(server));
  for (const auto& log : server.logs) show_log(log, server, reader, page);
  for (const auto& trouble : server.troubles) page.row("problem", trouble, Ink::yellow);
}

void show_host_log(const std::string& name, const HostLog& log, const Reader& reader, Page& page) {
  page.row(name, log.path);
  if (!log.right.may_read) page.missing_right(log.right, reader);
}

void show_host(const Discovery& discovery, Page& page) {
  const auto& host = discovery.host;
  page.heading("This host");
  if (host.has_kernel_device) page.row("kernel's log", "/dev/kmsg");
  if (host.kernel_file) show_host_log("kernel's log", *host.kernel_file, discovery.reader, page);
  if (host.journal) show_host_log("journal", *host.journal, discovery.reader, page);
  if (host.containers) show_host_log("containers", *host.containers, discovery.reader, page);
  if (!host.has_kernel_device && !host.kernel_file && !host.journal && !host.containers) {
    page.row("", "neither a log of the kernel nor a journal nor logs of containers that can be read");
  }
}

}  // namespace

std::string title_of(const FoundServer& server) {
  if (server.pid == 0) return fmt::format("{}, which does not run now", name_of(server.program));
  auto title = fmt::format("{}, pid {}, user {}", name_of(server.program), server.pid, server.user);
  if (!server.container.empty()) return fmt::format("{}, container {}", title, server.container.substr(0, 12));
  return server.unit.empty() ? title : fmt::format("{}, unit {}", title, server.unit);
}

std::string to_text(const Discovery& discovery, const TextStyle& style) {
  Page page(style);
  for (const auto& server : discovery.servers) show_server(server, discovery.reader, page);
  if (discovery.servers.empty()) {
    page.heading("No server was found");
    page.row("",
             "nginx, HAProxy, Gunicorn, uvicorn, uWSGI and php-fpm do not run here, and have no logs at their usual "
             "places below /var/log");
  }
  show_host(discovery, page);
  if (!discovery.unseen.empty()) page.heading("Could not be seen");
  for (const auto& unseen : discovery.unseen) page.row("", unseen, Ink::yellow);
  page.remedies(discovery.reader);
  return page.text();
}

}  // namespace triaged::discover
