#include "cre/cre_log.hpp"

#include <array>
#include <charconv>
#include <vector>

#include <re2/re2.h>
#include <simdjson.h>

#include "cre/go_time.hpp"

namespace triaged::cre {

namespace {

constexpr int lines_tried = 51;

/// How the text of a time is read: by a layout of Go's, or as a number.
constexpr std::string_view epoch = "epoch";
constexpr std::string_view seconds_and_fraction = "sec.frac";

struct TimeSpec {
  const char* pattern;  // its first group is the time
  std::string_view layout;
};

/// In the order in which they are tried. The engine's own list ends most patterns with a blank, which it trims off
/// before it uses them: "…\.\d{3}) " finds a time of microseconds, too, and cuts it.
constexpr std::array<TimeSpec, 27> specs = {{
    {R"re("time":(\d{16,19}))re", epoch},
    {R"re(^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+\-]\d{2}:\d{2})))re", go_rfc3339},
    {R"re(^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2},\d{5}))re", "2006-01-02 15:04:05,00000"},
    {R"re(^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{6}[+-]\d{4}))re", "2006-01-02 15:04:05.000000-0700"},
    {R"re(^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}))re", "2006-01-02 15:04:05.000"},
    {R"re(^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}))re", "2006-01-02 15:04:05"},
    {R"re(^([A-Z][a-z]{2}\s{1,2}\d{1,2}\s\d{2}:\d{2}:\d{2}\.\d{6}))re", "Jan _2 15:04:05.000000"},
    {R"re(^([A-Z][a-z]{2}\s{1,2}\d{1,2}\s\d{2}:\d{2}:\d{2}))re", "Jan _2 15:04:05"},
    {R"re(^[IWEF](\d{4} \d{2}:\d{2}:\d{2}\.\d{6}))re", "0102 15:04:05.000000"},
    {R"re(^\[(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2},\d{3})\])re", "2006-01-02 15:04:05,000"},
    {R"re(^(\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}))re", "2006/01/02 15:04:05"},
    {R"re(^(\d{2}/\d{2}/\d{4}, \d{2}:\d{2}:\d{2}))re", "01/02/2006, 15:04:05"},
    {R"re(^(\d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2}\.\d{3}))re", "02 Jan 2006 15:04:05.000"},
    {R"re(^(\d{4} [A-Z][a-z]{2} \d{2} \d{2}:\d{2}:\d{2}\.\d{3}))re", "2006 Jan 02 15:04:05.000"},
    {R"re(^(\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2}\.\d{3}))re", "02/Jan/2006:15:04:05.000"},
    {R"re(^(\d{2}/\d{2}/\d{4} \d{2}:\d{2}:\d{2} (AM|PM)))re", "01/02/2006 03:04:05 PM"},
    {R"re(^(\d{4} [A-Z][a-z]{2} \d{2} \d{2}:\d{2}:\d{2}))re", "2006 Jan 02 15:04:05"},
    {R"re("timestamp"\s*:\s*"([^"]+)")re", go_rfc3339},
    {R"re("ts"\s*:\s*"([^"]+)")re", go_rfc3339},
    {R"re(^\[\d+\]\s+(\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}\.\d{6}))re", "2006/01/02 15:04:05.000000"},
    {R"re("creationTimestamp":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)")re", go_rfc3339},
    {R"re(^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{4})\t)re", "2006-01-02T15:04:05.000-0700"},
    {R"re("ts"\s*:\s*([0-9]+(?:\.[0-9]+)?))re", seconds_and_fraction},
    {R"re(ts=([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}Z))re", "2006-01-02T15:04:05.000000000Z"},
    {R"re("timestamp"\s*:\s*"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)")re",
     "2006-01-02T15:04:05.000000Z"},
    {R"re(/Date\((\d+)\))re", epoch},
    {R"re(time="([^"]+)")re", go_rfc3339},
}};

std::optional<std::int64_t> whole_number(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

/// Wraps where it overflows, as Go does.
std::int64_t product(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

/// Seconds, milliseconds, microseconds or nanoseconds: the number of digits says which.
std::optional<std::int64_t> epoch_time(std::string_view digits) {
  const auto number = whole_number(digits);
  if (!number || digits.size() > 16) return number;
  return product(*number, digits.size() > 13 ? 1'000 : digits.size() > 10 ? 1'000'000 : 1'000'000'000);
}

std::optional<std::int64_t> dotted_time(std::string_view text) {
  const auto point = std::min(text.find('.'), text.size());
  const auto seconds = whole_number(text.substr(0, point));
  if (!seconds) return std::nullopt;
  std::string fraction(text.substr(std::min(point + 1, text.size())));
  fraction.resize(9, '0');
  const auto nanoseconds = whole_number(fraction);
  if (!nanoseconds) return std::nullopt;
  return product(*seconds, 1'000'000'000) + *nanoseconds;
}

std::optional<std::int64_t> time_by(std::string_view layout, std::string_view text, TimePoint reference) {
  if (layout == epoch) return epoch_time(text);
  if (layout == seconds_and_fraction) return dotted_time(text);
  return parse_go_time(layout, text, reference);
}

/// Docker's: {"log":"…\n","stream":"stdout","time":"…"}.
struct DockerLine {
  std::string log, stream;
  std::optional<std::int64_t> at;
};

/// Keys are compared without regard to capitals, as Go does.
bool is_key(std::string_view key, std::string_view wanted) {
  return key.size() == wanted.size() && std::equal(key.begin(), key.end(), wanted.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
         });
}

bool take_text(simdjson::dom::element value, std::string& into) {
  if (value.is_null()) return true;
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return false;
  into = text;
  return true;
}

std::optional<DockerLine> read_docker(std::string_view line, TimePoint reference) {
  if (line.find('{') == std::string_view::npos) return std::nullopt;
  thread_local simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(line.data(), line.size(), true).get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  DockerLine read;
  std::string time;
  for (const auto& [key, value] : object) {
    bool is_good = true;
    if (is_key(key, "log")) is_good = take_text(value, read.log);
    if (is_key(key, "stream")) is_good = take_text(value, read.stream);
    if (is_key(key, "time")) is_good = take_text(value, time);
    if (!is_good) return std::nullopt;
  }
  if (time.empty()) return read;
  read.at = parse_go_time(go_rfc3339, time, reference);
  return read.at ? std::optional(std::move(read)) : std::nullopt;
}

/// The word before the next blank, which is taken off with it; nullopt: there is no blank.
std::optional<std::string_view> take_word(std::string_view& line) {
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const auto word = line.substr(0, blank);
  line.remove_prefix(blank + 1);
  return word;
}

/// A container runtime's: TIME stdout|stderr P|F MESSAGE.
std::optional<CreEntry> read_container(std::string_view line, TimePoint reference) {
  const auto time = take_word(line);
  const auto at = time ? parse_go_time(go_rfc3339, *time, reference) : std::nullopt;
  const auto stream = at ? take_word(line) : std::nullopt;
  if (!stream || (*stream != "stdout" && *stream != "stderr") || !take_word(line)) return std::nullopt;
  return CreEntry{*at, std::string(line)};
}

std::optional<CreEntry> read_rfc3339(std::string_view line, TimePoint reference) {
  const auto time = take_word(line);
  const auto at = time ? parse_go_time(go_rfc3339, *time, reference) : std::nullopt;
  if (!at) return std::nullopt;
  return CreEntry{*at, std::string(line)};
}

/// What Go's zero time is in nanoseconds: a line of Docker's without a time.
constexpr std::int64_t go_zero_time = -6'795'364'578'871'345'152;

}  // namespace

struct CreLogFormat::Way {
  enum class Kind { docker, container, rfc3339, pattern };
  Kind kind = Kind::pattern;
  TimePoint reference;
  std::int64_t first_at = 0;
  std::unique_ptr<re2::RE2> pattern;
  std::string_view layout;

  [[nodiscard]] std::optional<std::int64_t> time_in(std::string_view line) const {
    re2::StringPiece time;
    if (!re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), *pattern, &time)) return std::nullopt;
    return time_by(layout, {time.data(), time.size()}, reference);
  }
};

CreLogFormat::CreLogFormat(std::unique_ptr<Way> way) : way_(std::move(way)) {}
CreLogFormat::~CreLogFormat() = default;
CreLogFormat::CreLogFormat(CreLogFormat&&) noexcept = default;
CreLogFormat& CreLogFormat::operator=(CreLogFormat&&) noexcept = default;

std::optional<CreLogFormat> CreLogFormat::detect(std::string_view sample, TimePoint reference) {
  auto way = std::make_unique<Way>();
  way->reference = reference;
  const auto found = [&](Way::Kind kind, std::int64_t at) {
    way->kind = kind;
    way->first_at = at;
    return CreLogFormat(std::move(way));
  };
  // Without a line end in the sample, only patterns are tried.
  if (const auto end = sample.find('\n'); end != std::string_view::npos) {
    const auto line = sample.substr(0, end + 1);
    if (const auto docker = read_docker(line, reference)) {
      const bool is_docker =
          !docker->log.empty() && docker->at && (docker->stream == "stdout" || docker->stream == "stderr");
      if (is_docker) return found(Way::Kind::docker, *docker->at);
    }
    if (const auto entry = read_container(line, reference)) return found(Way::Kind::container, entry->at);
    if (const auto entry = read_rfc3339(line, reference)) return found(Way::Kind::rfc3339, entry->at);
  }
  for (const auto& spec : specs) {
    way->pattern = std::make_unique<re2::RE2>(spec.pattern, re2::RE2::Latin1);
    way->layout = spec.layout;
    auto rest = sample;
    for (int tried = 0; tried < lines_tried && !rest.empty(); ++tried) {
      const auto end = std::min(rest.find('\n'), rest.size());
      auto line = rest.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (const auto at = way->time_in(line); at && *at != 0) return found(Way::Kind::pattern, *at);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return std::nullopt;
}

std::optional<CreEntry> CreLogFormat::read(std::string_view line) const {
  switch (way_->kind) {
    case Way::Kind::docker: {
      auto docker = read_docker(line, way_->reference);
      if (!docker) return std::nullopt;
      return CreEntry{docker->at.value_or(go_zero_time), std::move(docker->log)};
    }
    case Way::Kind::container:
      return read_container(line, way_->reference);
    case Way::Kind::rfc3339:
      return read_rfc3339(line, way_->reference);
    case Way::Kind::pattern: {
      const auto at = way_->time_in(line);
      if (!at) return std::nullopt;
      return CreEntry{*at, std::string(line)};
    }
  }
  return std::nullopt;
}

bool CreLogFormat::folds() const { return way_->kind == Way::Kind::rfc3339 || way_->kind == Way::Kind::pattern; }

std::int64_t CreLogFormat::first_at() const { return way_->first_at; }

}  // namespace triaged::cre
