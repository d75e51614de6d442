#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "tests/support/recorded_host.hpp"

namespace triaged::probes {
namespace {

/// dbus-daemon shuts its door on a user that it cannot look up, after the connection stands.
enum class Door { open, shut };

/// A system bus on which systemd knows one unit, gunicorn.service, in a state of the test's choice. One client.
class FakeSystemd {
 public:
  explicit FakeSystemd(std::string state, Door door = Door::open)
      : door_(door), state_(std::move(state)), listening_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    const auto path = (folder_.path() / "bus").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listening_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listening_, 1), 0);
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + path).c_str(), 1);
    std::filesystem::create_directories(host_.root() / "run/systemd/system");
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeSystemd() {
    thread_.join();
    ::close(listening_);
    ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  }
  FakeSystemd(const FakeSystemd&) = delete;
  FakeSystemd& operator=(const FakeSystemd&) = delete;

  [[nodiscard]] std::filesystem::path root() const { return host_.root(); }

 private:
  void serve() {
    const int client = ::accept(listening_, nullptr, nullptr);
    if (door_ == Door::shut) {
      ::close(client);
      return;
    }
    sd_bus* bus = nullptr;
    sd_id128_t id{};
    sd_id128_randomize(&id);
    EXPECT_GE(sd_bus_new(&bus), 0);
    EXPECT_GE(sd_bus_set_fd(bus, client, client), 0);
    EXPECT_GE(sd_bus_set_server(bus, 1, id), 0);
    EXPECT_GE(sd_bus_add_filter(bus, nullptr, &FakeSystemd::answer, this), 0);
    EXPECT_GE(sd_bus_start(bus), 0);
    while (true) {
      const int done = sd_bus_process(bus, nullptr);
      if (done < 0) break;  // the client has left
      if (done == 0 && sd_bus_wait(bus, 10'000'000) <= 0) break;
    }
    sd_bus_close(bus);
    sd_bus_unref(bus);
  }

  static int answer(sd_bus_message* message, void* self, sd_bus_error*) {
    if (sd_bus_message_is_method_call(message, "org.freedesktop.DBus", "Hello") > 0) {
      return sd_bus_reply_method_return(message, "s", ":1.1");
    }
    if (sd_bus_message_is_method_call(message, "org.freedesktop.systemd1.Manager", "GetUnit") > 0) {
      const char* name = nullptr;
      sd_bus_message_read(message, "s", &name);
      if (std::string_view(name) != "gunicorn.service") {
        return sd_bus_reply_method_errorf(message, "org.freedesktop.systemd1.NoSuchUnit", "Unit %s not loaded.", name);
      }
      return sd_bus_reply_method_return(message, "o", "/org/freedesktop/systemd1/unit/gunicorn_2eservice");
    }
    if (sd_bus_message_is_method_call(message, "org.freedesktop.DBus.Properties", "Get") > 0) {
      return sd_bus_reply_method_return(message, "v", "s", static_cast<FakeSystemd*>(self)->state_.c_str());
    }
    return 0;
  }

  const Door door_;
  const std::string state_;
  const int listening_;
  TemporaryFolder folder_;
  ChangedHost host_;
  std::thread thread_;
};

Finding seen(const std::string& state, std::string unit = "gunicorn.service") {
  const FakeSystemd systemd(state);
  return probe_host({.kind = ProbeKind::unit, .subject = std::move(unit)}, systemd.root());
}

TEST(Unit, IsFailedOrActiveAsSystemdSays) {
  EXPECT_EQ(seen("failed").probe, "unit-failed");
  EXPECT_EQ(seen("failed").text, "systemd says that gunicorn.service is failed");
  EXPECT_EQ(seen("active").probe, "unit-active");
}

TEST(Unit, IsUnknownInBetweenAndWhenSystemdHasNone) {
  EXPECT_EQ(seen("activating").probe, "");
  EXPECT_EQ(seen("activating").text, "systemd says that gunicorn.service is activating");
  EXPECT_EQ(seen("failed", "shop.service").text, "systemd has no such unit loaded");
}

TEST(Unit, IsUnknownForAUserThatTheBusDoesNotLetIn) {
  const FakeSystemd systemd("failed", Door::shut);
  const auto found = probe_host({.kind = ProbeKind::unit, .subject = "gunicorn.service"}, systemd.root());
  EXPECT_EQ(found.probe, "");
  EXPECT_TRUE(found.text.starts_with("the system bus does not answer: ")) << found.text;
}

}  // namespace
}  // namespace triaged::probes
