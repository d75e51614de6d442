// descriptors-at-limit, descriptors-below-limit: how many files the process that complained has open, and how many it
// may.
#include <fmt/format.h>

#include "probes/host_files.hpp"
#include "probes/probe_kinds.hpp"
#include "probes/process_table.hpp"

namespace triaged::probes {

namespace {

constexpr std::size_t most_descriptors = 1'100'000;
constexpr double share_at_limit = 0.9;

/// The soft limit; nullopt: there is none, or it cannot be read.
std::optional<std::uint64_t> limit_of(const std::filesystem::path& folder) {
  constexpr std::string_view mark = "Max open files";
  const auto limits = read_host_file(folder / "limits");
  if (!limits) return std::nullopt;
  std::string_view text = limits->text;
  while (!text.empty()) {
    const auto line = take_line(text);
    if (!line.starts_with(mark)) continue;
    const auto words = words_of(line.substr(mark.size()));
    return words.empty() ? std::nullopt : whole_number(words.front());
  }
  return std::nullopt;
}

}  // namespace

Finding probe_descriptors(const ProbeQuestion& question, const std::filesystem::path& root) {
  auto asked = question;
  asked.writer = question.subject;
  const auto process = writer_of(asked, root);
  if (!process) return unknown_because("the process that wrote the line is not to be seen here");
  const auto folder = root / fmt::format("proc/{}", process->number);
  const auto limit = limit_of(folder);
  const auto open = numbered_entries(folder / "fd", most_descriptors).size();
  if (!limit || *limit == 0) return unknown_because("it has no limit, or it cannot be read");
  if (open == 0) return unknown_because("how many files it has open may only be seen by its user and by root");
  const bool is_at_limit = static_cast<double>(open) >= static_cast<double>(*limit) * share_at_limit;
  return {is_at_limit ? "descriptors-at-limit" : "descriptors-below-limit",
          fmt::format("process {} has {} of {} files open", process->number, open, *limit)};
}

}  // namespace triaged::probes
