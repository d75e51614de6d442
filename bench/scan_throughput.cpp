// How fast `triaged scan` reads on one core, as a share of what Hyperscan alone could do with the same bytes in memory.
// The two sides take turns within one run and are measured in CPU time of their thread, so the ratio holds on a busy or
// throttled machine; the MB/s beside it are only for orientation.
//
// usage: scan_throughput [--megabytes N] [--rounds N] [--only TEXT]   (the rows that hold TEXT)
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "raw_hyperscan.hpp"
#include "traffic.hpp"
#include <fmt/format.h>
#include <time.h>

#include "diagnosis/diagnoser.hpp"
#include "knowledge/dialects/load_rules.hpp"
#include "scan/finding_stream.hpp"

namespace triaged::bench {

namespace {

/// What nginx writes when something is wrong, as an operator would list it.
const std::vector<std::string> nginx_patterns = {
    R"(connect\(\) failed \(111: Connection refused\) while connecting to upstream)",
    R"(upstream timed out \(110: Connection timed out\) while connecting to upstream)",
    R"(upstream timed out \(110: Connection timed out\) while reading response header from upstream)",
    R"(upstream prematurely closed connection while reading response header from upstream)",
    R"(recv\(\) failed \(104: Connection reset by peer\) while reading response header from upstream)",
    R"(upstream server temporarily disabled while connecting to upstream)",
    R"(no live upstreams while connecting to upstream)",
    R"(connect\(\) failed \(113: No route to host\))",
    R"(connect\(\) failed \(101: Network is unreachable\))",
    R"(connect\(\) to unix:\S+ failed \((?:2|11|13): [A-Za-z ]+\))",
    R"(upstream sent too big header while reading response header from upstream)",
    R"(upstream sent invalid header)",
    R"(\S+ could not be resolved \((?:2|3|110): [A-Za-z ]+\))",
    R"(\d+ worker_connections are not enough)",
    R"(accept4\(\) failed \(24: Too many open files\))",
    R"(SSL_do_handshake\(\) failed)",
    R"(upstream SSL certificate verify error: \(\d+:[^)]+\))",
    R"(client intended to send too large body: \d+ bytes)",
    R"(limiting requests, excess: [\d.]+ by zone)",
    R"(worker process \d+ exited on signal \d+)",
};

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Signatures {
  std::shared_ptr<const knowledge::RuleSet> rules;
  std::shared_ptr<const matcher::SignatureSet> compiled;
};

Signatures compiled(std::shared_ptr<const knowledge::RuleSet> rules) {
  Problems problems;
  auto signatures = matcher::SignatureSet::compile(rules, problems);
  if (has_errors(problems)) throw std::runtime_error(to_text(problems.front()));
  return {std::move(rules), std::move(signatures)};
}

/// One rule a pattern, for lines of `format`.
Signatures rules_of(const std::vector<std::string>& patterns, formats::Format format, knowledge::Within within) {
  std::vector<knowledge::Rule> rules;
  for (const auto& pattern : patterns) {
    knowledge::Rule rule;
    rule.id = fmt::format("bench/pattern-{}", rules.size());
    rule.title.english = rule.id;
    rule.entity = "upstream";
    auto& match = rule.matches.emplace_back();
    match.formats = {format};
    match.regex = pattern;
    match.within = within;
    auto& cause = rule.causes.emplace_back();
    cause.id = "upstream-down";
    cause.text.english = rule.id;
    cause.prior = 1;
    rules.push_back(std::move(rule));
  }
  return compiled(std::make_shared<const knowledge::RuleSet>(std::move(rules)));
}

Signatures shipped_rules() {
  auto loaded = knowledge::load_rules({TRIAGED_SOURCE_DIR "/rules"});
  if (has_errors(loaded.problems)) throw std::runtime_error(to_text(loaded.problems.front()));
  return compiled(std::move(loaded.rules));
}

/// All patterns that `rules` would look for in lines of `format`.
std::vector<std::string> patterns_for(const knowledge::RuleSet& rules, formats::Format format) {
  std::vector<std::string> patterns;
  for (const auto& rule : rules.rules()) {
    for (const auto& match : rule.matches) {
      const bool applies = match.formats.empty() || std::ranges::find(match.formats, format) != match.formats.end();
      if (applies && !match.regex.empty()) patterns.push_back(match.regex);
    }
  }
  return patterns;
}

struct Reading {
  double seconds = 0;
  std::uint64_t found = 0;  // findings, or matching lines
};

/// What `triaged scan` does with one file: read, split, recognise, match, diagnose.
Reading read_with_triaged(const std::filesystem::path& log, const Signatures& signatures,
                          const std::shared_ptr<const formats::Redactor>& redactor = formats::usual_redactor()) {
  const auto start = cpu_seconds();
  Reading reading;
  auto file = sources::FileScan::open(log);
  if (!file) throw std::runtime_error(file.error().message);
  scan::ScanProgress progress;
  formats::LineReaderOptions options;
  options.source_name = log.string();
  std::vector<scan::LogFile> files;
  files.push_back({std::move(*file), {}});
  scan::FindingStream stream(std::move(files), signatures.compiled, options, progress, redactor);
  diagnosis::Diagnoser diagnoser(signatures.rules, {});
  while (auto batch = stream.next()) {
    if (!*batch) break;
    reading.found += (*batch)->size();
    diagnoser.on_findings(**batch);
    if (!(*batch)->empty()) diagnoser.advance_to(matched_line((*batch)->back()).at);
  }
  (void)diagnoser.open_incidents();
  reading.seconds = cpu_seconds() - start;
  return reading;
}

Reading read_with_hyperscan(std::string_view text, const RawHyperscan& hyperscan) {
  const auto start = cpu_seconds();
  Reading reading;
  reading.found = hyperscan.count_matching_lines(text);
  reading.seconds = cpu_seconds() - start;
  return reading;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

struct Log {
  std::filesystem::path path;
  std::string text;
};

struct Settings {
  std::size_t megabytes = 128;
  int rounds = 5;
  std::string only;
};

void compare(std::string_view what, const Log& log, const Signatures& signatures,
             const std::vector<std::string>& patterns, const Settings& settings) {
  if (what.find(settings.only) == what.npos) return;
  const int rounds = settings.rounds;
  const RawHyperscan hyperscan(patterns);
  std::vector<double> ours, raw, ratios;
  Reading found, matching;
  for (int round = 0; round <= rounds; ++round) {  // the first one warms caches and is not counted
    found = read_with_triaged(log.path, signatures);
    matching = read_with_hyperscan(log.text, hyperscan);
    if (round == 0) continue;
    ours.push_back(found.seconds);
    raw.push_back(matching.seconds);
    ratios.push_back(matching.seconds / found.seconds);
  }
  const double megabytes = static_cast<double>(log.text.size()) / 1e6;
  fmt::print("{:<44} {:>8} {:>10.0f} {:>12.0f} {:>8.2f}  {:.2f}-{:.2f}  {:>9} {:>9}\n", what, patterns.size(),
             megabytes / median(ours), megabytes / median(raw), median(ratios), *std::ranges::min_element(ratios),
             *std::ranges::max_element(ratios), found.found, matching.found);
  std::fflush(stdout);
}

Log make_log(const std::filesystem::path& path, const std::vector<std::filesystem::path>& samples,
             const LineFilter& wanted, std::size_t bytes) {
  write_traffic(path, samples, wanted, bytes);
  std::ifstream file(path, std::ios::binary);
  return {path, std::string(std::istreambuf_iterator<char>(file), {})};
}

using Wrap = std::string (*)(std::string_view line);

std::string in_json(std::string_view line) {
  std::string text = R"({"log":")";
  for (const char c : line) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + R"(\n","stream":"stdout","time":"2026-11-21T01:20:00.123456789Z"})";
}

