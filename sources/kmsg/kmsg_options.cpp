#include "sources/kmsg/kmsg_options.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "sources/kmsg/kmsg_reader.hpp"
#include "sources/kmsg/kmsg_source.hpp"
#include "sources/make_source.hpp"

namespace triaged::sources {

namespace {

constexpr std::string_view kind = "kernel";

std::string mistake_in_path(const YamlValue& path) {
  return path.text.starts_with('/') ? "" : "this path is not absolute: write /dev/kmsg or /path/to/file";
}

const OptionTable<KmsgOptions>& kmsg_table() {
  using Value = OptionsOf<KmsgOptions>;
  using Start = KmsgOptions::Start;
  static const OptionTable<KmsgOptions> table = {
      {"path", Value::text(&KmsgOptions::path, mistake_in_path),
       "Where the kernel's log is read: `/dev/kmsg`, or a file or named pipe into which its records are copied."},
      {"start", Value::word(&KmsgOptions::start, {{"checkpoint", Start::checkpoint}, {"end", Start::end}}),
       "Where reading begins for the first time: at the oldest record that the kernel keeps (`checkpoint`) or behind "
       "the "
       "last (`end`); otherwise it goes on where the last run stopped."},
  };
  return table;
}

/// What a start would wait for.
void check_path(YamlMapReader& fields, const KmsgOptions& options) {
  KmsgReader reader(options.path);
  if (reader.open() && reader.read() != KmsgReader::Outcome::failed) return;
  fields.report(
      ProblemLevel::warning,
      fmt::format("{} cannot be read: {}. The unit of triaged needs PrivateDevices=no, ProtectKernelLogs=no and "
                  "CAP_SYSLOG for it (docs/configuration.md); the journal has the kernel's log, too",
                  options.path, reader.failure()));
}

void claim(YamlMapReader& fields, const KmsgOptions& options, Claims& claims) {
  const auto what = std::filesystem::path(options.path).lexically_normal().string();
  const auto is_same = [&](const Claim& each) { return each.kind == kind && each.what == what; };
  if (std::ranges::any_of(claims, is_same)) {
    fields.report(ProblemLevel::error, "an earlier source reads the kernel's log already: leave one of them out");
  } else {
    claims.push_back({kind, what, 0});
  }
}

}  // namespace

std::vector<OptionFacts> kmsg_options() { return kmsg_table().facts(); }

std::any read_kmsg_options(YamlMapReader& fields, Claims& claims) {
  KmsgOptions options;
  kmsg_table().read(fields, options);
  claim(fields, options, claims);
  if (options.path.starts_with('/')) check_path(fields, options);
  return options;
}

Result<std::unique_ptr<Source>> make_kmsg_source(const std::vector<std::any>& options, const SourceOrigin& origin) {
  const auto& entry = std::any_cast<const KmsgOptions&>(options.front());
  // A copy of records does not say of which boot they are.
  const auto boot = entry.path == KmsgOptions().path ? boot_of_this_host(origin.now) : HostBoot{.at = origin.now};
  return std::unique_ptr<Source>(std::make_unique<KmsgSource>(entry, origin, boot));
}

}  // namespace triaged::sources
