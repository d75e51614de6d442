#include "formats/syslog_time.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

using namespace std::string_view_literals;

// As glibc's locales abbreviate them (%b), without full stops; those that are English are left out.
struct MonthName {
  std::string_view name;
  unsigned month;
};
constexpr std::array other_months{
    MonthName{"janv", 1},  MonthName{"ene", 1},  MonthName{"gen", 1},  MonthName{"янв", 1},  MonthName{"sty", 1},
    MonthName{"Oca", 1},   MonthName{"févr", 2}, MonthName{"fev", 2},  MonthName{"фев", 2},  MonthName{"lut", 2},
    MonthName{"Şub", 2},   MonthName{"Mär", 3},  MonthName{"mars", 3}, MonthName{"mrt", 3},  MonthName{"мар", 3},
    MonthName{"avril", 4}, MonthName{"abr", 4},  MonthName{"апр", 4},  MonthName{"kwi", 4},  MonthName{"Nis", 4},
    MonthName{"Mai", 5},   MonthName{"mai", 5},  MonthName{"mag", 5},  MonthName{"mei", 5},  MonthName{"май", 5},
    MonthName{"мая", 5},   MonthName{"maj", 5},  MonthName{"juin", 6}, MonthName{"giu", 6},  MonthName{"июн", 6},
    MonthName{"cze", 6},   MonthName{"Haz", 6},  MonthName{"juil", 7}, MonthName{"lug", 7},  MonthName{"июл", 7},
    MonthName{"lip", 7},   MonthName{"Tem", 7},  MonthName{"août", 8}, MonthName{"ago", 8},  MonthName{"авг", 8},
    MonthName{"sie", 8},   MonthName{"Ağu", 8},  MonthName{"sept", 9}, MonthName{"set", 9},  MonthName{"сен", 9},
    MonthName{"wrz", 9},   MonthName{"Eyl", 9},  MonthName{"Okt", 10}, MonthName{"okt", 10}, MonthName{"out", 10},
    MonthName{"ott", 10},  MonthName{"окт", 10}, MonthName{"paź", 10}, MonthName{"Eki", 10}, MonthName{"ноя", 11},
    MonthName{"lis", 11},  MonthName{"Kas", 11}, MonthName{"Dez", 12}, MonthName{"déc", 12}, MonthName{"dic", 12},
    MonthName{"dez", 12},  MonthName{"дек", 12}, MonthName{"gru", 12}, MonthName{"Ara", 12}};

constexpr std::size_t longest_behind_month = 32;  // " 21 01:08:11.123456"
constexpr std::string_view english_months = "JanFebMarAprMayJunJulAugSepOctNovDec";

/// "Nov 21 01:08:11", then perhaps a fraction, which is kept.
std::optional<SyslogTime> traditional_at(std::string_view text, LogTimes& times) {
  SyslogTime found;
  found.time = times.traditional(text, found.size);
  if (!found.time) return std::nullopt;
  if (found.size < text.size() && text[found.size] == '.') {
    Scanner scanner(text.substr(found.size + 1));
    std::string_view digits;
    if (!scanner.take_digits(digits) || digits.size() > 9) return std::nullopt;
    *found.time += Microseconds(microseconds_at(text, ++found.size));
  }
  return found;
}

/// "11月 21 01:08:11": Chinese, Japanese and, with another sign, Korean.
std::optional<SyslogTime> numbered_month_at(std::string_view text, LogTimes& times) {
  Scanner scanner(text);
  std::string_view number;
  scanner.skip_spaces();
  if (!scanner.take_digits(number) || number.size() > 2 || (!scanner.skip("月") && !scanner.skip("월"))) {
    return std::nullopt;
  }
  const auto month = static_cast<std::size_t>(number.size() == 1 ? number[0] - '0' : 10 + number[1] - '0');
  if (month < 1 || month > 12 || (number.size() == 2 && number[0] != '1')) return std::nullopt;
  std::string english(english_months.substr((month - 1) * 3, 3));
  english += scanner.rest().substr(0, longest_behind_month);
  auto found = traditional_at(english, times);
  if (found) found->size += text.size() - scanner.rest().size() - 3;
  return found;
}

