// Incidents for tests of what tells them: one whose lines a real kernel, Gunicorn and nginx wrote, and random ones that
// try to break whoever writes them down.
#pragma once

#include <cmath>
#include <random>
#include <string>

#include "values/incident.hpp"

namespace triaged::samples {

inline TimePoint at(const char* rfc3339) { return parse_rfc3339(rfc3339).value(); }

/// The kernel kills a Gunicorn worker, and nginx sees the connection close. The lines are those of a real out-of-memory
/// kill.
inline Incident killed_worker() {
  const std::string kernel_line =
      "2026-11-21T01:15:18.112866+00:00 web1 kernel: [ 3820.160557] Memory cgroup out of memory: Killed process 1459 "
      "(gunicorn) "
      "total-vm:96116kB, anon-rss:78760kB, file-rss:8556kB, shmem-rss:0kB, UID:33 pgtables:220kB oom_score_adj:0";
  const std::string gunicorn_line =
      "[2026-11-21 01:15:18 +0000] [1457] [WARNING] Worker with pid 1459 was terminated due to signal 9";
  const std::string nginx_line =
      "2026/11/21 01:15:18 [error] 1474#1474: *114 upstream prematurely closed connection while reading response "
      "header from "
      "upstream, client: 127.0.0.34, server: shop.example.com, request: \"GET /api/export?mb=400&id=0 HTTP/1.1\", "
      "upstream: "
      "\"http://127.0.0.1:8000/api/export?mb=400&id=0\", host: \"shop.example.com\", referrer: "
      "\"https://shop.example.com/\"";
  const std::string second_nginx_line =
      "2026/11/21 01:15:19 [error] 1473#1473: *138 upstream prematurely closed connection while reading response "
      "header from "
      "upstream, client: 127.0.1.124, server: shop.example.com, request: \"GET /api/export?mb=400&id=1 HTTP/1.1\", "
      "upstream: "
      "\"http://127.0.0.1:8000/api/export?mb=400&id=1\", host: \"shop.example.com\"";
  Incident incident;
  incident.id = "01KAJ0Z5V0W5X9GQ3T7C2M4N6P";
  incident.key = "9f2c61d07be4a835";
  incident.severity = Severity::critical;
  incident.title = "The kernel killed a Gunicorn worker for want of memory";
  incident.entity = {"upstream", "127.0.0.1:8000"};
  incident.host = "web1";
  incident.first_seen = at("2026-11-21T01:15:18.112866Z");
  incident.last_seen = at("2026-11-21T01:15:22.000000Z");
  incident.count = 12;
  incident.causes = {
      {"oom-kill",
       "kernel/oom-kill",
       0.93,
       "The memory limit of gunicorn.service was reached while a request was served; the kernel killed worker 1459.",
       {{"2026-11-21T01:15:18.112866Z kernel: The kernel killed a process because memory ran out", 3.1,
         "kernel/oom-kill"},
        {"the worker ended by signal 9", 1.4},
        {"no worker time-out was logged before it", 0.7},
        {"one request path is behind all failures", -0.2}}},
      {"worker-killed-manually", "gunicorn/worker-sigkill", 0.05, "Somebody sent SIGKILL to the worker.", {}},
      {"upstream-premature-close",
       "nginx/upstream-premature-close",
       0.02,
       "The application closed the connection itself.",
       {}}};
  const std::string kernel_says = "kernel: The kernel killed a process because memory ran out";
  const std::string gunicorn_says = "gunicorn: Worker was killed with SIGKILL";
  const std::string nginx_says = "nginx: 502: the upstream closed the connection without an answer";
  incident.chain = {
      {"kernel/oom-kill", ChainRole::root, at("2026-11-21T01:15:18.112866Z"), "kernel.log", kernel_line, kernel_says},
      {"gunicorn/worker-sigkill", ChainRole::intermediate, at("2026-11-21T01:15:18Z"), "gunicorn-error.log",
       gunicorn_line, gunicorn_says},
      {"nginx/upstream-premature-close", ChainRole::symptom, at("2026-11-21T01:15:18Z"), "nginx-error.log", nginx_line,
       nginx_says}};
  incident.workarounds = {
      {"Raise the memory limit of the service, then find the request that needs so much",
       "systemctl set-property gunicorn.service MemoryMax=512M\njournalctl -k --since -10min | grep -i 'killed "
       "process'",
       0.85, 0.79, "oom-kill"},
      {"Run fewer workers, so that each has more memory", "gunicorn --workers 2 shop.wsgi", 0.6, 0.56, "oom-kill"},
      {"Recycle workers before they grow", "gunicorn --max-requests 500 --max-requests-jitter 50 shop.wsgi", 0.4, 0.37,
       ""}};
  incident.dead_ends = {
      {"Raise proxy_read_timeout in nginx", "The connection was closed at once; nobody waited for an answer.", 0.95},
      {"", "Restarting nginx changes nothing: nginx only reports what happened behind it.", 0.9}};
  incident.evidence = {
      {"kernel.log", 9216, at("2026-11-21T01:15:18.112866Z"), kernel_line, "kernel/oom-kill", kernel_says},
      {"nginx-error.log", 0, at("2026-11-21T01:15:18Z"), nginx_line, "nginx/upstream-premature-close", nginx_says},
      {"nginx-error.log", 330, at("2026-11-21T01:15:19Z"), second_nginx_line, "nginx/upstream-premature-close",
       nginx_says}};
  incident.rules = {"kernel/oom-kill", "gunicorn/worker-sigkill", "nginx/upstream-premature-close"};
  incident.confidence = 0.9;
  incident.docs = "https://docs.gunicorn.org/en/stable/faq.html";
  return incident;
}

/// The same, after it has been quiet for a while.
inline Incident resolved_worker() {
  auto incident = killed_worker();
  incident.state = IncidentState::resolved;
  incident.change = Change::resolved;
  incident.change_number = 3;
  return incident;
}

/// Incidents as an attacker would have them: long, empty, not UTF-8, full of what JSON, Slack, syslog and terminals act
/// on.
class HostileIncidents {
 public:
  explicit HostileIncidents(unsigned seed) : random_(seed) {}

