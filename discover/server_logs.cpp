#include "discover/server_logs.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include <fmt/format.h>

#include "probes/host_files.hpp"

namespace triaged::discover {

namespace {

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

constexpr std::array<std::string_view, 4> output_names = {"stdout", "/dev/stdout", "/proc/self/fd/1", "/dev/fd/1"};
constexpr std::array<std::string_view, 4> error_names = {"stderr", "/dev/stderr", "/proc/self/fd/2", "/dev/fd/2"};

/// "syslog:server=unix:/dev/log,nohostname" is "/dev/log".
std::string syslog_address_in(std::string_view target) {
  constexpr std::string_view mark = "server=", unix_family = "unix:";
  const auto at = target.find(mark);
  if (at == std::string_view::npos) return "/dev/log";
  target.remove_prefix(at + mark.size());
  target = target.substr(0, target.find(','));
  if (target.starts_with(unix_family)) target.remove_prefix(unix_family.size());
  return std::string(target);
}

/// A name with variables, "/var/log/nginx/$host.log", is many files.
std::string pattern_of(const std::string& path) {
  std::string pattern;
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] != '$') {
      pattern += path[at];
      continue;
    }
    pattern += '*';
    const bool has_braces = at + 1 < path.size() && path[at + 1] == '{';
    const auto is_of_name = [&](char c) {
      return has_braces ? c != '}' : std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    while (at + 1 < path.size() && is_of_name(path[at + 1])) ++at;
    if (has_braces) ++at;
  }
  return pattern;
}

}  // namespace

void ServerLogs::add(const LogForm& form, const std::string& target, const std::string& folder) {
  if (is_one_of(target, output_names)) return add_output(form);
  if (is_one_of(target, error_names)) return add_error_output(form);
  if (target.starts_with("syslog:")) return add_syslog(form, syslog_address_in(target));
  if (target == "/dev/null") return add_log({.what = std::string(form.what), .to = FoundLog::To::nowhere});
  if (target.starts_with('/')) return add_file(form, pattern_of(target));
  const auto is_it = [&](const std::string& path) { return path.ends_with("/" + target); };
  const auto open = std::find_if(open_.logs.begin(), open_.logs.end(), is_it);
  if (open != open_.logs.end()) return add_file(form, *open);
  if (!folder.starts_with('/')) {
    return leave_out(form, target, "its path is relative, and the folder that it begins at is not known");
  }
  add_file(form, pattern_of((std::filesystem::path(folder) / target).lexically_normal().string()));
}

void ServerLogs::add_syslog(const LogForm& form, const std::string& address) {
  add_log({.what = std::string(form.what),
           .to = FoundLog::To::syslog,
           .path = address,
           .format = std::string(form.format),
           .format_name = form.format_name,
           .log_format = form.log_format});
}

void ServerLogs::add_behind(const Output& output, const LogForm& form) {
  using Kind = Output::Kind;
  FoundLog log{.what = std::string(form.what),
               .to = FoundLog::To::pipe,
               .path = output.path,
               .format = std::string(form.format),
               .format_name = form.format_name,
               .log_format = form.log_format};
  if (output.kind == Kind::file) return add_file(form, output.path);
  if (output.kind == Kind::nowhere) log.to = FoundLog::To::nowhere;
  if (output.kind == Kind::terminal) log.to = FoundLog::To::terminal;
  const bool may_be_taken = output.kind == Kind::pipe || output.kind == Kind::socket || output.kind == Kind::unknown;
  if (may_be_taken && !container_.empty()) log.to = FoundLog::To::container;
  // A unit's outputs go to the journal unless the unit says something else, and that would be seen.
  if (container_.empty() && !unit_.empty() && (output.kind == Kind::socket || output.kind == Kind::unknown)) {
    log.to = FoundLog::To::journal;
  }
  if (log.to == FoundLog::To::pipe && output.kind != Kind::pipe) return;  // nothing is known of it
  add_log(std::move(log));
}

namespace {

/// No program logs there; whoever may start one that is called nginx may say so.
bool is_of_system(std::string_view path) {
  constexpr std::array<std::string_view, 5> folders = {"/proc/", "/sys/", "/dev/", "/etc/", "/boot/"};
  return std::any_of(folders.begin(), folders.end(), [&](std::string_view folder) { return path.starts_with(folder); });
}

}  // namespace

void ServerLogs::add_file(const LogForm& form, const std::string& path) {
  if (!probes::is_plain_path(path)) return leave_out(form, path, "it is no plain path");
  if (is_of_system(path)) return leave_out(form, path, "no program logs there");
  const auto open = std::find(open_.logs.begin(), open_.logs.end(), path);
  const bool is_output = open_.output.path == path || open_.error.path == path;
  const bool is_open = open != open_.logs.end() || is_output;
  if (!is_open && container_.empty()) {
    if (const auto why = files_.why_not_written(path); !why.empty()) return leave_out(form, path, why);
  }
  add_log({.what = std::string(form.what),
           .to = container_.empty() ? FoundLog::To::file : FoundLog::To::inside_container,
           .path = path,
           .format = std::string(form.format),
           .format_name = form.format_name,
           .log_format = form.log_format,
           .is_open = is_open});
}

void ServerLogs::leave_out(const LogForm& form, const std::string& path, std::string_view why) {
  topology::add_once(
      left_out_,
      fmt::format("left out its {}, {}: {}; if it is a log, name it in a source (file: paths)", form.what, path, why));
}

void ServerLogs::add_log(FoundLog log) {
  const auto is_it = [&](const FoundLog& known) {
    return known.to == log.to && known.path == log.path && known.what == log.what;
  };
  if (std::none_of(logs_.begin(), logs_.end(), is_it)) logs_.push_back(std::move(log));
}

std::vector<FoundLog> ServerLogs::finish() {
  const auto add_unnamed = [&](const std::string& path, std::string_view what) {
    const auto is_it = [&](const FoundLog& known) { return known.path == path; };
    if (std::none_of(logs_.begin(), logs_.end(), is_it)) add_file({.what = what, .format = ""}, path);
  };
  for (const auto& path : open_.logs) add_unnamed(path, "log");
  if (open_.output.kind == Output::Kind::file) add_unnamed(open_.output.path, "standard output");
  if (open_.error.kind == Output::Kind::file) add_unnamed(open_.error.path, "standard error");
  return std::move(logs_);
}

}  // namespace triaged::discover
