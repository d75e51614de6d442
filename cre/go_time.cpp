#include "cre/go_time.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace triaged::cre {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Clock {
  int year = 0;
  int month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t nanosecond = 0;
  std::int64_t offset = 0;  // seconds east of UTC
  bool is_afternoon = false, is_morning = false;
};

enum class Part {
  year,
  month,
  month_name,
  day,
  day_padded_with_blank,
  hour,
  hour_of_twelve,
  minute,
  second,
  half_of_day,
  fraction,
  offset,
  offset_or_z
};

struct Token {
  std::string_view text;
  Part part;
};

constexpr std::array<Token, 12> tokens = {{{"2006", Part::year},
                                           {"Jan", Part::month_name},
                                           {"01", Part::month},
                                           {"02", Part::day},
                                           {"_2", Part::day_padded_with_blank},
                                           {"15", Part::hour},
                                           {"03", Part::hour_of_twelve},
                                           {"04", Part::minute},
                                           {"05", Part::second},
                                           {"PM", Part::half_of_day},
                                           {"-0700", Part::offset},
                                           {"Z07:00", Part::offset_or_z}}};

constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                     "jul", "aug", "sep", "oct", "nov", "dec"};

std::size_t digits_at(std::string_view text) { return std::min(text.find_first_not_of("0123456789"), text.size()); }

/// The text being read, consumed from its front.
class Reader {
 public:
  Reader(std::string_view layout, std::string_view text) : layout_(layout), text_(text) {}

  bool read(Clock& clock) {
    while (!layout_.empty()) {
      if (const auto length = fraction_length(); length > 0) {
        layout_.remove_prefix(length);
        if (!read_fraction(length, clock)) return false;
        continue;
      }
      const auto token = std::find_if(tokens.begin(), tokens.end(),
                                      [&](const Token& known) { return layout_.starts_with(known.text); });
      if (token == tokens.end()) {
        if (!skip_one()) return false;
        continue;
      }
      layout_.remove_prefix(token->text.size());
      if (!read_part(token->part, clock)) return false;
    }
    return text_.empty();
  }

 private:
  /// ".000" or ",000": digits that end there.
  [[nodiscard]] std::size_t fraction_length() const {
    if (layout_.size() < 2 || (layout_[0] != '.' && layout_[0] != ',') || layout_[1] != '0') return 0;
    const auto zeros = std::min(layout_.find_first_not_of('0', 1), layout_.size());
    return zeros < layout_.size() && is_digit(layout_[zeros]) ? 0 : zeros;
  }

  bool skip_one() {
    if (layout_.front() == ' ') {
      if (!text_.empty() && text_.front() != ' ') return false;
      layout_.remove_prefix(std::min(layout_.find_first_not_of(' '), layout_.size()));
      text_.remove_prefix(std::min(text_.find_first_not_of(' '), text_.size()));
      return true;
    }
    if (text_.empty() || text_.front() != layout_.front()) return false;
    layout_.remove_prefix(1);
    text_.remove_prefix(1);
    return true;
  }

  bool read_number(std::size_t fewest, std::size_t most, int& number) {
    const auto length = std::min(digits_at(text_), most);
    if (length < fewest) return false;
    number = 0;
    for (const char c : text_.substr(0, length)) number = number * 10 + (c - '0');
    text_.remove_prefix(length);
    return true;
  }

  bool read_part(Part part, Clock& clock) {
    switch (part) {
      case Part::year:
        return read_number(4, 4, clock.year);
      case Part::month:
        return read_number(2, 2, clock.month) && clock.month >= 1 && clock.month <= 12;
      case Part::month_name:
        return read_month_name(clock);
      case Part::day:
        return read_number(2, 2, clock.day);
      case Part::day_padded_with_blank:
        if (text_.starts_with(' ')) text_.remove_prefix(1);
        return read_number(1, 2, clock.day);
      case Part::hour:
        return read_number(1, 2, clock.hour) && clock.hour < 24;
      case Part::hour_of_twelve:
        return read_number(2, 2, clock.hour) && clock.hour <= 12;
      case Part::minute:
        return read_number(2, 2, clock.minute) && clock.minute < 60;
      case Part::second:
        return read_number(2, 2, clock.second) && clock.second < 60 && read_unasked_fraction(clock);
      case Part::half_of_day:
        return read_half_of_day(clock);
      case Part::offset:
        return read_offset(false, clock);
      case Part::offset_or_z:
        if (!text_.starts_with('Z')) return read_offset(true, clock);
        text_.remove_prefix(1);
        return true;
      case Part::fraction:
        return false;
    }
    return false;
  }

