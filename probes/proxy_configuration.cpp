#include "probes/proxy_configuration.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "probes/host_files.hpp"
#include "probes/process_table.hpp"
#include "topology/nginx_include.hpp"

namespace triaged::probes {

namespace {

constexpr std::size_t most_files = 128;
constexpr std::size_t most_bytes_of_file = 1024 * 1024;
constexpr std::size_t most_bytes = 8 * 1024 * 1024;

constexpr std::string_view separators = " \t\r\"';{}";

/// The words of the command line; nginx writes its own over it, "nginx: master process /usr/sbin/nginx -c /etc/…".
std::vector<std::string> command_of(const ProcessEntry& process, const std::filesystem::path& root) {
  auto read = read_host_file(root / fmt::format("proc/{}/cmdline", process.number));
  if (!read) return {};
  std::replace(read->text.begin(), read->text.end(), '\0', ' ');
  std::vector<std::string> words;
  for (const auto word : words_of(read->text)) words.emplace_back(word);
  return words;
}

/// The values of an option that takes one, "-c FILE".
std::vector<std::string> values_of(const std::vector<std::string>& command, std::string_view option) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i + 1 < command.size(); ++i) {
    if (command[i] == option) values.push_back(command[i + 1]);
  }
  return values;
}

class ConfigurationFiles {
 public:
  explicit ConfigurationFiles(const std::filesystem::path& root) : root_(root) {}

  void read(const std::string& path) {
    const auto is_known = [&](const ConfigurationFile& file) { return file.path == path; };
    if (std::any_of(found.files.begin(), found.files.end(), is_known)) return;
    const bool is_readable = is_plain_path(path) && found.files.size() < most_files && bytes_ < most_bytes;
    auto text = is_readable ? read_host_file(below(root_, path), most_bytes_of_file) : std::nullopt;
    if (!text || text->is_cut) {
      found.is_whole = false;
      return;
    }
    bytes_ += text->text.size();
    found.files.push_back({path, std::move(text->text)});
  }

  /// Of nginx: a pattern that matches nothing is no mistake. Relative ones start at the main file's folder.
  void read_includes() {
    for (std::size_t i = 0; i < found.files.size(); ++i) {
      const ConfigurationFile file = found.files[i];  // reading may move them
      bool is_include = false;
      for (const auto& word : file.words()) {
        if (is_include && !word.is_first) read_matching(std::string(word.text));
        is_include = word.is_first && word.text == "include";
      }
    }
  }

  ProxyConfiguration found;

 private:
  void read_matching(const std::string& word) {
    const auto pattern = topology::include_pattern(word, found.files.front().path);
    if (!is_plain_path(pattern.native())) {
      found.is_whole = false;
      return;
    }
    for (const auto& file : topology::included_files(pattern, root_)) read(file);
  }

  const std::filesystem::path root_;
  std::size_t bytes_ = 0;
};

ProxyConfiguration unknown_configuration(std::string why) {
  return {.files = {}, .is_whole = false, .why = std::move(why)};
}

/// Whoever was given the command line: the master of the writer.
std::optional<ProcessEntry> master_of(const ProbeQuestion& question, const std::filesystem::path& root) {
  if (const auto writer = writer_of(question, root)) {
    const auto parent = read_process(root, writer->parent);
    return parent && parent->name.starts_with(question.program) ? parent : writer;
  }
  auto masters = masters_of(root, question.program);
  if (masters.size() != 1) return std::nullopt;
  return std::move(masters.front());
}

}  // namespace

std::vector<ConfigurationWord> ConfigurationFile::words() const {
  std::vector<ConfigurationWord> words;
  bool is_first = true, is_comment = false;
  unsigned line = 1;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '\n' || is_comment || c == '#' || separators.find(c) != std::string_view::npos) {
      is_comment = c != '\n' && (is_comment || c == '#');
      is_first = is_first || (!is_comment && (c == '\n' || c == ';' || c == '{' || c == '}'));
      line += c == '\n';
      ++at;
      continue;
    }
    auto end = at;
    while (end < text.size() && text[end] != '\n' && separators.find(text[end]) == std::string_view::npos) ++end;
    words.push_back({std::string_view(text).substr(at, end - at), line, is_first});
    is_first = false;
    at = end;
  }
  return words;
}

ProxyConfiguration read_proxy_configuration(const ProbeQuestion& question, const std::filesystem::path& root) {
  const auto master = master_of(question, root);
  if (!master) return unknown_configuration("the proxy that wrote the line is not to be seen here, or runs twice");
  if (!shares_files(*master, root)) return unknown_configuration("the proxy may see other files than are seen here");
  const auto command = command_of(*master, root);
  ConfigurationFiles files(root);
  if (question.program == "nginx") {
    const auto chosen = values_of(command, "-c"), prefix = values_of(command, "-p");
    std::filesystem::path main = chosen.empty() ? "/etc/nginx/nginx.conf" : chosen.back();
    if (main.is_relative() && !prefix.empty()) main = prefix.back() / main;
    files.read(main.string());
    files.read_includes();
  } else {
    for (const auto& path : values_of(command, "-f")) files.read(path);
  }
  if (files.found.files.empty()) files.found.why = "its configuration cannot be read";
  return std::move(files.found);
}

}  // namespace triaged::probes
