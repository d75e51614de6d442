#include "probes/process_table.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "probes/host_files.hpp"

namespace triaged::probes {

namespace {

constexpr std::size_t most_processes = 32'768;
constexpr std::size_t most_masters = 8;
constexpr std::uint32_t largest_number = 4'194'304;

/// When the host was started.
std::optional<TimePoint> boot_time(const std::filesystem::path& root) {
  constexpr std::string_view mark = "\nbtime ";
  const auto read = read_host_file(root / "proc/stat", 4 * 1024 * 1024);
  if (!read) return std::nullopt;
  const auto at = read->text.find(mark);
  if (at == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(read->text).substr(at + mark.size());
  const auto seconds = whole_number(take_line(rest));
  if (!seconds) return std::nullopt;
  return TimePoint(std::chrono::seconds(*seconds));
}

Microseconds from_ticks(std::uint64_t ticks) {
  const auto a_second = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_CLK_TCK)));
  return std::chrono::milliseconds(ticks * 1000 / a_second);
}

bool has_name(const std::filesystem::path& root, std::uint32_t number, std::string_view program) {
  const auto name = read_host_file(root / fmt::format("proc/{}/comm", number));
  return name && name->text.starts_with(program);
}

}  // namespace

// "1851 (nginx) S 1 …": the name may hold anything, so what follows it begins behind the last bracket.
std::optional<ProcessEntry> read_process(const std::filesystem::path& root, std::uint32_t number) {
  const auto read = read_host_file(root / fmt::format("proc/{}/stat", number));
  if (!read) return std::nullopt;
  const std::string_view text = read->text;
  const auto open = text.find('('), close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
  const auto words = words_of(text.substr(close + 1));
  constexpr std::size_t state = 0, parent = 1, started = 19;
  if (words.size() <= started || words[state] == "Z" || words[state] == "X") return std::nullopt;
  const auto parent_number = whole_number(words[parent]), ticks = whole_number(words[started]);
  const auto boot = boot_time(root);
  if (!parent_number || !ticks || !boot) return std::nullopt;
  return ProcessEntry{.number = number,
                      .parent = static_cast<std::uint32_t>(*parent_number),
                      .name = std::string(text.substr(open + 1, close - open - 1)),
                      .started = *boot + from_ticks(*ticks)};
}

std::vector<ProcessEntry> masters_of(const std::filesystem::path& root, std::string_view program) {
  std::vector<ProcessEntry> found;
  for (const auto number : numbered_entries(root / "proc", most_processes)) {
    if (!has_name(root, number, program)) continue;
    auto process = read_process(root, number);
    if (!process || has_name(root, process->parent, program)) continue;
    found.push_back(std::move(*process));
    if (found.size() == most_masters) break;
  }
  return found;
}

std::optional<ProcessEntry> writer_of(const ProbeQuestion& question, const std::filesystem::path& root) {
  const auto number = process_number(question.writer);
  if (!number || question.program.empty()) return std::nullopt;
  auto process = read_process(root, *number);
  if (!process || !process->name.starts_with(question.program)) return std::nullopt;
  return process;
}

std::vector<ProcessEntry> writers_of(const ProbeQuestion& question, const std::filesystem::path& root) {
  if (question.program.empty()) return {};
  if (auto writer = writer_of(question, root)) return {std::move(*writer)};
  return masters_of(root, question.program);
}

bool shows_whole_host(const std::filesystem::path& root) {
  const auto second = read_host_file(root / "proc/2/comm");
  return second && second->text.starts_with("kthreadd");
}

// Only root may compare the namespaces of others, and units with PrivateTmp have one each. Else: a process that numbers
// processes otherwise is in a container, and where not all of the host's processes are to be seen, this one is.
bool shares_files(const ProcessEntry& process, const std::filesystem::path& root) {
  std::error_code failure, own_failure;
  const auto its = std::filesystem::read_symlink(root / fmt::format("proc/{}/ns/mnt", process.number), failure);
  const auto own = std::filesystem::read_symlink(root / "proc/self/ns/mnt", own_failure);
  if (!failure && !own_failure && its == own) return true;  // a unit of its own may differ, and share nearly all
  constexpr std::string_view mark = "\nNSpid:";
  const auto status = read_host_file(root / fmt::format("proc/{}/status", process.number));
  const auto at = status ? status->text.find(mark) : std::string::npos;
  if (at == std::string::npos) return false;
  std::string_view rest = std::string_view(status->text).substr(at + mark.size());
  return words_of(take_line(rest)).size() == 1 && shows_whole_host(root);
}

bool is_its_host(const ProbeQuestion& question, const std::filesystem::path& root) {
  const auto writers = writers_of(question, root);
  if (writers.empty()) return shows_whole_host(root);
  return std::all_of(writers.begin(), writers.end(), [&](const auto& writer) { return shares_files(writer, root); });
}

std::optional<std::uint32_t> process_number(std::string_view text) {
  const auto number = whole_number(text);
  if (!number || *number == 0 || *number > largest_number) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

}  // namespace triaged::probes