  bool read_month_name(Clock& clock) {
    if (text_.size() < 3) return false;
    std::string name(text_.substr(0, 3));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    const auto month = std::find(months.begin(), months.end(), name);
    if (month == months.end()) return false;
    clock.month = static_cast<int>(month - months.begin()) + 1;
    text_.remove_prefix(3);
    return true;
  }

  /// A point or comma and `length` - 1 digits.
  bool read_fraction(std::size_t length, Clock& clock) {
    if (text_.size() < length || (text_[0] != '.' && text_[0] != ',')) return false;
    std::int64_t scale = 100'000'000;
    clock.nanosecond = 0;
    for (const char c : text_.substr(1, length - 1)) {
      if (!is_digit(c)) return false;
      clock.nanosecond += (c - '0') * scale;
      scale /= 10;
    }
    text_.remove_prefix(length);
    return true;
  }

  bool read_unasked_fraction(Clock& clock) {
    if (text_.size() < 2 || (text_[0] != '.' && text_[0] != ',') || !is_digit(text_[1])) return true;
    if (fraction_length() > 0) return true;
    return read_fraction(1 + digits_at(text_.substr(1)), clock);
  }

  bool read_half_of_day(Clock& clock) {
    clock.is_afternoon = text_.starts_with("PM");
    clock.is_morning = text_.starts_with("AM");
    if (!clock.is_afternoon && !clock.is_morning) return false;
    text_.remove_prefix(2);
    return true;
  }

  bool read_offset(bool has_colon, Clock& clock) {
    if (text_.empty() || (text_[0] != '+' && text_[0] != '-')) return false;
    const int sign = text_[0] == '-' ? -1 : 1;
    text_.remove_prefix(1);
    int hours = 0, minutes = 0;
    if (!read_number(2, 2, hours) || hours > 24) return false;
    if (has_colon) {
      if (!text_.starts_with(':')) return false;
      text_.remove_prefix(1);
    }
    if (!read_number(2, 2, minutes) || minutes > 60) return false;
    clock.offset = sign * (hours * 3600 + minutes * 60);
    return true;
  }

  std::string_view layout_, text_;
};

/// v0.0.20 of the engine: this year, unless the month lies more than one ahead.
int guessed_year(int month, TimePoint reference) {
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(reference));
  const int this_month = static_cast<int>(static_cast<unsigned>(today.month()));
  return static_cast<int>(today.year()) - (month - this_month > 1 ? 1 : 0);
}

}  // namespace

std::optional<std::int64_t> parse_go_time(std::string_view layout, std::string_view text, TimePoint reference) {
  using std::chrono::day, std::chrono::month, std::chrono::sys_days, std::chrono::year;
  Clock clock;
  if (!Reader(layout, text).read(clock)) return std::nullopt;
  const auto month_of_year = month(static_cast<unsigned>(clock.month));
  // Year 0, of times without one, is a leap year.
  if (clock.day < 1 || !(year(clock.year) / month_of_year / day(static_cast<unsigned>(clock.day))).ok()) {
    return std::nullopt;
  }
  if (clock.is_afternoon && clock.hour < 12) clock.hour += 12;
  if (clock.is_morning && clock.hour == 12) clock.hour = 0;
  if (clock.year == 0) clock.year = guessed_year(clock.month, reference);
  // 29 February of a year without one is 1 March.
  const auto first = sys_days(year(clock.year) / month_of_year / day(1));
  const auto days = (first + std::chrono::days(clock.day - 1)).time_since_epoch().count();
  const std::int64_t seconds = std::int64_t{days} * 86'400 + clock.hour * 3600 + clock.minute * 60 + clock.second;
  std::int64_t nanoseconds = 0;
  if (__builtin_mul_overflow(seconds - clock.offset, std::int64_t{1'000'000'000}, &nanoseconds)) return std::nullopt;
  return nanoseconds + clock.nanosecond;
}

}  // namespace triaged::cre