/// How many of the same lines are read in the time in which one is read bare.
void compare_wrapped(std::string_view what, const Log& bare, Wrap wrap, const Signatures& signatures,
                     const Settings& settings) {
  if (what.find(settings.only) == what.npos) return;
  const auto path = bare.path.string() + ".wrapped";
  {
    std::ofstream file(path, std::ios::binary);
    for (std::size_t at = 0; at < bare.text.size();) {
      const auto end = std::min(bare.text.find('\n', at), bare.text.size());
      file << wrap(std::string_view(bare.text).substr(at, end - at)) << '\n';
      at = end + 1;
    }
  }
  std::vector<double> ratios;
  Reading found;
  for (int round = 0; round <= settings.rounds; ++round) {
    const auto plain = read_with_triaged(bare.path, signatures);
    found = read_with_triaged(path, signatures);
    if (round > 0) ratios.push_back(plain.seconds / found.seconds);
  }
  fmt::print("{:<44} {:>8} {:>10} {:>12} {:>8.2f}  {:.2f}-{:.2f}  {:>9}\n", what, "", "", "", median(ratios),
             *std::ranges::min_element(ratios), *std::ranges::max_element(ratios), found.found);
  std::filesystem::remove(path);
}

/// How many lines are read in the time in which one is read that nobody redacts.
void compare_redaction(std::string_view what, const Log& log, const Signatures& signatures, const Settings& settings) {
  if (what.find(settings.only) == what.npos) return;
  std::vector<double> ratios;
  Reading found;
  for (int round = 0; round <= settings.rounds; ++round) {
    const auto raw = read_with_triaged(log.path, signatures, formats::no_redactor());
    found = read_with_triaged(log.path, signatures);
    if (round > 0) ratios.push_back(raw.seconds / found.seconds);
  }
  fmt::print("{:<44} {:>8} {:>10} {:>12} {:>8.2f}  {:.2f}-{:.2f}  {:>9}\n", what, "", "", "", median(ratios),
             *std::ranges::min_element(ratios), *std::ranges::max_element(ratios), found.found);
}

