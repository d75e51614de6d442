// A host as files: /proc of chosen processes, configurations and logs below a folder. What stands in /proc is what the
// kernel and the real programs write there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/support/temporary_folder.hpp"

namespace triaged {

/// What /proc/PID/fdinfo says of a file that is appended to, and of the reading end of a pipe.
inline constexpr const char* appended = "02102001";
inline constexpr const char* only_read = "0100000";

class HostTree {
 public:
  struct OpenFile {
    std::string target;  // "/var/log/nginx/error.log", "pipe:[4711]"
    std::string flags = appended;
  };
  struct Started {
    std::uint32_t pid = 0;
    std::string name;
    std::vector<std::string> command;  // a title that was written over it is one word
    std::uint32_t parent = 1;
    std::uint32_t user = 0;
    std::string control_group = "0::/\n";
    std::map<std::uint32_t, OpenFile> files = {};
    std::string working_folder = "/";  // empty: it is not shown
    std::vector<std::string> environment = {};
  };

  HostTree() {
    write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n");
    write("/etc/group", "root:x:0:\nadm:x:4:\nwww-data:x:33:\nsystemd-journal:x:999:\n");
  }

  [[nodiscard]] std::filesystem::path root() const { return folder_.path(); }

  void write(const std::string& path, const std::string& text) const {
    const auto file = at(path);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }

  void start(const Started& process) const {
    const auto folder = fmt::format("/proc/{}/", process.pid);
    write(folder + "comm", process.name + "\n");
    std::string command;
    for (const auto& word : process.command) command += word + '\0';
    write(folder + "cmdline", command);
    write(folder + "status", fmt::format("Name:\t{0}\nState:\tS (sleeping)\nPPid:\t{1}\nUid:\t{2}\t{2}\t{2}\t{2}\n",
                                         process.name, process.parent, process.user));
    write(folder + "cgroup", process.control_group);
    if (!process.working_folder.empty()) link(folder + "cwd", process.working_folder);
    std::string environment;
    for (const auto& variable : process.environment) environment += variable + '\0';
    write(folder + "environ", environment);
    for (const auto& [descriptor, file] : process.files) {
      link(fmt::format("{}fd/{}", folder, descriptor), file.target);
      write(fmt::format("{}fdinfo/{}", folder, descriptor), fmt::format("pos:\t0\nflags:\t{}\n", file.flags));
    }
  }

  void link(const std::string& path, const std::string& target) const {
    std::filesystem::create_directories(at(path).parent_path());
    std::filesystem::create_symlink(target, at(path));
  }

  /// Nobody but the owner, whose number no process of the tests has, may use it.
  void close(const std::string& path) const {
    std::filesystem::permissions(at(path), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }

 private:
  [[nodiscard]] std::filesystem::path at(const std::string& path) const { return root() / path.substr(1); }

  TemporaryFolder folder_;
};

}  // namespace triaged
