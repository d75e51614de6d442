#include "sources/file/rotated_files.hpp"

#include "sources/file/rotated_name.hpp"
#include "sources/path_parts.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

class RotatedFiles : public FollowedFolder {
 protected:
  RotatedFiles() { append("error.log", text_); }

  /// error.log, open and read up to `offset`.
  SeenFile seen_up_to(std::uint64_t offset) {
    file_ = open_to_read(path("error.log"));
    SeenFile seen{.place = {.file = identity_of(status(file_))}, .descriptor = file_.get()};
    grow_head(seen.place.file, file_.get(), offset);
    seen.place.offset = offset;
    seen.place.before_length = static_cast<std::uint32_t>(std::min<std::uint64_t>(offset, 256));
    seen.place.before_hash = fnv1a(text_.substr(offset - seen.place.before_length, seen.place.before_length));
    return seen;
  }
  bool is_copy(const SeenFile& seen, std::string_view name) {
    const Descriptor file = open_to_read(path(name));
    return is_copy_of(seen, path(name), file.get(), status_when_seen_.value_or(status(file)));
  }
  static FileStatus status(const Descriptor& file) {
    std::error_code failure;
    return status_of(file.get(), failure);
  }

  const std::string text_ = "header\n" + std::string(5000, 'x') + "\n";
  std::optional<FileStatus> status_when_seen_;
  Descriptor file_;
};

TEST_F(RotatedFiles, KnowsACopyInTheMakingAndAFinishedOne) {
  const SeenFile seen = seen_up_to(3000);
  append("error.log.1", text_.substr(0, 100));
  EXPECT_TRUE(is_copy(seen, "error.log.1"));
  append("error.log.1", text_.substr(100));
  EXPECT_TRUE(is_copy(seen, "error.log.1"));
}

TEST_F(RotatedFiles, TellsAFileWithTheSameHeaderFromACopy) {
  const SeenFile seen = seen_up_to(7);
  append("error.log.1", "header\n1\n");
  EXPECT_FALSE(is_copy(seen, "error.log.1"));
}

TEST_F(RotatedFiles, TellsALongerFileFromACopyOfAFileThatStandsThereYet) {
  truncate("error.log", 7);
  const SeenFile seen = seen_up_to(7);
  append("error.log.1", text_);
  EXPECT_FALSE(is_copy(seen, "error.log.1"));
  truncate("error.log", 0);
  EXPECT_TRUE(is_copy(seen, "error.log.1"));
}

TEST_F(RotatedFiles, KnowsACopyThatWasFinishedWhileItWasLookedAt) {
  const SeenFile seen = seen_up_to(3000);
  append("error.log.1", text_.substr(0, 100));
  status_when_seen_ = status(open_to_read(path("error.log.1")));
  append("error.log.1", text_.substr(100));
  truncate("error.log");
  EXPECT_TRUE(is_copy(seen, "error.log.1"));
}

TEST(RotatedName, TellsByTimesWhichWayNumbersGo) {
  using enum Numbering;
  EXPECT_EQ(numbering_of({{"a.log.1", 5}, {"a.log.2", 9}}, "a.log"), newest_is_highest);
  EXPECT_EQ(numbering_of({{"a.log.1", 9}, {"a.log.2", 5}}, "a.log"), newest_is_lowest);
  EXPECT_EQ(numbering_of({{"a.log.1", 5}, {"a.log.2.gz", 9, true}}, "a.log"), newest_is_lowest) << "a late line";
  EXPECT_EQ(numbering_of({{"a.log.1.gz", 5, true}, {"a.log.2", 9}}, "a.log"), newest_is_highest);
  EXPECT_EQ(numbering_of({{"a.log.1.gz", 5, true}, {"a.log.2.gz", 9, true}}, "a.log"), newest_is_highest);
}

TEST(RotatedName, FindsTheNumberOfAFileBetweenTwoOthers) {
  EXPECT_EQ(number_between("10.log", "9.log", "12.log"), 10u);
  EXPECT_EQ(number_between("shop-099.log.gz", "shop-098.log", "shop-100.log"), 99u);
  EXPECT_EQ(number_between("9.log", "9.log", "12.log"), std::nullopt);
  EXPECT_EQ(number_between("12.log", "9.log", "12.log"), std::nullopt);
  EXPECT_EQ(number_between("10.txt", "9.log", "12.log"), std::nullopt);
  EXPECT_EQ(number_between("10.log", "error.log", "12.log"), std::nullopt);
  EXPECT_EQ(number_between("10.log", "9.log", "9.log"), std::nullopt);
  EXPECT_EQ(number_between("", "9.log", "12.log"), std::nullopt);
}

}  // namespace
}  // namespace triaged::sources
