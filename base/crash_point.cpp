#include "base/crash_point.hpp"

#ifdef TRIAGED_CRASH_POINTS

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>

namespace triaged::inline base {

namespace {

struct Chosen {
  std::string_view name;
  std::atomic<long> passings_left{1};
};

Chosen& chosen() {
  static Chosen choice;
  static const bool is_read = [] {
    const char* text = std::getenv("TRIAGED_CRASH_AT");
    if (text == nullptr) return false;
    const std::string_view whole(text);
    choice.name = whole.substr(0, whole.find(':'));
    if (choice.name.size() < whole.size()) {
      long passings = 1;
      std::from_chars(whole.data() + choice.name.size() + 1, whole.data() + whole.size(), passings);
      choice.passings_left = passings;
    }
    return true;
  }();
  (void)is_read;
  return choice;
}

}  // namespace

void crash_point(std::string_view name) {
  auto& choice = chosen();
  if (choice.name != name || --choice.passings_left != 0) return;
  (void)std::raise(SIGKILL);
}

}  // namespace triaged::inline base

#else

namespace triaged::inline base {

void crash_point(std::string_view) {}

}  // namespace triaged::inline base

#endif
