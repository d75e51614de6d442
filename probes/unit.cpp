// unit-failed, unit-active: what systemd says of a unit now. Asked over the system bus, read-only; where no systemd
// runs (a container) nothing is known.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <systemd/sd-bus.h>

#include "base/result.hpp"
#include "probes/probe_kinds.hpp"

namespace triaged::probes {

namespace {

constexpr std::uint64_t longest_call = 400'000;  // microseconds

struct BusClose {
  void operator()(sd_bus* bus) const noexcept { sd_bus_close_unref(bus); }
};
struct MessageFree {
  void operator()(sd_bus_message* message) const noexcept { sd_bus_message_unref(message); }
};
struct Free {
  void operator()(char* text) const noexcept { std::free(text); }
};
using Bus = std::unique_ptr<sd_bus, BusClose>;
using Message = std::unique_ptr<sd_bus_message, MessageFree>;
using BusText = std::unique_ptr<char, Free>;

constexpr const char* service = "org.freedesktop.systemd1";

bool is_unit_name(std::string_view text) {
  constexpr std::size_t longest = 255;
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":-_.\\@").find(c) != std::string_view::npos;
  };
  return text.size() <= longest && text.ends_with(".service") && std::all_of(text.begin(), text.end(), is_allowed);
}

struct BusError {
  sd_bus_error value = SD_BUS_ERROR_NULL;
  BusError() = default;
  BusError(const BusError&) = delete;
  BusError& operator=(const BusError&) = delete;
  ~BusError() { sd_bus_error_free(&value); }
};

// A bus that does not know the user lets it connect, and breaks off at any later moment.
std::string does_not_answer(int answer) {
  return fmt::format("the system bus does not answer: {}", std::generic_category().message(-answer));
}

/// The unit's path on the bus. One that is not loaded is not loaded for the question's sake.
Result<std::string> loaded_unit(sd_bus* bus, const std::string& name) {
  BusError failure;
  sd_bus_message* raw = nullptr;
  const int answer = sd_bus_call_method(bus, service, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                                        "GetUnit", &failure.value, &raw, "s", name.c_str());
  const Message reply(raw);
  if (sd_bus_error_has_name(&failure.value, "org.freedesktop.systemd1.NoSuchUnit") != 0) {
    return error("systemd has no such unit loaded");
  }
  if (answer < 0) return error(does_not_answer(answer));
  const char* path = nullptr;
  if (sd_bus_message_read(reply.get(), "o", &path) < 0) return error("systemd does not say where the unit is");
  return Result<std::string>(boost::system::in_place_value, path);
}

}  // namespace

Finding probe_unit(const ProbeQuestion& question, const std::filesystem::path& root) {
  if (!is_unit_name(question.subject)) return unknown_because("this is not the name of a service");
  std::error_code ignored;
  if (!std::filesystem::is_directory(root / "run/systemd/system", ignored)) {
    return unknown_because("no systemd runs here");
  }
  sd_bus* raw = nullptr;
  if (const int answer = sd_bus_open_system(&raw); answer < 0) return unknown_because(does_not_answer(answer));
  const Bus bus(raw);
  sd_bus_set_method_call_timeout(bus.get(), longest_call);
  const auto path = loaded_unit(bus.get(), question.subject);
  if (!path) return unknown_because(path.error().message);
  char* raw_state = nullptr;
  const int answer = sd_bus_get_property_string(bus.get(), service, path->c_str(), "org.freedesktop.systemd1.Unit",
                                                "ActiveState", nullptr, &raw_state);
  const BusText state(raw_state);
  if (answer < 0) return unknown_because("systemd does not say in which state it is");
  const std::string_view text(state.get());
  const auto sentence = fmt::format("systemd says that {} is {}", question.subject, text);
  if (text == "failed") return {"unit-failed", sentence};
  if (text == "active" || text == "reloading") return {"unit-active", sentence};
  return unknown_because(sentence);
}

}  // namespace triaged::probes
