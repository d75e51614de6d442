#include <fmt/format.h>

#include "config/configuration_options.hpp"

namespace triaged::config {

namespace {

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names = {"auto"};
  for (const auto format : formats::all_formats()) names.push_back(name_of(format));
  return names;
}

void read_format(YamlMapReader& fields, const OptionFacts& option, LogSource& source) {
  if (const auto format = fields.choice(option.name, option.words)) {
    source.format = formats::format_named(*format);
  }
}

/// Of the format that is named, or of whose variables it has.
void read_written_format(YamlMapReader& fields, const OptionFacts& option, LogSource& source) {
  const auto text = fields.text(option.name);
  if (!text) return;
  auto format = formats::read_log_format(*text, source.format);
  if (!format) {
    return fields.report(ProblemLevel::error, option.name,
                         fmt::format("'{}' of {}: {}", option.name, fields.what(), format.error().message));
  }
  source.log_format = std::move(*format);
}

void read_zone(YamlMapReader& fields, const OptionFacts& option, LogSource& source) {
  const auto text = fields.text(option.name);
  if (!text || *text == "local") return;
  if (*text == "UTC") {
    source.zone_offset = std::chrono::seconds(0);
    return;
  }
  // The offset's own syntax is RFC 3339's: let that reader judge it.
  const auto moment = parse_rfc3339("1970-01-02T00:00:00" + *text);
  if (!moment) {
    fields.report(ProblemLevel::error, option.name,
                  fmt::format("'timezone' of {} must be local, UTC or an offset such as +01:00", fields.what()));
    return;
  }
  source.zone_offset =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::hours(24) - moment->time_since_epoch());
}

/// What every source has, whatever its kind.
const OptionTable<LogSource>& table_of_every_kind() {
  static const OptionTable<LogSource> table = {
      {"format",
       {{.shape = OptionFacts::Shape::word, .words = format_names(), .value = "auto"}, read_format},
       "The format of the lines; `auto` recognises each line by its content."},
      {"log_format",
       {{}, read_written_format},
       "How its access log is written, as the server's configuration says it: nginx's `log_format`, HAProxy's "
       "`log-format`, Apache's `LogFormat`, Gunicorn's `--access-logformat`.",
       "what `nginx.conf` and `haproxy.cfg` say, and the forms that everybody knows"},
      {"timezone",
       {{.value = "local"}, read_zone},
       "The time zone of lines that name none: `local`, `UTC` or an offset such as `+01:00`."},
  };
  return table;
}

}  // namespace

std::vector<OptionFacts> source_kinds() {
  auto kinds = sources::options_by_source_kind();
  const auto& common = table_of_every_kind().facts();
  for (auto& kind : kinds) kind.fields.insert(kind.fields.end(), common.begin(), common.end());
  return kinds;
}

std::optional<LogSource> read_log_source(const YamlValue& entry, const std::string& file, Problems& problems,
                                         sources::Claims& claims) {
  LogSource source;
  auto read = sources::read_source(entry, file, problems, claims,
                                   [&](YamlMapReader& fields) { table_of_every_kind().read(fields, source); });
  if (!read) return std::nullopt;
  source.entry = std::move(*read);
  return source;
}

}  // namespace triaged::config
