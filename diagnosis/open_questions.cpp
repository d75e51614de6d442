#include "diagnosis/open_questions.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "diagnosis/fill_text.hpp"

namespace triaged::diagnosis {

namespace {

using formats::Format;

constexpr double all_but_certain = 0.9, too_unlikely = 0.02;
constexpr std::size_t most_questions = 3;

struct LogName {
  Format format;
  std::string_view english, chinese;
  std::string_view where_english, where_chinese;
};

/// What people call a log, and what shows it to them.
constexpr LogName log_names[] = {
    {Format::kernel, "kernel log", "内核日志", "`dmesg -T` or `journalctl -k`", "`dmesg -T` 或 `journalctl -k`"},
    {Format::nginx_error, "error log of nginx", "nginx 错误日志", "the file of `error_log` (/var/log/nginx/error.log)",
     "`error_log` 指定的文件（/var/log/nginx/error.log）"},
    {Format::nginx_access, "access log of nginx", "nginx 访问日志",
     "the file of `access_log` (/var/log/nginx/access.log)", "`access_log` 指定的文件（/var/log/nginx/access.log）"},
    {Format::haproxy_http, "log of HAProxy", "HAProxy 日志", "`journalctl -t haproxy` or /var/log/haproxy.log",
     "`journalctl -t haproxy` 或 /var/log/haproxy.log"},
    {Format::haproxy_event, "log of HAProxy", "HAProxy 日志", "`journalctl -t haproxy` or /var/log/haproxy.log",
     "`journalctl -t haproxy` 或 /var/log/haproxy.log"},
    {Format::gunicorn_error, "error log of Gunicorn", "Gunicorn 错误日志",
     "its standard error or the file of `--error-logfile`", "其标准错误或 `--error-logfile` 指定的文件"},
    {Format::python_traceback, "error log of the application", "应用错误日志", "its standard error", "其标准错误"},
    {Format::php_fpm, "log of php-fpm", "php-fpm 日志", "the file of `error_log` in php-fpm.conf",
     "php-fpm.conf 中 `error_log` 指定的文件"},
    {Format::uwsgi, "log of uWSGI", "uWSGI 日志", "its standard error or the file of `logto`",
     "其标准错误或 `logto` 指定的文件"},
    {Format::syslog, "system log", "系统日志", "`journalctl`", "`journalctl`"},
};
constexpr LogName any_other = {Format::text, "log of the application", "应用日志", "its standard error", "其标准错误"};

/// The log in which the first of the rule's lines would stand.
const LogName& log_of(const knowledge::Rule& rule) {
  const auto formats_of = [&]() -> const std::vector<Format>* {
    if (!rule.matches.empty()) return &rule.matches.front().formats;
    if (!rule.timed_matches.empty()) return &rule.timed_matches.front().of.front().line.formats;
    return nullptr;
  };
  const auto* formats = formats_of();
  if (formats == nullptr || formats->empty()) return any_other;
  const auto named = std::ranges::find(log_names, formats->front(), &LogName::format);
  return named == std::end(log_names) ? any_other : *named;
}

std::string text_of(const LogName& log, const knowledge::Rule& rule, Language language) {
  const auto title = fill_text(rule.title.in(language), [](std::string_view) { return std::string_view(); });
  if (language == Language::chinese)
    return fmt::format("没有读到当时的{}：请在{}中查找“{}”。", log.chinese, log.where_chinese, title);
  return fmt::format("No {} of that time was read: examine {} for “{}”.", log.english, log.where_english, title);
}

double probability_of(const std::vector<RankedCause>& causes, std::string_view cause) {
  const auto ranked = std::ranges::find(causes, cause, &RankedCause::cause);
  return ranked == causes.end() ? 0 : ranked->probability;
}

}  // namespace

std::vector<OpenQuestion> open_questions(std::vector<UnreadEvidence> unread, const std::vector<RankedCause>& causes,
                                         Language language) {
  std::vector<OpenQuestion> questions;
  if (causes.empty() || causes.front().probability >= all_but_certain) return questions;
  const auto weight_of = [&](const UnreadEvidence& missing) {
    return probability_of(causes, missing.cause) * std::abs(missing.log_odds);
  };
  std::ranges::stable_sort(unread, std::greater(), weight_of);
  std::set<std::string_view> asked;  // logs
  for (const auto& missing : unread) {
    const auto& log = log_of(*missing.rule);
    if (questions.size() >= most_questions || probability_of(causes, missing.cause) < too_unlikely) continue;
    if (!asked.insert(log.english).second) continue;
    questions.push_back({missing.cause, missing.rule->id, text_of(log, *missing.rule, language)});
  }
  return questions;
}

}  // namespace triaged::diagnosis
