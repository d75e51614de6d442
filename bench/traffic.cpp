#include "traffic.hpp"

#include <fstream>
#include <random>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

namespace triaged::bench {

namespace {

std::vector<std::string> lines_of(const std::vector<std::filesystem::path>& samples, const LineFilter& wanted) {
  std::vector<std::string> lines;
  for (const auto& sample : samples) {
    std::ifstream file(sample);
    for (std::string line; std::getline(file, line);) {
      if (wanted(line)) lines.push_back(line);
    }
  }
  if (lines.empty()) throw std::runtime_error("no sample line is of use");
  return lines;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// True where a number may become another one without a change of meaning: after "id=", "page=", "/products/", "*"
/// (nginx's connection) and in the last part of a client's address at the start of a line.
bool is_free_number(std::string_view line, std::size_t at) {
  const auto before = line.substr(0, at);
  return before.ends_with("id=") || before.ends_with("page=") || before.ends_with("/products/") ||
         before.ends_with("*") || before.ends_with("client: 127.0.3.") ||
         (at < 12 && before.ends_with(".") && before.starts_with("127.0."));
}

void append_varied(std::string& to, std::string_view line, std::mt19937& random) {
  for (std::size_t i = 0; i < line.size();) {
    if (is_digit(line[i]) && is_free_number(line, i)) {
      to += std::to_string(1 + random() % 250);
      while (i < line.size() && is_digit(line[i])) ++i;
    } else {
      to += line[i++];
    }
  }
  to += '\n';
}

/// A log is written in order of time: 500 requests a second from midnight on. Only access lines carry the stamp in
/// brackets ("[21/Nov/2026:01:15:26 +0000]").
void set_time(std::string& line, std::size_t number) {
  const auto bracket = line.find('[');
  if (bracket == std::string::npos || line.find("] \"", bracket) == std::string::npos) return;
  const auto second = number / 500 % 86'400;
  constexpr std::size_t clock_at = 13;  // behind "[21/Nov/2026:"
  line.replace(bracket + clock_at, 8, fmt::format("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60));
}

}  // namespace

void write_traffic(const std::filesystem::path& into, const std::vector<std::filesystem::path>& samples,
                   const LineFilter& wanted, std::size_t bytes) {
  const auto lines = lines_of(samples, wanted);
  std::mt19937 random(20261121);  // fixed: every run reads the same bytes
  std::ofstream file(into, std::ios::binary);
  std::string block, line;
  std::size_t number = 0;
  for (std::size_t written = 0; written < bytes;) {
    block.clear();
    while (block.size() < (1U << 20U)) {
      line.clear();
      append_varied(line, lines[random() % lines.size()], random);
      set_time(line, number++);
      block += line;
    }
    file.write(block.data(), static_cast<std::streamsize>(block.size()));
    written += block.size();
  }
  if (!file.flush()) throw std::runtime_error("cannot write " + into.string());
}

}  // namespace triaged::bench
