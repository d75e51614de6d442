#include "discover/reader.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "probes/host_files.hpp"
#include "topology/server_configuration.hpp"

namespace triaged::discover {

namespace {

constexpr std::size_t most_bytes = 4 * 1024 * 1024;  // of /etc/passwd or /etc/group
constexpr std::size_t most_groups = 1024;
constexpr std::string_view service = "triaged";

using Fields = std::vector<std::string>;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The lines of /etc/passwd ("name:x:uid:gid:…") or /etc/group ("name:x:gid:member,member").
std::vector<Fields> entries_of(const std::filesystem::path& file) {
  std::vector<Fields> entries;
  const auto read = probes::read_host_file(file, most_bytes);
  std::string_view text = read ? std::string_view(read->text) : std::string_view();
  while (!text.empty()) {
    auto fields = split(probes::take_line(text), ':');
    if (fields.size() >= 4) entries.push_back(std::move(fields));
  }
  return entries;
}

std::optional<std::uint32_t> id_in(const std::string& field) {
  const auto number = probes::whole_number(field);
  if (!number || *number > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

std::string name_in(const std::filesystem::path& file, std::uint32_t id) {
  for (const auto& entry : entries_of(file)) {
    if (id_in(entry[2]) == id) return entry[0];
  }
  return fmt::format("{}", id);
}

std::vector<std::uint32_t> groups_of(const std::string& user, const std::filesystem::path& root) {
  std::vector<std::uint32_t> groups;
  for (const auto& entry : entries_of(root / "etc/group")) {
    const auto members = split(entry[3], ',');
    const auto id = id_in(entry[2]);
    if (id && std::find(members.begin(), members.end(), user) != members.end()) groups.push_back(*id);
  }
  return groups;
}

std::optional<std::uint32_t> group_named(const std::string& name, const std::filesystem::path& root) {
  for (const auto& entry : entries_of(root / "etc/group")) {
    if (entry[0] == name) return id_in(entry[2]);
  }
  return std::nullopt;
}

/// The unit's file and its drop-ins, as far as they exist.
std::vector<std::filesystem::path> unit_files(const std::filesystem::path& root) {
  constexpr std::array<std::string_view, 3> folders = {"etc/systemd/system", "usr/lib/systemd/system",
                                                       "lib/systemd/system"};
  std::vector<std::filesystem::path> files;
  std::error_code failure;
  for (const auto folder : folders) {
    const auto unit = root / folder / "triaged.service";
    if (std::filesystem::exists(unit, failure) && files.empty()) files.push_back(unit);
  }
  if (files.empty()) return files;
  const std::filesystem::path drop_ins = root / "etc/systemd/system/triaged.service.d";
  for (std::filesystem::directory_iterator entry(drop_ins, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (entry->path().extension() == ".conf") files.push_back(entry->path());
  }
  return files;
}

/// SupplementaryGroups= adds to those before it; an empty one takes them back.
std::vector<std::string> groups_in(const std::vector<std::filesystem::path>& unit_files) {
  constexpr std::string_view setting = "SupplementaryGroups=";
  std::vector<std::string> groups;
  for (const auto& file : unit_files) {
    const auto read = probes::read_host_file(file);
    std::string_view text = read ? std::string_view(read->text) : std::string_view();
    while (!text.empty()) {
      const auto line = probes::take_line(text);
      if (!line.starts_with(setting)) continue;
      const auto words = probes::words_of(line.substr(setting.size()));
      if (words.empty()) groups.clear();
      for (const auto word : words) groups.emplace_back(word);
    }
  }
  return groups;
}

}  // namespace

Reader this_process(const std::filesystem::path& root) {
  Reader reader{.name = name_of_user(::geteuid(), root), .user = ::geteuid(), .is_this_process = true};
  std::array<gid_t, most_groups> groups{};
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  reader.groups.assign(groups.begin(), groups.begin() + std::max(count, 0));
  topology::add_once(reader.groups, std::uint32_t(::getegid()));
  return reader;
}

Result<Reader> user_named(const std::string& name, const std::filesystem::path& root) {
  for (const auto& entry : entries_of(root / "etc/passwd")) {
    if (entry[0] != name) continue;
    Reader reader{.name = name, .user = id_in(entry[2]), .groups = groups_of(name, root)};
    if (const auto group = id_in(entry[3])) topology::add_once(reader.groups, *group);
    return reader;
  }
  return error(fmt::format("there is no user '{}' in /etc/passwd", name));
}

std::optional<Reader> service_user(const std::filesystem::path& root) {
  const auto files = unit_files(root);
  auto known = user_named(std::string(service), root);
  if (files.empty() && !known) return std::nullopt;
  Reader reader = known ? std::move(*known) : Reader{.name = std::string(service)};
  reader.is_service = true;
  for (const auto& name : groups_in(files)) {
    if (const auto group = group_named(name, root)) topology::add_once(reader.groups, *group);
  }
  return reader;
}

std::string name_of_user(std::uint32_t user, const std::filesystem::path& root) {
  return name_in(root / "etc/passwd", user);
}

std::string name_of_group(std::uint32_t group, const std::filesystem::path& root) {
  return name_in(root / "etc/group", group);
}

}  // namespace triaged::discover
