#include "sources/pipe/pipe_options.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "sources/file_status.hpp"
#include "sources/make_source.hpp"
#include "sources/pipe/pipe_source.hpp"

namespace triaged::sources {

namespace {

constexpr std::string_view kind = "stream";

constexpr std::string_view meaning_of_at_end =
    "What to do when the last writer has closed it: `wait` waits for the next one; `stop` ends triaged with status 0, "
    "as soon as every source with `at_end: stop` has ended and everything from them is delivered.";

std::vector<std::pair<std::string_view, AtEnd>> ends() { return {{"stop", AtEnd::stop}, {"wait", AtEnd::wait}}; }

/// Text that has been read from a stream is gone from it, so there is room for one reader.
void claim(YamlMapReader& fields, const YamlValue* at, std::string what, std::string_view name, Claims& claims) {
  const auto earlier =
      std::ranges::find_if(claims, [&](const Claim& each) { return each.kind == kind && each.what == what; });
  const unsigned line = at == nullptr ? 0 : at->line;
  if (earlier == claims.end()) return claims.push_back({kind, std::move(what), line});
  const auto message = fmt::format("an earlier source already reads {}: remove one of them", name);
  if (at == nullptr) return fields.report(ProblemLevel::error, message);
  fields.report(ProblemLevel::error, *at, message);
}

const OptionTable<PipeOptions>& stdin_table() {
  using Value = OptionsOf<PipeOptions>;
  static const OptionTable<PipeOptions> table = {
      {"at_end", Value::word(&PipeOptions::at_end, ends()), meaning_of_at_end},
  };
  return table;
}

/// A named pipe has other usual values than standard input.
struct PipeFields {
  PipeOptions options{.path = "", .at_end = AtEnd::wait};
  Claims* claims = nullptr;
};

void check_pipe(YamlMapReader& fields, const YamlValue& path) {
  if (path.text == "-") {
    return fields.report(ProblemLevel::error, path,
                         "'-' is not the path of a pipe: for standard input write 'stdin: {}'");
  }
  if (!path.text.starts_with('/')) {
    return fields.report(ProblemLevel::error, path, "this path is not absolute: write /path/to/pipe");
  }
  std::error_code failure;
  const auto status = status_of(path.text, failure);
  if (failure == std::errc::no_such_file_or_directory) {
    fields.report(ProblemLevel::warning, path, "there is no named pipe at this path yet (create it with mkfifo)");
  } else if (!failure && status.is_regular) {
    fields.report(ProblemLevel::error, path,
                  "this is a regular file, not a named pipe: follow it with a source 'file'");
  } else if (!failure && !status.is_pipe) {
    fields.report(ProblemLevel::error, path, "this is not a named pipe (create one with mkfifo)");
  }
}

void read_path(YamlMapReader& fields, const OptionFacts& option, PipeFields& given) {
  const auto text = fields.text(option.name);
  if (!text) return;
  given.options.path = *text;
  const auto& value = *fields.peek(option.name);
  check_pipe(fields, value);
  claim(fields, &value, std::filesystem::path(*text).lexically_normal(), "this pipe", *given.claims);
}

const OptionTable<PipeFields>& pipe_table() {
  using Value = OptionsOf<PipeFields>;
  static const OptionTable<PipeFields> table = {
      {"path",
       {{.shape = OptionFacts::Shape::text}, read_path},
       "The absolute path of the pipe; a pipe that is created or replaced later is found.",
       "",
       true},
      {"at_end", Value::word(member_of(&PipeFields::options, &PipeOptions::at_end), ends()), meaning_of_at_end},
  };
  return table;
}

}  // namespace

std::vector<OptionFacts> stdin_options() { return stdin_table().facts(); }
std::vector<OptionFacts> pipe_options() { return pipe_table().facts(); }

std::any read_stdin_options(YamlMapReader& fields, Claims& claims) {
  PipeOptions options;
  stdin_table().read(fields, options);
  claim(fields, nullptr, "", "standard input", claims);
  return options;
}

std::any read_pipe_options(YamlMapReader& fields, Claims& claims) {
  PipeFields given{.claims = &claims};
  pipe_table().read(fields, given);
  return std::move(given.options);
}

Result<std::unique_ptr<Source>> make_pipe_source(const std::vector<std::any>& options, const SourceOrigin& origin) {
  return PipeSource::open(std::any_cast<const PipeOptions&>(options.front()), origin);
}

}  // namespace triaged::sources
