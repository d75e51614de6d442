#include "scan/other_file.hpp"

#include <gtest/gtest.h>

namespace triaged::scan {
namespace {

using namespace std::string_literals;

std::string what(const std::string& text) {
  const auto other = other_file_of(text);
  return other ? std::string(other->what) : "";
}

std::string in_utf16(const std::string& text, bool little) {
  std::string wide;
  for (const char c : text) wide += little ? std::string{c, '\0'} : std::string{'\0', c};
  return wide;
}

const std::string nginx_line =
    "2026/11/21 01:15:46 [error] 31473#31473: *115 connect() failed (111: Connection refused) while connecting to "
    "upstream\n";

TEST(OtherFile, IsKnownByItsFirstBytes) {
  EXPECT_EQ(what("\x04\x22\x4d\x18\x64\x40\xa7"), "compressed with lz4");
  EXPECT_EQ(what("\x1f\x9d\x90\x61"), "compressed with compress");
  EXPECT_EQ(what("PK\x03\x04\x14"), "a zip archive");
  EXPECT_EQ(what("\x7f"
                 "ELF\x02\x01\x01"),
            "a program or its memory (ELF)");
  EXPECT_EQ(what("SQLite format 3\0\x10"s), "an SQLite database");
  EXPECT_EQ(what("LPKSHHRH\0\0"s), "a journal of systemd");
  EXPECT_EQ(what("error.log" + std::string(248, '\0') + "ustar\0"s), "a tar archive");
}

TEST(OtherFile, IsTextInUtf16WithItsMarkAndWithout) {
  EXPECT_EQ(what("\xff\xfe" + in_utf16(nginx_line, true)), "text in UTF-16");
  EXPECT_EQ(what("\xfe\xff" + in_utf16(nginx_line, false)), "text in UTF-16");
  EXPECT_EQ(remedy_for(*other_file_of(in_utf16(nginx_line, true)), "a.log"),
            "read it with: iconv -f UTF-16LE -t UTF-8 a.log | triaged scan -");
  EXPECT_EQ(remedy_for(*other_file_of(in_utf16(nginx_line, false)), "a.log"),
            "read it with: iconv -f UTF-16BE -t UTF-8 a.log | triaged scan -");
}

TEST(OtherFile, IsNoLogWithBytesThatAreNoText) {
  EXPECT_EQ(what(nginx_line), "");
  EXPECT_EQ(what(std::string(512, '\0') + nginx_line), "");
  EXPECT_EQ(what(nginx_line + "\0\0\0\xff\xfe"s), "");
  EXPECT_EQ(what("\xff\xfe\x80\xc3\x28\n" + nginx_line), "");
  EXPECT_EQ(what(""), "");
  EXPECT_EQ(what("PK is no archive\n"), "");
}

TEST(OtherFile, QuotesAPathForTheShell) {
  EXPECT_EQ(remedy_for(*other_file_of("PK\x03\x04"), "it's a.zip"),
            "unpack it first: unzip 'it'\\''s a.zip' -d logs && triaged scan logs");
}

TEST(Text, MayHoldSomeNulsColoursAndOtherEncodings) {
  EXPECT_TRUE(is_text(nginx_line));
  EXPECT_TRUE(is_text(std::string(3000, '\0') + nginx_line));
  EXPECT_TRUE(is_text(nginx_line + std::string(4, '\0') + nginx_line));
  EXPECT_TRUE(is_text("\x1b[31merror\x1b[0m caf\xe9\r\n"));
  EXPECT_TRUE(is_text(""));
}

TEST(Text, IsNotWhatHoldsControlCharactersByTheDozen) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  EXPECT_FALSE(is_text("\x89PNG" + every_byte));
  EXPECT_FALSE(is_text("\x01\0\0\0"s));
}

}  // namespace
}  // namespace triaged::scan
