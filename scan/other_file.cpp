#include "scan/other_file.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "scan/shell_word.hpp"

namespace triaged::scan {

namespace {

using namespace std::string_view_literals;

struct Known {
  std::size_t at;  // where in the file the mark stands
  std::string_view mark;
  OtherFile other;
};

/// From file(1)'s list, what lies beside logs or is taken for one.
constexpr std::array known_files = {
    Known{0,
          "LPKSHHRH"sv,
          {"a journal of systemd", "read it with: journalctl --file {} -o short-iso-precise | triaged scan -"}},
    Known{0, "\x04\x22\x4d\x18"sv, {"compressed with lz4", "read it with: lz4 -dc {} | triaged scan -"}},
    Known{0, "\x02\x21\x4c\x18"sv, {"compressed with lz4", "read it with: lz4 -dc {} | triaged scan -"}},
    Known{0, "\x1f\x9d"sv, {"compressed with compress", "read it with: gzip -dc {} | triaged scan -"}},
    Known{0, "LZIP\x01"sv, {"compressed with lzip", "read it with: lzip -dc {} | triaged scan -"}},
    Known{0, "PK\x03\x04"sv, {"a zip archive", "unpack it first: unzip {} -d logs && triaged scan logs"}},
    Known{0, "7z\xbc\xaf\x27\x1c"sv, {"a 7-Zip archive", "unpack it first: 7z x -ologs {} && triaged scan logs"}},
    Known{257, "ustar"sv, {"a tar archive", "unpack it first: mkdir logs && tar -xf {} -C logs && triaged scan logs"}},
    Known{0,
          "\x7f"
          "ELF"sv,
          {"a program or its memory (ELF)", "name the log that it writes; 'triaged discover' finds those of servers"}},
    Known{0, "SQLite format 3\0"sv, {"an SQLite database", "name a log"}},
    Known{0, "ElfFile\0"sv, {"an event log of Windows", "triaged reads logs that are text"}},
};

constexpr OtherFile marked = {"text in UTF-16", "read it with: iconv -f UTF-16 -t UTF-8 {} | triaged scan -"};
/// Without a mark at the beginning: most letters are ASCII's, each with a NUL.
constexpr OtherFile unmarked_little = {"text in UTF-16",
                                       "read it with: iconv -f UTF-16LE -t UTF-8 {} | triaged scan -"};
constexpr OtherFile unmarked_big = {"text in UTF-16", "read it with: iconv -f UTF-16BE -t UTF-8 {} | triaged scan -"};

/// Letters, and NULs at the places that are `parity` from the beginning: nine of ten pairs.
bool is_utf16(std::string_view text, std::size_t parity) {
  constexpr std::size_t fewest_pairs = 8;
  const auto pairs = text.size() / 2;
  std::size_t fit = 0;
  for (std::size_t i = 0; i < pairs; ++i) {
    if (text[2 * i + parity] == '\0' && text[2 * i + 1 - parity] != '\0') ++fit;
  }
  return pairs >= fewest_pairs && fit * 10 >= pairs * 9;
}

/// Neither of text nor of colours and overwriting on a terminal.
bool is_of_no_text(char c) {
  return static_cast<unsigned char>(c) < 0x20 && "\t\n\v\f\r\b\x1b"sv.find(c) == std::string_view::npos;
}

}  // namespace

std::optional<OtherFile> other_file_of(std::string_view text) {
  const auto known = std::ranges::find_if(
      known_files, [&](const Known& one) { return text.substr(std::min(one.at, text.size())).starts_with(one.mark); });
  if (known != known_files.end()) return known->other;
  const bool has_mark = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
  if (has_mark && text.find('\0') != std::string_view::npos) return marked;
  if (is_utf16(text, 1)) return unmarked_little;
  if (is_utf16(text, 0)) return unmarked_big;
  return std::nullopt;
}

bool is_text(std::string_view text) {
  constexpr std::size_t least_share = 20;  // one byte of so many; compressed or random ones have two
  text.remove_prefix(std::min(text.find_first_not_of('\0'), text.size()));
  const auto odd = static_cast<std::size_t>(std::ranges::count_if(text, is_of_no_text));
  return odd * least_share <= text.size();
}

std::string remedy_for(const OtherFile& other, const std::string& path) {
  return fmt::format(fmt::runtime(other.remedy), shell_word(path));
}

}  // namespace triaged::scan
