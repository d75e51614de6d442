#include <array>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/recorded_host.hpp"

namespace triaged::probes {
namespace {

Finding seen(const std::string& address) {
  return probe_host(asked_by_nginx(ProbeKind::listener, address), recorded_host());
}

TEST(Listener, IsThereWhenSomebodyListensAtTheAddressOrAtAllAddresses) {
  EXPECT_EQ(seen("127.0.0.1:8000").probe, "listening");
  EXPECT_EQ(seen("127.0.0.1:8000").text, "a process listens on 127.0.0.1:8000");
  EXPECT_EQ(seen("127.0.0.1:8004").text, "a process listens on 0.0.0.0:8004");
  EXPECT_EQ(seen("127.0.0.1:8005").text, "a process listens on [::]:8005");
  EXPECT_EQ(seen("[::1]:8005").text, "a process listens on [::]:8005");
  EXPECT_EQ(seen("[::1]:8007").text, "a process listens on [::1]:8007");
  EXPECT_EQ(seen("localhost:8007").probe, "listening");
  EXPECT_EQ(seen("0.0.0.0:8000").probe, "listening") << "a connection to all addresses goes to this host";
}

TEST(Listener, TakesAnIpv4AddressInsideIpv6ForWhatItIs) {
  EXPECT_EQ(seen("127.0.0.1:8006").text, "a process listens on 127.0.0.1:8006");
  EXPECT_EQ(seen("[::1]:8006").probe, "not-listening");
}

TEST(Listener, IsNotThereWhenNobodyListens) {
  EXPECT_EQ(seen("127.0.0.1:8003").probe, "not-listening");
  EXPECT_EQ(seen("127.0.0.1:8003").text, "nobody listens on 127.0.0.1:8003");
  EXPECT_EQ(seen("[::1]:8000").text, "nobody listens on [::1]:8000");
  EXPECT_EQ(seen("127.0.0.2:8000").probe, "not-listening") << "another address of the loopback interface";
  EXPECT_EQ(seen("127.0.0.1:60836").probe, "not-listening") << "the end of a connection";
}

TEST(Listener, KnowsUnixSockets) {
  EXPECT_EQ(seen("unix:/run/shop.sock").text, "a process listens on unix:/run/shop.sock");
  EXPECT_EQ(seen("unix:/run/shop.soc").text, "nobody listens on unix:/run/shop.soc");
  EXPECT_EQ(seen("unix:/shop.sock").probe, "not-listening");
}

TEST(Listener, KnowsTheAddressesOfTheHostsInterfacesAndNothingOfOthers) {
  EXPECT_EQ(seen("192.0.2.2:8004").probe, "listening");
  EXPECT_EQ(seen("192.0.2.2:8000").probe, "not-listening");
  EXPECT_EQ(seen("[fd00::2]:8005").probe, "listening");
  EXPECT_EQ(seen("192.0.2.255:8004").text, "192.0.2.255:8004 is no address of this host");
  EXPECT_EQ(seen("192.0.2.255:8004").probe, "");
  EXPECT_EQ(seen("198.51.100.7:8000").text, "198.51.100.7:8000 is no address of this host");
  EXPECT_EQ(seen("[fd00::3]:8005").probe, "");
}

TEST(Listener, KnowsNothingOfWhatIsNoAddress) {
  for (const auto* text :
       {"", "shop_app", "app.example.com:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:80/../..",
        "unix:", "unix:run/x", "unix:/run/../etc/x", "::1:80", "[127.0.0.1]:80", "unix:/run/a\nb", "127.0.0.1: 80"}) {
    EXPECT_EQ(seen(text).probe, "") << text;
  }
}

TEST(Listener, IsNotAskedForWhereTheProxyIsNotToBeSeen) {
  const ChangedHost host;
  auto question = asked_by_nginx(ProbeKind::listener, "127.0.0.1:8003");
  question.writer = "77";  // a worker that is gone, or one of a container: then any nginx here
  EXPECT_EQ(probe_host(question, host.root()).probe, "not-listening");
  std::filesystem::remove_all(host.root() / "proc/1850");
  std::filesystem::remove_all(host.root() / "proc/1851");
  EXPECT_EQ(probe_host(question, host.root()).text, "no process of nginx is to be seen here");
}

TEST(Listener, IsLookedForInTheNetworkOfWhoWroteTheLine) {
  const ChangedHost host;
  std::filesystem::copy(host.root() / "proc/1850", host.root() / "proc/2850",
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
  std::filesystem::resize_file(host.root() / "proc/2850/net/tcp", 0);  // a container in which nothing listens
  auto question = asked_by_nginx(ProbeKind::listener, "127.0.0.1:8000");
  EXPECT_EQ(probe_host(question, host.root()).probe, "listening");
  question.writer = "2850";
  EXPECT_EQ(probe_host(question, host.root()).probe, "not-listening");
  question.writer = "";
  EXPECT_EQ(probe_host(question, host.root()).text, "it depends on which nginx");
}

TEST(Listener, OfAnApplicationThatIsGoneIsLookedForOnTheHostButNotInAContainer) {
  const ChangedHost host;
  std::filesystem::create_symlink("1850", host.root() / "proc/self");
  ProbeQuestion question{.kind = ProbeKind::listener, .subject = "127.0.0.1:8003", .program = "gunicorn"};
  std::filesystem::remove_all(host.root() / "proc/1700");
  std::filesystem::remove_all(host.root() / "proc/1703");
  std::filesystem::remove_all(host.root() / "proc/1704");
  EXPECT_EQ(probe_host(question, host.root()).probe, "not-listening");
  std::filesystem::remove_all(host.root() / "proc/2");
  EXPECT_EQ(probe_host(question, host.root()).text,
            "this is a container, and who wrote the log is not to be seen in it");
}

/// A socket of this process, bound to a port of the loopback interface that the kernel chose.
class BoundSocket {
 public:
  BoundSocket() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(descriptor_, any, length), 0);
    EXPECT_EQ(::getsockname(descriptor_, any, &length), 0);
    name_ = fmt::format("127.0.0.1:{}", ntohs(address.sin_port));
  }
  ~BoundSocket() { ::close(descriptor_); }
  BoundSocket(const BoundSocket&) = delete;
  BoundSocket& operator=(const BoundSocket&) = delete;

  void listen() const { EXPECT_EQ(::listen(descriptor_, 1), 0); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  int descriptor_;
  std::string name_;
};

TEST(Listener, IsSeenOnThisHostFromTheMomentItListens) {
  const BoundSocket socket;
  const ProbeQuestion question{.kind = ProbeKind::listener,
                               .subject = socket.name(),
                               .program = "probes",  // the program of this test
                               .writer = std::to_string(::getpid())};
  EXPECT_EQ(probe_host(question, "/").text, "nobody listens on " + socket.name());
  socket.listen();
  EXPECT_EQ(probe_host(question, "/").text, "a process listens on " + socket.name());
}

TEST(Process, OfAListeningSocketIsFoundOnThisHost) {
  const BoundSocket socket;
  socket.listen();
  const ProbeQuestion question{.kind = ProbeKind::process,
                               .subject = socket.name(),
                               .program = "probes",
                               .writer = std::to_string(::getpid()),
                               .since = std::chrono::floor<Microseconds>(std::chrono::system_clock::now()) + 1h};
  const auto found = probe_host(question, "/");
  EXPECT_EQ(found.probe, "process-alive") << found.text;
  EXPECT_EQ(found.text.substr(0, found.text.find('(')), fmt::format("process {} ", ::getpid()));
}

}  // namespace
}  // namespace triaged::probes
