#include <algorithm>

#include <fmt/format.h>

#include "config/configuration_options.hpp"
#include "sources/file/glob.hpp"

namespace triaged::config {

namespace {

struct FileFields {
  sources::FollowedSource followed;
  EarlierPaths* earlier = nullptr;
};

void check_paths(YamlMapReader& fields, const std::vector<const YamlValue*>& paths, EarlierPaths& earlier) {
  for (const auto* path : paths) {
    if (!path->text.starts_with('/')) {
      fields.report(Gravity::error, *path, "this path is not absolute: write /path/to/file");
    }
    const auto same = std::find_if(earlier.begin(), earlier.end(), [&](const YamlValue* other) {
      return sources::matches_glob(path->text, other->text);
    });
    if (same == earlier.end()) continue;
    fields.report(Gravity::error, *path,
                  fmt::format("an earlier source follows this path already, by what line {} says: name a file in one "
                              "source only, or put this source first",
                              (*same)->line));
  }
  earlier.insert(earlier.end(), paths.begin(), paths.end());
}

void read_paths(YamlMapReader& fields, const OptionFacts& option, FileFields& given) {
  const auto paths = fields.text_values(option.name);
  for (const auto* path : paths) given.followed.globs.push_back(path->text);
  const auto* list = fields.peek(option.name);
  if (list != nullptr && list->kind == YamlValue::Kind::list && paths.empty()) {
    fields.report(Gravity::error, *list, "'paths' of source 'file' is empty: name at least one file or pattern");
  }
  check_paths(fields, paths, *given.earlier);
}

std::string mistake_in_rotated(const YamlValue& path) {
  return path.text.starts_with('/') ? "" : "this path is not absolute: write /path/to/folder/*";
}

const OptionTable<FileFields>& file_table() {
  using Value = OptionsOf<FileFields>;
  static const OptionTable<FileFields> table = {
      {"paths",
       {{.shape = OptionFacts::Shape::texts}, read_paths},
       "Absolute paths with `*`, `?` and `[…]`; files that appear later are found.",
       "",
       true},
      {"rotated", Value::texts(member_of(&FileFields::followed, &sources::FollowedSource::rotated), mistake_in_rotated),
       "Where rotated files go when that is not the folder of the file, as absolute paths with wildcards.",
       "the folder of the file, and places to which files of it were seen to go"},
      {"start",
       Value::word(member_of(&FileFields::followed, &sources::FollowedSource::start),
                   {{"checkpoint", sources::StartAt::checkpoint}, {"end", sources::StartAt::end}}),
       "Where reading begins in a file that was never read: at its beginning (`checkpoint`) or at its end (`end`); any "
       "other file goes on where the last run stopped."},
  };
  return table;
}

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names = {"auto"};
  for (const auto format : formats::all_formats()) names.push_back(name_of(format));
  return names;
}

void read_format(YamlMapReader& fields, const OptionFacts& option, FileSource& source) {
  if (const auto format = fields.choice(option.name, option.words)) {
    source.format = formats::format_named(*format);
  }
}

void read_zone(YamlMapReader& fields, const OptionFacts& option, FileSource& source) {
  const auto text = fields.text(option.name);
  if (!text || *text == "local") return;
  if (*text == "UTC") {
    source.zone_offset = std::chrono::seconds(0);
    return;
  }
  // The offset's own syntax is RFC 3339's: let that reader judge it.
  const auto moment = parse_rfc3339("1970-01-02T00:00:00" + *text);
  if (!moment) {
    fields.report(Gravity::error, option.name,
                  fmt::format("'timezone' of {} must be local, UTC or an offset such as +01:00", fields.what()));
    return;
  }
  source.zone_offset =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::hours(24) - moment->time_since_epoch());
}

/// What every source has, whatever its kind.
const OptionTable<FileSource>& table_of_every_kind() {
  static const OptionTable<FileSource> table = {
      {"format",
       {{.shape = OptionFacts::Shape::word, .words = format_names(), .value = "auto"}, read_format},
       "The format of the lines; `auto` recognises each line by its content."},
      {"timezone",
       {{.value = "local"}, read_zone},
       "The time zone of lines that name none: `local`, `UTC` or an offset such as `+01:00`."},
  };
  return table;
}

}  // namespace

std::vector<OptionFacts> file_source_options() {
  auto options = file_table().facts();
  const auto& common = table_of_every_kind().facts();
  options.insert(options.end(), common.begin(), common.end());
  return options;
}

FileSource read_file_source(YamlMapReader fields, EarlierPaths& earlier) {
  FileFields given{.earlier = &earlier};
  file_table().read(fields, given);
  FileSource source{.options = std::move(given.followed)};
  table_of_every_kind().read(fields, source);
  fields.finish(Gravity::error);
  return source;
}

}  // namespace triaged::config
