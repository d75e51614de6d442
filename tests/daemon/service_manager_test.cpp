#include "daemon/service_manager.hpp"

#include <array>
#include <cstdlib>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/temporary_folder.hpp"

namespace triaged {
namespace {

class ServiceManager : public testing::Test {
 protected:
  void SetUp() override {
    const auto path = (folder_.path() / "notify").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "2000", 1);
    ::unsetenv("WATCHDOG_PID");
  }
  void TearDown() override {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::close(socket_);
  }

  /// Waits for it; empty: nothing came.
  std::string told(int flags = 0) const {
    std::array<char, 256> bytes{};
    const auto length = ::recv(socket_, bytes.data(), bytes.size(), flags);
    return {bytes.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
  }

 private:
  TemporaryFolder folder_;
  int socket_ = -1;
};

TEST_F(ServiceManager, HearsSignsOfLifeAgainAndAgain) {
  const SignsOfLife signs(std::chrono::hours(1));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(told(), "WATCHDOG=1");
}

TEST_F(ServiceManager, HearsNothingOfWhatHangs) {
  const SignsOfLife signs(std::chrono::seconds(0));
  EXPECT_EQ(told(MSG_DONTWAIT), "");
}

}  // namespace
}  // namespace triaged
