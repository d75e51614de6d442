#include "cli/read_stamp.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace triaged::cli {

namespace {

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/// Each function takes what it is called after, or nothing and is false.
class StampReader {
 public:
  explicit StampReader(std::string_view text) : text_(text) {}

  std::optional<LogStamp> read() {
    LogStamp stamp;
    stamp.has_year = false;
    weekday();
    if (day_month_year(stamp) || year_month_day(stamp)) {
      stamp.has_year = true;
    } else if (!month_day(stamp)) {
      return std::nullopt;
    }
    if (!clock(stamp.civil)) return std::nullopt;
    if (!stamp.has_year) stamp.has_year = year_at_the_end(stamp.civil);
    zone(stamp);
    return at_ == text_.size() ? std::optional(stamp) : std::nullopt;
  }

 private:
  bool one_of(std::string_view bytes) {
    if (at_ == text_.size() || bytes.find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }

  template <class Number>
  bool digits(std::size_t count, Number& number) {
    if (at_ + count > text_.size()) return false;
    const auto* begin = text_.data() + at_;
    unsigned read = 0;
    const auto [end, failure] = std::from_chars(begin, begin + count, read);
    if (failure != std::errc() || end != begin + count) return false;
    number = static_cast<Number>(read);
    at_ += count;
    return true;
  }

  bool month(CivilTime& civil) {
    const auto found = std::ranges::find(months, text_.substr(at_, 3));
    if (found == months.end()) return false;
    civil.month = static_cast<unsigned>(found - months.begin()) + 1;
    at_ += 3;
    return true;
  }

  void weekday() {
    const auto name = text_.substr(0, 3);
    if (std::ranges::find(weekdays, name) == weekdays.end() || text_.substr(3, 1) != " ") return;
    at_ = 4;
  }

  /// "21/Nov/2026:"
  bool day_month_year(LogStamp& stamp) {
    const auto begin = at_;
    auto& civil = stamp.civil;
    if (digits(2, civil.day) && one_of("/") && month(civil) && one_of("/") && digits(4, civil.year) && one_of(": "))
      return true;
    at_ = begin;
    return false;
  }

  /// "2026/11/21 ", "2026-11-21 "
  bool year_month_day(LogStamp& stamp) {
    const auto begin = at_;
    auto& civil = stamp.civil;
    if (digits(4, civil.year) && one_of("/-") && digits(2, civil.month) && one_of("/-") && digits(2, civil.day) &&
        one_of(" T")) {
      return true;
    }
    at_ = begin;
    return false;
  }

  /// "Nov 21 ", "Nov  1 "
  bool month_day(LogStamp& stamp) {
    if (!month(stamp.civil) || !one_of(" ")) return false;
    const bool has_blank = one_of(" ");
    return (digits(has_blank ? 1 : 2, stamp.civil.day) || digits(1, stamp.civil.day)) && one_of(" ");
  }

  /// "01:15:46", "01:15:46.123456", "01:15:46,123"
  bool clock(CivilTime& civil) {
    if (!digits(2, civil.hour) || !one_of(":") || !digits(2, civil.minute) || !one_of(":") ||
        !digits(2, civil.second)) {
      return false;
    }
    const auto begin = at_;
    if (!one_of(".,")) return true;
    const auto fraction = at_;
    civil.microsecond = microseconds_at(text_, at_);
    if (at_ == fraction) at_ = begin;
    return true;
  }

  bool year_at_the_end(CivilTime& civil) {
    const auto begin = at_;
    if (one_of(" ") && digits(4, civil.year)) return true;
    at_ = begin;
    return false;
  }

  /// " +0000", "-05:00", "Z", " UTC"
  void zone(LogStamp& stamp) {
    (void)one_of(" ");
    if (text_.substr(at_) == "UTC" || text_.substr(at_) == "GMT") {
      stamp.offset = std::chrono::seconds(0);
      at_ = text_.size();
    } else {
      stamp.offset = offset_at(text_, at_);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<LogStamp> read_stamp(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  return StampReader(text).read();
}

}  // namespace triaged::cli
