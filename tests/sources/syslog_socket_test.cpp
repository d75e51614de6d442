// Where syslog is to be received and cannot be, and the files of unix sockets.
#include <filesystem>
#include <fstream>

#include "syslog_listener.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "sources/syslog/bound_socket.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(SyslogAt, SaysThatAPortIsInUseAndTriesAgain) {
  const auto address = fmt::format("udp://127.0.0.1:{}", free_port(SOCK_DGRAM));
  const Sending nobody(must(read_listen_address(address)));
  auto other = must(bind_socket(must(read_listen_address(address)), 0));
  listen(address);
  EXPECT_THAT(source->take_messages(),
              ElementsAre(fmt::format("cannot receive syslog at {}: Address already in use; 'ss -ulpn sport = :{}' "
                                      "shows which program listens there (will try again)",
                                      address, options.listen[0].port)));
  EXPECT_EQ(metric("triaged_syslog_open"), 0);
  (void)next(5s);
  EXPECT_THAT(source->take_messages(), IsEmpty()) << "it is said once";
  other.socket.close();
  (void)next(5s);
  EXPECT_THAT(source->take_messages(), ElementsAre(fmt::format("syslog {} is received now", address)));
  sender().send("one");
  EXPECT_THAT(texts(), ElementsAre("one"));
}

class SyslogSocketFile : public SyslogAt {
 protected:
  [[nodiscard]] unsigned mode() const {
    struct stat status {};
    EXPECT_EQ(::lstat(path("log").c_str(), &status), 0);
    return status.st_mode & 07777;
  }
};

TEST_F(SyslogSocketFile, HasItsModeAndIsGoneInTheEnd) {
  options.socket_mode = 0622;
  listen(unixgram());
  EXPECT_EQ(mode(), 0622u);
  options.socket_mode = 0666;
  open();
  EXPECT_EQ(mode(), 0666u) << "a reload changes it";
  source.reset();
  kept.forget_unused();
  EXPECT_FALSE(std::filesystem::exists(path("log")));
}

TEST_F(SyslogSocketFile, ReplacesOneThatNobodyListensAt) {
  {
    auto gone = must(bind_socket(must(read_listen_address(unixgram())), 0600));
    std::filesystem::rename(path("log"), path("kept"));  // as a process that was killed leaves it
  }
  std::filesystem::rename(path("kept"), path("log"));
  listen(unixgram());
  EXPECT_THAT(source->take_messages(), IsEmpty());
  sender().send("one");
  EXPECT_THAT(texts(), ElementsAre("one"));
}

TEST_F(SyslogSocketFile, LeavesOneThatSomebodyListensAt) {
  const auto other = must(bind_socket(must(read_listen_address(unixgram())), 0600));
  listen(unixgram());
  EXPECT_THAT(source->take_messages(),
              ElementsAre(fmt::format("cannot receive syslog at {}: another program listens there; 'ss -xlp src {}' "
                                      "shows which (will try again)",
                                      unixgram(), path("log"))));
  EXPECT_TRUE(std::filesystem::exists(path("log")));
}

TEST_F(SyslogSocketFile, LeavesWhatIsNoSocket) {
  std::ofstream(path("log")) << "precious";
  listen(unixgram());
  EXPECT_THAT(source->take_messages(),
              ElementsAre(fmt::format("cannot receive syslog at {}: something that is no socket stands at this path; "
                                      "move it away, or take another path (will try again)",
                                      unixgram())));
  source.reset();
  EXPECT_TRUE(std::filesystem::is_regular_file(path("log")));
}

TEST_F(SyslogSocketFile, NeedsItsFolder) {
  listen("unix://" + path("nowhere/log"));
  EXPECT_THAT(source->take_messages(), ElementsAre(HasSubstr("No such file or directory; make the folder first")));
}

}  // namespace
}  // namespace triaged::sources
