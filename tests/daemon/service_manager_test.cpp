#include "daemon/service_manager.hpp"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/temporary_folder.hpp"

namespace triaged::daemon {
namespace {

class ServiceManager : public testing::Test {
 protected:
  void SetUp() override {
    listen_at((folder_.path() / "notify").string());
    ::setenv("WATCHDOG_USEC", "2000", 1);
    ::unsetenv("WATCHDOG_PID");
  }
  void TearDown() override {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::close(socket_);
  }

  /// `name` as systemd writes it: a path, or one that begins with @ for an abstract socket.
  void listen_at(const std::string& name) {
    if (socket_ >= 0) ::close(socket_);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (name.starts_with('@')) address.sun_path[0] = '\0';
    const auto size = offsetof(sockaddr_un, sun_path) + name.size() + (name.starts_with('@') ? 0 : 1);
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)), 0);
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }

  /// Until the socket takes nothing more.
  static void fill() {
    for (int i = 0; i < 100'000; ++i) {
      if (!tell_status("following 1 files")) return;
    }
    FAIL() << "the socket never got full";
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

TEST_F(ServiceManager, NeverMakesAnybodyWaitAndStillLearnsWhatMatters) {
  fill();
  tell_alive();
  tell_ready();
  tell_reloading();
  tell_ready();
  EXPECT_FALSE(tell_status("another"));
  std::vector<std::string> all;
  while (all.empty() || !all.back().empty()) all.push_back(told(MSG_DONTWAIT));
  EXPECT_TRUE(tell_status("following 2 files"));
  EXPECT_EQ(told(), "READY=1");
  EXPECT_TRUE(told().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_EQ(told(), "READY=1");
  EXPECT_EQ(told(), "STATUS=following 2 files");
}

TEST_F(ServiceManager, IsReachedAtAnAbstractSocket) {
  listen_at("@triaged-service-manager-test-" + std::to_string(::getpid()));
  tell_stopping();
  EXPECT_EQ(told(), "STOPPING=1");
}

TEST_F(ServiceManager, MayBeGone) {
  ::setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
  tell_ready();
  EXPECT_TRUE(tell_status("nobody hears this"));
}

}  // namespace
}  // namespace triaged::daemon