void run(const Settings& settings) {
  const std::filesystem::path samples = TRIAGED_SOURCE_DIR "/samples";
  const auto folder = std::filesystem::temp_directory_path();
  const auto access = make_log(
      folder / "triaged-bench-access.log", {samples / "out-of-memory/nginx-access.log"},
      [](auto line) { return line.find("\" 200 ") != line.npos; }, settings.megabytes * 1'000'000);
  const auto errors = make_log(
      folder / "triaged-bench-error.log",
      {samples / "stale-upstream/nginx-error.log", samples / "out-of-memory/nginx-error.log"},
      [](auto line) { return line.find(" upstream") != line.npos; }, settings.megabytes * 400'000);
  const auto shipped = shipped_rules();

  fmt::print(
      "MB/s of CPU time on one core, median of {} rounds; ratio = triaged / raw Hyperscan, of the same round\n\n"
      "{:<44} {:>8} {:>10} {:>12} {:>8}  {:<9}  {:>9} {:>9}\n",
      settings.rounds, "", "patterns", "triaged", "raw hs_scan", "ratio", "min-max", "findings", "lines hit");
  const auto format = formats::Format::nginx_access;
  compare("access log, 20 patterns, within: message", access,
          rules_of(nginx_patterns, format, knowledge::Within::message), nginx_patterns, settings);
  compare("access log, 20 patterns, within: line", access, rules_of(nginx_patterns, format, knowledge::Within::line),
          nginx_patterns, settings);
  compare("access log, shipped rules; raw: the 20", access, shipped, nginx_patterns, settings);
  compare("error log, every line hits, 20 patterns", errors,
          rules_of(nginx_patterns, formats::Format::nginx_error, knowledge::Within::message), nginx_patterns, settings);
  compare("error log, every line hits, shipped rules", errors, shipped,
          patterns_for(*shipped.rules, formats::Format::nginx_error), settings);
  fmt::print("\nwith redaction; ratio = lines of it / lines that nobody redacts in the same time\n");
  compare_redaction("error log, every line hits, no secrets", errors, shipped, settings);
  fmt::print("\nthe same lines behind a wrapper; ratio = lines of it / bare lines in the same time\n");
  compare_wrapped(
      "access log behind compose", access, [](auto line) { return "web-1  | " + std::string(line); }, shipped,
      settings);
  compare_wrapped(
      "access log behind CRI", access,
      [](auto line) { return "2026-11-21T01:20:00.123456789Z stdout F " + std::string(line); }, shipped, settings);
  compare_wrapped("access log behind json-file", access, in_json, shipped, settings);
  std::filesystem::remove(access.path);
  std::filesystem::remove(errors.path);
}

}  // namespace

}  // namespace triaged::bench

int main(int count, char** arguments) {
  triaged::bench::Settings settings;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view option(arguments[i]);
    const int value = std::atoi(arguments[i + 1]);
    if (option == "--megabytes" && value > 0) settings.megabytes = static_cast<std::size_t>(value);
    if (option == "--rounds" && value > 0) settings.rounds = value;
    if (option == "--only") settings.only = arguments[i + 1];
  }
  try {
    triaged::bench::run(settings);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "scan_throughput: {}\n", failure.what());
    return 1;
  }
}
