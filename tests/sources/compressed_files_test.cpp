// Compressed logs, packed by the programs themselves: whole, one behind the other, cut and damaged.
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "sources/file_scan.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::sources {
namespace {

struct Packer {
  const char* command;  // standard input to standard output
  const char* kind;
};

class CompressedFiles : public testing::TestWithParam<Packer> {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return folder.path() / name; }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  /// The text as the program packs it, at the end of the file.
  void pack(const std::string& text, const std::string& name) const {
    write("plain", text);
    shell(std::string(GetParam().command) + " < " + path("plain") + " >> " + path(name));
  }
  static void shell(const std::string& command) {
    if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  }

  /// Its lines, each with a line feed, and what went wrong at the end.
  struct Read {
    std::string text, failure;
    std::uint64_t bytes_done = 0;
  };
  [[nodiscard]] Read read(const std::string& name) const {
    const auto scan = must(FileScan::open(path(name)));
    EXPECT_FALSE(scan->has_parts());
    Read all;
    for (;;) {
      const auto batch = scan->next();
      all.bytes_done = scan->bytes_done();
      if (!batch) all.failure = batch.error().message;
      if (!batch || !*batch) return all;
      for (const auto& line : (*batch)->lines) all.text += std::string((*batch)->text(line)) + '\n';
    }
  }

  static std::string lines(int first, int last) {
    std::string text;
    for (int i = first; i <= last; ++i) text += "line " + std::to_string(i * 7919 % 1000003) + '\n';
    return text;
  }

  TemporaryFolder folder;
};

TEST_P(CompressedFiles, AreKnownByTheirContent) {
  pack(lines(1, 30'000), "named.txt");
  const auto all = read("named.txt");
  EXPECT_EQ(all.failure, "");
  EXPECT_TRUE(all.text == lines(1, 30'000));
  EXPECT_EQ(all.bytes_done, std::filesystem::file_size(path("named.txt")));
  EXPECT_EQ(beginning_of(path("named.txt"), 10), lines(1, 2).substr(0, 10));
}

TEST_P(CompressedFiles, AreOneTextWhenSeveralStandOneBehindTheOther) {
  pack("one\n", "log");
  pack("", "log");
  pack("two\n", "log");
  const auto all = read("log");
  EXPECT_EQ(all.failure, "");
  EXPECT_EQ(all.text, "one\ntwo\n");
}

TEST_P(CompressedFiles, MayBeEmpty) {
  pack("", "log");
  EXPECT_EQ(read("log").text, "");
  EXPECT_EQ(read("log").failure, "");
}

TEST_P(CompressedFiles, AreReadAsFarAsTheyAreWholeWhenTheyAreCut) {
  pack(lines(1, 100'000), "log");
  const auto size = std::filesystem::file_size(path("log"));
  std::filesystem::resize_file(path("log"), size - 1000);
  const auto all = read("log");
  EXPECT_GT(all.text.size(), lines(1, 10'000).size());
  EXPECT_TRUE(lines(1, 100'000).starts_with(all.text.substr(0, all.text.rfind('\n', all.text.size() - 2) + 1)));
  EXPECT_THAT(all.failure,
              testing::StartsWith(path("log") + ": damaged " + GetParam().kind + " data at byte " +
                                  std::to_string(size - 1000) + ": the file ends in the middle of it; the "));
}

TEST_P(CompressedFiles, AreReadUpToTheDamage) {
  pack(lines(1, 100'000), "log");
  const auto size = std::filesystem::file_size(path("log"));
  std::fstream file(path("log"), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(size - size / 8));
  file << std::string(200, 'x');
  file.close();
  const auto all = read("log");
  EXPECT_GT(all.text.size(), lines(1, 10'000).size());
  EXPECT_THAT(all.failure, testing::StartsWith(path("log") + ": damaged " + GetParam().kind + " data at byte "));
  EXPECT_THAT(all.failure, testing::EndsWith(" bytes of text before it were read"));
}

TEST_P(CompressedFiles, TakeLittleMemoryHoweverMuchTheyUnpackTo) {
  shell("head -c 32M /dev/zero | tr '\\0' x | " + std::string(GetParam().command) + " > " + path("bomb"));
  EXPECT_LT(std::filesystem::file_size(path("bomb")), 1u << 19);
  const auto scan = must(FileScan::open(path("bomb")));
  std::size_t lines = 0, bytes = 0;
  while (const auto batch = must(scan->next())) {
    lines += batch->lines.size();
    bytes = std::max(bytes, batch->bytes.capacity());
  }
  EXPECT_EQ(lines, 1u);
  EXPECT_LT(bytes, 1u << 20);
  EXPECT_EQ(scan->cut_lines(), 1u);
}

INSTANTIATE_TEST_SUITE_P(All, CompressedFiles,
                         testing::Values(Packer{"gzip -c", "gzip"}, Packer{"zstd -qc", "zstd"}, Packer{"xz -c0", "xz"},
                                         Packer{"bzip2 -c", "bzip2"}),
                         [](const auto& chosen) { return std::string(chosen.param.kind); });

class PlainFiles : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return folder.path() / "log"; }
  [[nodiscard]] std::string read(FileScanOptions options) const {
    const auto scan = must(FileScan::open(path(), options));
    EXPECT_TRUE(scan->has_parts());
    std::string all = std::to_string(scan->total_bytes()) + ":";
    while (const auto batch = must(scan->next())) {
      for (const auto& line : batch->lines) {
        all += " " + std::to_string(line.offset) + "=" + std::string(batch->text(line));
      }
    }
    return all;
  }
  TemporaryFolder folder;
};

TEST_F(PlainFiles, AreReadInParts) {
  std::ofstream(path()) << "one\ntwo\nthree\nfour\n";
  EXPECT_EQ(read({}), "19: 0=one 4=two 8=three 14=four");
  EXPECT_EQ(read({.begin = 4, .end = 14}), "10: 4=two 8=three");
  EXPECT_EQ(read({.begin = 14}), "5: 14=four");
  EXPECT_EQ(read({.begin = 100, .end = 200}), "0:");
}

TEST_F(PlainFiles, HaveNoPartsAsStandardInputWhoseDescriptorOthersHave) {
  std::ofstream(path()) << "one\n";
  const int before = ::dup(STDIN_FILENO);
  const int file = ::open(path().c_str(), O_RDONLY | O_CLOEXEC);
  ::dup2(file, STDIN_FILENO);
  EXPECT_FALSE(must(FileScan::open("-"))->has_parts());
  ::dup2(before, STDIN_FILENO);
  ::close(before);
  ::close(file);
}

TEST_F(PlainFiles, MayBeginLikeThoseOfBzip2) {
  std::ofstream(path()) << "BZh9 is how they begin\n";
  EXPECT_EQ(read({}), "23: 0=BZh9 is how they begin");
}

}  // namespace
}  // namespace triaged::sources
