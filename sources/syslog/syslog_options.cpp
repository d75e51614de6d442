#include "sources/syslog/syslog_options.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include <fmt/format.h>

#include "sources/make_source.hpp"
#include "sources/syslog/syslog_source.hpp"

namespace triaged::sources {

namespace {

constexpr std::string_view kind = "syslog";

struct SyslogFields {
  SyslogOptions options;
  Claims* claims = nullptr;
};

void warn_of_strangers(YamlMapReader& fields, const YamlValue& at, const ListenAddress& address,
                       const SyslogOptions& options) {
  if (address.is_local() || (address.transport == SyslogTransport::tls && !options.tls.client_ca.empty())) return;
  fields.report(ProblemLevel::warning, at,
                fmt::format("whoever reaches {} can write log lines into triaged, and make it report what did not "
                            "happen: allow your senders only (a firewall, or tls:// with 'client_ca')",
                            address.text()));
}

void check_folder(YamlMapReader& fields, const YamlValue& at, const ListenAddress& address) {
  std::error_code failure;
  if (!address.is_unix() || std::filesystem::is_directory(std::filesystem::path(address.path).parent_path(), failure)) {
    return;
  }
  fields.report(ProblemLevel::warning, at,
                "the folder of this socket does not exist yet: make it before triaged starts");
}

/// False: another one has it already.
bool claim(YamlMapReader& fields, const YamlValue& at, const ListenAddress& address, Claims& claims) {
  const auto text = address.text();
  const auto earlier =
      std::ranges::find_if(claims, [&](const Claim& each) { return each.kind == kind && each.what == text; });
  if (earlier == claims.end()) {
    claims.push_back({kind, text, at.line});
    return true;
  }
  fields.report(ProblemLevel::error, at,
                fmt::format("line {} receives at this address already: leave one of them out", earlier->line));
  return false;
}

void read_listen(YamlMapReader& fields, const OptionFacts& option, SyslogFields& given) {
  const auto texts = fields.text_values(option.name);
  for (const auto* text : texts) {
    auto address = read_listen_address(text->text);
    if (!address) {
      fields.report(ProblemLevel::error, *text, address.error().message);
      continue;
    }
    if (!claim(fields, *text, *address, *given.claims)) continue;
    warn_of_strangers(fields, *text, *address, given.options);
    check_folder(fields, *text, *address);
    const bool is_tls = address->transport == SyslogTransport::tls;
    if (is_tls && (given.options.tls.certificate.empty() || given.options.tls.key.empty())) {
      fields.report(ProblemLevel::error, *text,
                    "tls:// needs 'tls: {certificate: /path/to/chain.pem, key: /path/to/key.pem}'");
    }
    given.options.listen.push_back(std::move(*address));
  }
  const auto* list = fields.peek(option.name);
  if (list != nullptr && list->kind == YamlValue::Kind::list && texts.empty()) {
    fields.report(ProblemLevel::error, *list, "'listen' of source 'syslog' is empty: name at least one address");
  }
}

void read_mode(YamlMapReader& fields, const OptionFacts& option, SyslogFields& given) {
  const auto text = fields.text(option.name);
  if (!text) return;
  unsigned mode = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), mode, 8);
  if (failure != std::errc() || end != text->data() + text->size() || mode > 0777) {
    return fields.report(ProblemLevel::error, option.name, "'socket_mode' must be an octal mode such as '0660'");
  }
  given.options.socket_mode = mode;
}

std::string mistake_in_file(const YamlValue& path) {
  if (!path.text.starts_with('/')) return "this path is not absolute: write /path/to/file.pem";
  std::error_code failure;
  const bool is_there = std::filesystem::exists(path.text, failure);
  if (failure) return "this file cannot be looked at: " + failure.message();
  return is_there ? "" : "there is no such file";
}

const OptionTable<TlsFiles>& tls_table() {
  using Value = OptionsOf<TlsFiles>;
  static const OptionTable<TlsFiles> table = {
      {"certificate", Value::text(&TlsFiles::certificate, mistake_in_file),
       "The certificate that triaged shows, with those between it and its CA, as a PEM file; read again at a reload.",
       "", true},
      {"key", Value::text(&TlsFiles::key, mistake_in_file), "Its private key, as a PEM file.", "", true},
      {"client_ca", Value::text(&TlsFiles::client_ca, mistake_in_file),
       "The CAs of senders, as a PEM file; who shows no certificate of theirs is refused.", "anybody may send"},
  };
  return table;
}

const OptionTable<SyslogFields>& syslog_table() {
  using Value = OptionsOf<SyslogFields>;
  const auto at = [](auto member) { return member_of(&SyslogFields::options, member); };
  static const OptionTable<SyslogFields> table = {
      {"tls", Value::section(at(&SyslogOptions::tls), "tls of source 'syslog'", tls_table()),
       "What addresses that begin with `tls://` need."},
      {"listen",
       {{.shape = OptionFacts::Shape::texts}, read_listen},
       "Where messages are received: `udp://HOST:PORT`, `tcp://HOST:PORT`, `tls://HOST:PORT`, `unixgram:///PATH` "
       "(datagrams) or `unix:///PATH` (connections). `HOST` is a number; only `127.0.0.1` and `[::1]` keep other hosts "
       "out.",
       "",
       true},
      {"socket_mode",
       {{.value = "0660"}, read_mode},
       "The mode of the files of unix sockets: who may write to one may send."},
      {"max_connections",
       Value::whole(at(&SyslogOptions::max_connections), {.least = 1, .most = 10'000, .unit = "connection"}),
       "How many connections an address may have; with one more, one that is silent is closed."},
      {"idle_timeout", Value::duration(at(&SyslogOptions::idle_timeout), {.least = std::chrono::seconds(1)}),
       "A connection that was silent for so long is closed."},
      {"trust_kernel", Value::boolean(at(&SyslogOptions::trusts_kernel)),
       "Whether messages of program `kernel` are the kernel's. Only for an address that nobody but a syslog daemon "
       "reaches, which takes them from its kernel itself: any other program can write that name."},
  };
  return table;
}

}  // namespace

std::vector<OptionFacts> syslog_options() { return syslog_table().facts(); }

std::any read_syslog_options(YamlMapReader& fields, Claims& claims) {
  SyslogFields given{.options = {}, .claims = &claims};
  syslog_table().read(fields, given);
  return std::move(given.options);
}

Result<std::unique_ptr<Source>> make_syslog_source(const std::vector<std::any>& options, const SourceOrigin& origin) {
  return SyslogSource::open(std::any_cast<const SyslogOptions&>(options.front()), origin);
}

}  // namespace triaged::sources
