// The options of the kind `syslog`: what may stand there, and what is said of what may not.
#include "sources/syslog/syslog_options.hpp"

#include <fstream>

#include <gmock/gmock.h>

#include "sources/make_source.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

class SyslogOptionsOf : public testing::Test {
 protected:
  /// `text` is a list of entries, as it stands under `sources:`.
  std::vector<SyslogOptions> read(const std::string& text) {
    problems_.clear();
    const auto documents = read_yaml(text, "t.yaml", problems_);
    std::vector<SyslogOptions> all;
    Claims claims;
    for (const auto& item : documents.at(0).items) {
      if (auto entry = read_source(item, "t.yaml", problems_, claims, [](YamlMapReader&) {})) {
        all.push_back(std::any_cast<SyslogOptions>(entry->options));
      }
    }
    return all;
  }
  std::vector<std::string> problems_of(const std::string& text) {
    (void)read(text);
    return problems();
  }
  [[nodiscard]] std::vector<std::string> problems() const {
    std::vector<std::string> texts;
    for (const auto& problem : problems_) texts.push_back(to_text(problem));
    return texts;
  }
  [[nodiscard]] std::string file(std::string_view name) const {
    const auto path = (folder_.path() / name).string();
    std::ofstream(path) << "PEM\n";
    return path;
  }

 private:
  TemporaryFolder folder_;
  Problems problems_;
};

std::string mistake_in(std::string_view address) {
  const auto read = read_listen_address(address);
  return read ? "" : read.error().message;
}

TEST(ListenAddress, HasOneText) {
  for (const auto* text : {"udp://127.0.0.1:5514", "tcp://[::1]:5514", "tls://0.0.0.0:6514", "unix:///run/a.stream",
                           "unixgram:///run/triaged/log"}) {
    EXPECT_EQ(must(read_listen_address(text)).text(), text);
  }
  EXPECT_EQ(must(read_listen_address("unix:///run/./x/../a")).text(), "unix:///run/a");
}

TEST(ListenAddress, KnowsWhetherOtherHostsReachIt) {
  for (const auto* text : {"udp://127.0.0.7:5514", "tcp://[::1]:5514", "unix:///run/a"}) {
    EXPECT_TRUE(must(read_listen_address(text)).is_local()) << text;
  }
  for (const auto* text : {"udp://0.0.0.0:5514", "tcp://[::]:5514", "tls://192.168.1.7:6514"}) {
    EXPECT_FALSE(must(read_listen_address(text)).is_local()) << text;
  }
}

TEST(ListenAddress, SaysHowToWriteIt) {
  EXPECT_EQ(mistake_in("127.0.0.1:5514"),
            "an address begins with udp://, tcp://, tls://, unix:// or unixgram://, such as udp://127.0.0.1:5514");
  for (const auto* text : {"tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://127.0.0.1:0", "tcp://127.0.0.1:70000"}) {
    EXPECT_EQ(mistake_in(text), "the port is missing or is none: write tcp://127.0.0.1:5514") << text;
  }
  for (const auto* text : {"tcp://localhost:5514", "tcp://:5514", "tcp://::1:5514", "tcp://[127.0.0.1]:5514"}) {
    EXPECT_EQ(mistake_in(text), "the host must be a number, such as 127.0.0.1, 0.0.0.0 or [::1]") << text;
  }
  EXPECT_EQ(mistake_in("unix://run/log"), "the path of the socket must be absolute: unixgram:///run/triaged/log");
  EXPECT_EQ(mistake_in("unix:///" + std::string(107, 'x')), "the path of a socket has at most 107 bytes");
}

TEST_F(SyslogOptionsOf, AnEntry) {
  const auto all = read(
      "[{syslog: {listen: 'udp://127.0.0.1:5514'}},\n"
      " {syslog: {listen: ['tcp://127.0.0.1:5514'], socket_mode: '0622', max_connections: 7, "
      "idle_timeout: 1h, trust_kernel: true}}]");
  EXPECT_THAT(problems(), IsEmpty());
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].listen.at(0).text(), "udp://127.0.0.1:5514");
  EXPECT_EQ(all[0].socket_mode, 0660u);
  EXPECT_EQ(all[0].max_connections, 256u);
  EXPECT_EQ(all[0].idle_timeout, 24h);
  EXPECT_FALSE(all[0].trusts_kernel);
  EXPECT_EQ(all[1].socket_mode, 0622u);
  EXPECT_EQ(all[1].max_connections, 7u);
  EXPECT_EQ(all[1].idle_timeout, 1h);
  EXPECT_TRUE(all[1].trusts_kernel);
}