/// The same with a month of another language.
std::optional<SyslogTime> localised_at(std::string_view text, LogTimes& times) {
  const auto end = text.substr(0, 12).find_first_of(" .");
  if (end == std::string_view::npos) return std::nullopt;
  const auto name = text.substr(0, end);
  const auto* known = std::find_if(other_months.begin(), other_months.end(),
                                   [&](const MonthName& month) { return month.name == name; });
  const bool is_shortened = text[end] == '.';  // "nov." in French
  if (known == other_months.end() && !is_shortened) return std::nullopt;
  const auto behind = end + (is_shortened ? 1 : 0);
  std::string english(known == other_months.end() ? name
                                                  : english_months.substr((known->month - 1) * std::size_t{3}, 3));
  if (english.size() != 3) return std::nullopt;
  english += text.substr(behind, longest_behind_month);
  auto found = traditional_at(english, times);
  if (found) found->size = found->size - 3 + behind;
  return found;
}

std::optional<SyslogTime> rfc3339_at(std::string_view text, LogTimes& times) {
  const auto stamp = text.substr(0, text.find_first_of(" \t"));
  SyslogTime found;
  found.time = times.iso(stamp, found.size);
  if (!found.time || found.size != stamp.size()) return std::nullopt;
  std::size_t at = std::min(stamp.find_first_of("Zz+-", 11), stamp.size());
  found.offset = offset_at(stamp, at);
  return found;
}

/// journalctl --output=short-full: "Sat 2026-11-21 01:16:33 CET". What the zone's name means nobody can tell; UTC's
/// can.
std::optional<SyslogTime> full_at(std::string_view text, LogTimes& times) {
  constexpr std::size_t day = 4;  // "Sat "
  SyslogTime found;
  std::size_t size = 0;
  found.time = times.iso(text.substr(day), size);
  if (!found.time) return std::nullopt;
  auto zone = text.substr(day + size);
  if (!zone.starts_with(' ')) return std::nullopt;
  zone = zone.substr(1, zone.find(' ', 1) - 1);
  if (zone.empty() || zone.size() > 6) return std::nullopt;
  if (zone == "UTC") {
    std::string stamp(text.substr(day, size));
    std::size_t consumed = 0;
    found.time = times.iso(stamp += 'Z', consumed);
    found.offset = std::chrono::seconds(0);
  }
  found.size = day + size + 1 + zone.size();
  return found;
}

/// journalctl --output=short-unix: "1795223793.123456".
std::optional<SyslogTime> unix_at(std::string_view text) {
  Scanner scanner(text);
  std::string_view seconds, fraction;
  if (!scanner.take_digits(seconds) || seconds.size() != 10 || !scanner.skip(".")) return std::nullopt;
  if (!scanner.take_digits(fraction) || fraction.size() != 6) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : seconds) number = number * 10 + (c - '0');
  for (const char c : fraction) number = number * 10 + (c - '0');
  return SyslogTime{.time = TimePoint(Microseconds(number)), .offset = {}, .size = 17};
}

/// journalctl --output=short-monotonic: "[12345.678901]", before a host.
std::optional<SyslogTime> monotonic_at(std::string_view text) {
  Scanner scanner(text);
  std::string_view seconds, fraction;
  if (!scanner.skip("[")) return std::nullopt;
  scanner.skip_spaces();
  if (!scanner.take_digits(seconds) || !scanner.skip(".") || !scanner.take_digits(fraction) || !scanner.skip("]")) {
    return std::nullopt;
  }
  if (fraction.size() != 6) return std::nullopt;
  return SyslogTime{.time = {}, .offset = {}, .size = text.size() - scanner.rest().size()};
}

}  // namespace

std::optional<SyslogTime> syslog_time_at(std::string_view text, LogTimes& times) {
  if (text.size() < 16) return std::nullopt;
  const char first = text[0];
  if (is_digit(first)) {
    if (text[4] == '-' && text[10] == 'T') return rfc3339_at(text, times);
    if (is_digit(text[2])) return unix_at(text);
    return numbered_month_at(text, times);
  }
  if (first == '[') return monotonic_at(text);
  if (first == ' ') return numbered_month_at(text, times);
  if (is_upper(first) && text[3] == ' ' && is_digit(text[4]) && text[8] == '-') return full_at(text, times);
  if (is_upper(first) || is_lower(first)) {
    if (auto found = traditional_at(text, times)) return found;
  }
  return localised_at(text, times);
}

}  // namespace triaged::formats