  Incident next() {
    brevity_ = below(3) == 0 ? 1 : 8;  // most incidents are short, so that many can be tried
    Incident incident;
    incident.id = text(40);
    incident.key = text(40);
    incident.state = below(2) == 0 ? IncidentState::open : IncidentState::resolved;
    incident.change = static_cast<Change>(below(3));
    incident.change_number = below(1000);
    incident.severity = static_cast<Severity>(below(4));
    incident.title = text(600);
    incident.entity = {text(60), text(600)};
    incident.host = text(400);
    incident.first_seen = time();
    incident.last_seen = time();
    incident.count = random_();
    if (below(3) == 0) incident.acknowledged = time();
    fill_causes(incident);
    fill_story(incident);
    fill_advice(incident);
    incident.confidence = rate();
    incident.docs = text(300);
    return incident;
  }

  /// Up to `longest` characters, some of them no characters.
  std::string text(std::size_t longest) {
    using namespace std::string_view_literals;
    static constexpr std::string_view pieces[] = {"a",
                                                  "B",
                                                  "7",
                                                  " ",
                                                  " ",
                                                  " ",
                                                  "\n",
                                                  "\r\n",
                                                  "\t",
                                                  "&",
                                                  "<",
                                                  ">",
                                                  "<!channel>",
                                                  "<@U024BE7LH>",
                                                  "```",
                                                  "`",
                                                  "*",
                                                  "_",
                                                  "\"",
                                                  "\\",
                                                  "]",
                                                  "=",
                                                  "\0"sv,
                                                  "\x1b[2J",
                                                  "\x7f",
                                                  "\x80",
                                                  "\xff",
                                                  "\xc3",
                                                  "\xe2\x82",
                                                  "é",
                                                  "ß",
                                                  "\xc2\x9b",
                                                  "汉",
                                                  "字",
                                                  "😀",
                                                  "\xf0\x9f\x98",
                                                  "\xed\xa0\x80",
                                                  "\xe2\x80\xa8",
                                                  "\xe2\x80\xae",
                                                  "&amp;",
                                                  "/",
                                                  "{",
                                                  "%s",
                                                  "http://x/",
                                                  "word",
                                                  "upstream ",
                                                  "connect() ",
                                                  "failed "};
    std::string text;
    if (below(8) == 0) return text;
    const std::size_t length = below(longest * (below(12) == 0 ? 4 : 1) + 1) / brevity_;
    const auto only = below(10) == 0 ? pieces[below(std::size(pieces))] : std::string_view();
    while (text.size() < length) text += only.empty() ? pieces[below(std::size(pieces))] : only;
    return text;
  }

  std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
  std::size_t few_or_many(std::size_t few, std::size_t many) { return below(below(10) == 0 ? many : few); }
  double rate() { return std::round(std::uniform_real_distribution<>(0, 1)(random_) * 1e4) / 1e4; }
  TimePoint time() { return at("2026-11-21T00:00:00Z") + Microseconds(static_cast<long>(below(400'000'000'000))); }

  void fill_causes(Incident& incident) {
    for (std::size_t i = below(6); i > 0; --i) {
      incident.causes.push_back({text(40), text(40), rate(), text(2000), {}});
      for (std::size_t j = below(8); j > 0; --j) incident.causes.back().because.push_back({text(300), rate() * 4 - 2});
    }
  }

  void fill_story(Incident& incident) {
    for (std::size_t i = few_or_many(6, 60); i > 0; --i) {
      incident.chain.push_back({text(60), static_cast<ChainRole>(below(3)), time(), text(60), text(600)});
    }
    for (std::size_t i = few_or_many(6, 40); i > 0; --i) {
      incident.evidence.push_back({text(60), random_(), time(), text(1000)});
    }
    for (std::size_t i = below(10); i > 0; --i) incident.rules.push_back(text(60));
  }

  void fill_advice(Incident& incident) {
    for (std::size_t i = few_or_many(5, 30); i > 0; --i) {
      incident.workarounds.push_back({text(200), text(600), rate(), rate(), text(40), text(40), text(40)});
      if (below(2) == 0) incident.workarounds.back().here = {1 + below(9), below(9), rate(), below(5)};
    }
    for (std::size_t i = few_or_many(5, 30); i > 0; --i) {
      incident.dead_ends.push_back({text(200), text(600), rate()});
    }
  }

  std::mt19937_64 random_;
  std::size_t brevity_ = 1;
};

}  // namespace triaged::samples