TEST_F(SyslogOptionsOf, ATlsAddressNeedItsFiles) {
  const auto chain = file("chain.pem"), key = file("key.pem");
  const auto all = read("[{syslog: {listen: 'tls://127.0.0.1:6514', tls: {certificate: " + chain + ", key: " + key +
                        ", client_ca: " + chain + "}}}]");
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_EQ(all.at(0).tls, (TlsFiles{chain, key, chain}));
  EXPECT_THAT(problems_of("[{syslog: {listen: 'tls://127.0.0.1:6514'}}]"),
              ElementsAre("t.yaml:1:20: error: tls:// needs 'tls: {certificate: /path/to/chain.pem, key: "
                          "/path/to/key.pem}' (tls://127.0.0.1:6514)"));
  EXPECT_THAT(problems_of("[{syslog: {listen: 'tls://127.0.0.1:6514', tls: {certificate: chain.pem, key: /nowhere}}}]"),
              ElementsAre("t.yaml:1:63: error: this path is not absolute: write /path/to/file.pem (chain.pem)",
                          "t.yaml:1:79: error: there is no such file (/nowhere)"));
}

TEST_F(SyslogOptionsOf, AnAddressThatOthersReachAreWarnedOf) {
  EXPECT_THAT(
      problems_of("[{syslog: {listen: 'udp://0.0.0.0:5514'}}]"),
      ElementsAre("t.yaml:1:20: warning: whoever reaches udp://0.0.0.0:5514 can write log lines into triaged, and "
                  "make it report what did not happen: allow your senders only (a firewall, or tls:// with "
                  "'client_ca') (udp://0.0.0.0:5514)"));
  const auto pem = file("all.pem");
  EXPECT_THAT(
      problems_of("[{syslog: {listen: 'tls://0.0.0.0:6514', tls: {certificate: " + pem + ", key: " + pem + "}}}]"),
      ElementsAre(StartsWith("t.yaml:1:20: warning: whoever reaches tls://0.0.0.0:6514 can write")));
  EXPECT_THAT(problems_of("[{syslog: {listen: 'tls://0.0.0.0:6514', tls: {certificate: " + pem + ", key: " + pem +
                          ", client_ca: " + pem + "}}}]"),
              IsEmpty());
}

TEST_F(SyslogOptionsOf, TwoEntriesShareNoAddress) {
  EXPECT_THAT(problems_of("[{syslog: {listen: 'unix:///tmp/a'}},\n {syslog: {listen: ['unix:///tmp/./a']}}]"),
              ElementsAre("t.yaml:2:21: error: line 1 receives at this address already: leave one of them out "
                          "(unix:///tmp/./a)"));
  EXPECT_THAT(problems_of("[{syslog: {listen: ['udp://127.0.0.1:1', 'tcp://127.0.0.1:1']}}]"), IsEmpty());
}

TEST_F(SyslogOptionsOf, WhatIsWrongIsSaid) {
  EXPECT_THAT(problems_of("[{syslog: {}}]"), ElementsAre("t.yaml:1:11: error: source 'syslog' has no 'listen'"));
  EXPECT_THAT(problems_of("[{syslog: {listen: []}}]"),
              ElementsAre("t.yaml:1:20: error: 'listen' of source 'syslog' is empty: name at least one address"));
  EXPECT_THAT(problems_of("[{syslog: {listen: 'unixgram:///nowhere/at/all'}}]"),
              ElementsAre("t.yaml:1:20: warning: the folder of this socket does not exist yet: make it before triaged "
                          "starts (unixgram:///nowhere/at/all)"));
  for (const auto* mode : {"'0778'", "rw", "'10000'", "''"}) {
    EXPECT_THAT(problems_of(std::string("[{syslog: {listen: 'unix:///tmp/a', socket_mode: ") + mode + "}}]"),
                ElementsAre(StartsWith("t.yaml:1:50: error: 'socket_mode' must be an octal mode such as '0660'")))
        << mode;
  }
}

}  // namespace
}  // namespace triaged::sources
