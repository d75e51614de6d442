#include "sources/file/file_options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sources/file/file_follower.hpp"
#include "sources/file/glob.hpp"
#include "sources/make_source.hpp"

namespace triaged::sources {

namespace {

constexpr std::string_view kind = "file";

struct FileFields {
  FollowedSource followed;
  Claims* claims = nullptr;
};

void check_paths(YamlMapReader& fields, const std::vector<const YamlValue*>& paths, Claims& claims) {
  for (const auto* path : paths) {
    if (!path->text.starts_with('/')) {
      fields.report(ProblemLevel::error, *path, "this path is not absolute: write /path/to/file");
    }
    const auto same = std::ranges::find_if(
        claims, [&](const Claim& earlier) { return earlier.kind == kind && matches_glob(path->text, earlier.what); });
    if (same == claims.end()) continue;
    fields.report(
        ProblemLevel::error, *path,
        fmt::format(
            "the source in line {} already follows this path: name a file in one source only, or put this source first",
            same->line));
  }
  for (const auto* path : paths) claims.push_back({kind, path->text, path->line});
}

void read_paths(YamlMapReader& fields, const OptionFacts& option, FileFields& given) {
  const auto paths = fields.text_values(option.name);
  for (const auto* path : paths) {
    given.followed.globs.push_back(path->text);
    given.followed.places.push_back({path->line, path->column});
  }
  const auto* list = fields.peek(option.name);
  if (list != nullptr && list->kind == YamlValue::Kind::list && paths.empty()) {
    fields.report(ProblemLevel::error, *list, "'paths' of source 'file' is empty: name at least one file or pattern");
  }
  check_paths(fields, paths, *given.claims);
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
      {"rotated", Value::texts(member_of(&FileFields::followed, &FollowedSource::rotated), mistake_in_rotated),
       "Where rotation moves files, when that is not the file's own folder: absolute paths with wildcards.",
       "the file's own folder, and folders where its rotated files were found before"},
      {"start",
       Value::word(member_of(&FileFields::followed, &FollowedSource::start),
                   {{"checkpoint", StartAt::checkpoint}, {"end", StartAt::end}}),
       "Where reading begins in a file that was never read: at its beginning (`checkpoint`) or at its end (`end`); any "
       "other file continues where the last run stopped."},
  };
  return table;
}

}  // namespace

std::vector<OptionFacts> file_options() { return file_table().facts(); }

std::any read_file_options(YamlMapReader& fields, Claims& claims) {
  FileFields given{.claims = &claims};
  file_table().read(fields, given);
  return std::move(given.followed);
}

Result<std::unique_ptr<Source>> make_file_source(const std::vector<std::any>& options, const SourceOrigin& origin) {
  FileFollowerOptions all{.sources = {}, .own_files = origin.own_files, .has_lost_cursors = origin.has_lost_cursors};
  for (const auto& entry : options) {
    auto& source = all.sources.emplace_back(std::any_cast<const FollowedSource&>(entry));
    if (origin.has_lost_cursors) source.start = StartAt::checkpoint;
  }
  auto follower = FileFollower::open(std::move(all), origin.checkpoint, origin.now);
  if (!follower) return follower.error();
  return std::unique_ptr<Source>(std::move(*follower));
}

}  // namespace triaged::sources
