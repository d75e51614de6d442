// Messages cut out of the bytes of a connection: both framings of RFC 6587, and what real senders make of them.
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "sources/syslog/message_framer.hpp"

namespace triaged::sources {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct Got {
  std::string text;
  bool is_counted = false, is_cut = false;

  bool operator==(const Got&) const = default;
};

void PrintTo(const Got& got, std::ostream* out) {
  *out << fmt::format("{{'{}', counted {}, cut {}}}", got.text, got.is_counted, got.is_cut);
}

Got line(std::string text) { return {std::move(text), false, false}; }
Got counted(std::string text) { return {std::move(text), true, false}; }

constexpr std::size_t longest = 64;

/// Feeds `parts` one after the other.
std::vector<Got> framed(const std::vector<std::string>& parts) {
  MessageFramer framer(longest);
  std::vector<Got> all;
  const auto take = [&](const std::optional<FramedMessage>& message) {
    if (message) all.push_back({std::string(message->text), message->is_counted, message->is_cut});
    return message.has_value();
  };
  for (const auto& part : parts) {
    const auto room = framer.room();
    std::copy(part.begin(), part.end(), room.begin());
    framer.add(part.size());
    while (take(framer.next())) {
    }
  }
  take(framer.finish());
  return all;
}

// As rsyslog's omfwd (traditional and octet-counted), HAProxy's ring, and Python's SysLogHandler write them.
TEST(MessageFramer, TellsTheTwoFramingsApart) {
  EXPECT_THAT(framed({"<134>Nov 21 01:14:23 haproxy[553]: one\n<134>two\n"}),
              ElementsAre(line("<134>Nov 21 01:14:23 haproxy[553]: one"), line("<134>two")));
  EXPECT_THAT(framed({"8 <134>one8 <134>two"}), ElementsAre(counted("<134>one"), counted("<134>two")));
  EXPECT_THAT(framed({"<14>one\0<14>two\0"s}), ElementsAre(line("<14>one"), line("<14>two")));
  EXPECT_THAT(framed({"<14>one\r\n"}), ElementsAre(line("<14>one")));
}

TEST(MessageFramer, LetsAConnectionMixThem) {
  EXPECT_THAT(framed({"8 <134>one<134>two\n8 <134>red\n<134>end\n"}),
              ElementsAre(counted("<134>one"), line("<134>two"), counted("<134>red"), line("<134>end")));
}

TEST(MessageFramer, KeepsALineFeedInACountedMessage) {
  EXPECT_THAT(framed({"12 <14>one\n two5 <14>x"}), ElementsAre(counted("<14>one\n two"), counted("<14>x")));
}

TEST(MessageFramer, TakesDigitsThatAreNoLengthForALine) {
  EXPECT_THAT(framed({"127.0.0.1 - - GET\n"}), ElementsAre(line("127.0.0.1 - - GET")));
  EXPECT_THAT(framed({"2026-11-21T01:14:23Z x\n"}), ElementsAre(line("2026-11-21T01:14:23Z x")));
  EXPECT_THAT(framed({"12 monkeys\n"}), ElementsAre(line("12 monkeys")));
  EXPECT_THAT(framed({"0 <14>x\n"}), ElementsAre(line("0 <14>x")));
  EXPECT_THAT(framed({"99999999 <14>x\n<14>y\n"}), ElementsAre(line("99999999 <14>x"), line("<14>y")));
  EXPECT_THAT(framed({"123456789 <14>x\n"}), ElementsAre(line("123456789 <14>x")));
  EXPECT_THAT(framed({"12\n34\n"}), ElementsAre(line("12"), line("34")));
}

TEST(MessageFramer, SkipsWhatIsEmpty) {
  EXPECT_THAT(framed({""}), IsEmpty());
  EXPECT_THAT(framed({"\n\n\0\n<14>x\n\n"s}), ElementsAre(line("<14>x")));
}

TEST(MessageFramer, CutsWhatIsTooLongAndGoesOnBehindIt) {
  const std::string head(longest, 'x');
  EXPECT_THAT(framed({head + "\n<14>y\n"}), ElementsAre(line(head), line("<14>y")));
  EXPECT_THAT(framed({head + "\r\n"}), ElementsAre(line(head)));
  EXPECT_THAT(framed({head + "more and more\n<14>y\n"}), ElementsAre(Got{head, false, true}, line("<14>y")));
  const auto message = "<" + std::string(longest + 35, 'x');
  EXPECT_THAT(framed({"100 " + message + "5 <14>y"}),
              ElementsAre(Got{message.substr(0, longest), true, true}, counted("<14>y")));
}

TEST(MessageFramer, GivesOutWhatHasComeOfTheLastMessage) {
  EXPECT_THAT(framed({"<14>one\n<14>tw"}), ElementsAre(line("<14>one"), line("<14>tw")));
  EXPECT_THAT(framed({"20 <14>half"}), ElementsAre(Got{"<14>half", true, true}));
  EXPECT_THAT(framed({"20"}), ElementsAre(line("20")));
  EXPECT_THAT(framed({"5 <14>x5"}), ElementsAre(counted("<14>x"), line("5")));
}

TEST(MessageFramer, PassesAnyBytes) {
  const std::string bytes = "<14>\xff\xfe\x80 caf\xe9";
  EXPECT_THAT(framed({bytes + "\n"}), ElementsAre(line(bytes)));
  EXPECT_THAT(framed({fmt::format("{} {}", bytes.size(), bytes)}), ElementsAre(counted(bytes)));
}

class Streams {
 public:
  explicit Streams(unsigned seed) : random_(seed) {}

  /// Pieces that mean something to the framer, in any order.
  std::string stream() {
    static const std::vector<std::string> pieces = {"<14>one\n",
                                                    "8 <134>one",
                                                    "\0"s,
                                                    "\n",
                                                    "\r\n",
                                                    "9",
                                                    " ",
                                                    "<",
                                                    "12 <14>a\nb c d",
                                                    "<14>",
                                                    std::string(70, 'x'),
                                                    "100 <" + std::string(99, 'y'),
                                                    "0 <",
                                                    "16777217 <",
                                                    "5 <14>x",
                                                    "127.0.0.1 GET\n"};
    std::string text;
    for (auto left = below(12); left > 0; --left) text += pieces[below(pieces.size())];
    return text;
  }

  std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < text.size();) {
      const auto size = std::min(1 + below(9), text.size() - at);
      parts.push_back(text.substr(at, size));
      at += size;
    }
    return parts;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::mt19937 random_;
};

TEST(MessageFramer, FindsTheSameMessagesHoweverTheBytesArrive) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    Streams streams(seed);
    const auto text = streams.stream();
    const auto whole = framed({text});
    EXPECT_EQ(framed(streams.split(text)), whole) << "seed " << seed;
    std::vector<std::string> bytes;
    for (const char byte : text) bytes.emplace_back(1, byte);
    EXPECT_EQ(framed(bytes), whole) << "seed " << seed;
  }
}

}  // namespace
}  // namespace triaged::sources
