#include "formats/envelope/entry_lines.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

constexpr std::size_t longest_entry = 64 * 1024;

/// `MESSAGE` at the beginning: its size.
std::size_t field_name_at(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && (is_upper(text[size]) || is_digit(text[size]) || text[size] == '_')) ++size;
  return size;
}

/// `Sat 2026-11-21 01:16:33.123456 UTC [s=2a1f…;i=1;b=0000…;m=f4240;t=660bf1c7b4080;x=650bddc15af681ba]`: its time.
std::optional<TimePoint> head_of_verbose(std::string_view line) {
  const auto cursor = line.find(" [s=");
  if (cursor == std::string_view::npos || !line.ends_with(']') || !contains(line, ";b=")) return std::nullopt;
  const auto at = line.find(";t=", cursor);
  if (at == std::string_view::npos) return std::nullopt;
  const auto number = line.substr(at + 3, line.find(';', at + 3) - at - 3);
  std::int64_t microseconds = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), microseconds, 16);
  if (failure != std::errc() || end != number.data() + number.size() || microseconds <= 0) return std::nullopt;
  return TimePoint(Microseconds(microseconds));
}

/// `	"MESSAGE" : …`.
bool is_pretty_field(std::string_view line) {
  if (!line.starts_with("\t\"")) return false;
  const auto name = field_name_at(line.substr(2));
  return name > 0 && line.substr(2 + name).starts_with("\" : ");
}

}  // namespace

void EntryLines::clear() { *this = {}; }

EntryLines::Place EntryLines::finish(Form next) {
  form_ = next;
  return std::exchange(was_read_, true) || message_.empty() ? Place::inside : Place::whole;
}

void EntryLines::set_field(std::string_view name, std::string_view value) {
  constexpr std::size_t longest_name = 256;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"SYSLOG_IDENTIFIER", &program_}, {"_TRANSPORT", &transport_}, {"SYSLOG_FACILITY", &facility_}, {"_PID", &pid_},
      {"_SYSTEMD_UNIT", &unit_},        {"_HOSTNAME", &host_}};
  if (name == "MESSAGE") message_.assign(value.substr(0, longest_entry));
  if (name == "__REALTIME_TIMESTAMP") {
    std::int64_t microseconds = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), microseconds);
    if (failure == std::errc() && microseconds > 0) time_ = TimePoint(Microseconds(microseconds));
  }
  for (const auto& [known, text] : texts) {
    if (name == known) text->assign(value.substr(0, longest_name));
  }
}

bool EntryLines::is_head(std::string_view line) {
  constexpr std::size_t shortest = 80;
  if (line == "{") return true;
  if (line.size() < shortest) return false;
  return line.starts_with("__CURSOR=s=") || (line.ends_with(']') && head_of_verbose(line).has_value());
}

EntryLines::Place EntryLines::begin(std::string_view line) {
  clear();
  if (line == "{") {  // it says nothing, whatever it begins
    form_ = Form::brace;
    return Place::outside;
  }
  time_ = head_of_verbose(line);
  form_ = time_ ? Form::verbose : Form::exported;
  return Place::inside;
}

EntryLines::Place EntryLines::take_verbose(std::string_view line) {
  constexpr std::string_view margin = "    ";
  if (!line.starts_with(margin)) {
    clear();
    return Place::outside;
  }
  const auto field = line.substr(margin.size());
  const auto name = field_name_at(field);
  if (name == 0 || !field.substr(name).starts_with('=')) return Place::inside;
  set_field(field.substr(0, name), field.substr(name + 1));
  const bool is_known = !message_.empty() && !program_.empty() && !transport_.empty();
  return is_known ? finish(Form::verbose) : Place::inside;
}

EntryLines::Place EntryLines::take_exported(std::string_view line, std::size_t end_size) {
  if (!value_name_.empty()) return take_value(line, end_size);
  if (line.empty()) return finish(Form::none);
  const auto name = field_name_at(line);
  if (name > 0 && name == line.size()) {
    value_name_ = line;
  } else if (name > 0 && line[name] == '=') {
    set_field(line.substr(0, name), line.substr(name + 1));
  } else {
    clear();
    return Place::outside;
  }
  return Place::inside;
}

/// Behind a name alone: eight bytes with the value's length, the value, a line feed.
EntryLines::Place EntryLines::take_value(std::string_view line, std::size_t end_size) {
  constexpr std::size_t head = 8;
  value_.append(line);
  if (end_size > 1) value_ += '\r';
  value_ += '\n';
  if (value_.size() < head) return Place::inside;
  std::uint64_t size = 0;
  for (std::size_t i = head; i-- > 0;) size = size << 8 | static_cast<unsigned char>(value_[i]);
  if (size > longest_entry) {  // nobody can tell where it ends
    clear();
    return Place::inside;
  }
  if (value_.size() < head + size + 1) return Place::inside;
  set_field(value_name_, std::string_view(value_).substr(head, size));
  value_name_.clear();
  value_.clear();
  return Place::inside;
}

EntryLines::Place EntryLines::take_pretty(std::string_view line) {
  object_.append(line);
  if (line == "}") {
    message_ = std::exchange(object_, {});
    return finish(Form::none);
  }
  if (is_pretty_field(line) || line.starts_with("\t\t") || line.starts_with("\t]")) {
    if (object_.size() <= longest_entry) return Place::inside;
  }
  clear();
  return Place::outside;
}

EntryLines::Place EntryLines::take_open(std::string_view line, std::size_t end_size) {
  if (form_ == Form::exported) return take_exported(line, end_size);
  if (form_ == Form::pretty) return take_pretty(line);
  if (form_ == Form::verbose) return take_verbose(line);
  if (!is_pretty_field(line)) {
    clear();
    return Place::outside;
  }
  form_ = Form::pretty;
  object_ = "{";
  return take_pretty(line);
}

Layer EntryLines::layer() const {
  Layer layer{.kind = LayerKind::entry, .text = message_, .key = program_, .is_certain = true, .time = time_};
  layer.host = host_;
  layer.program = program_;
  layer.pid = pid_;
  layer.unit = unit_;
  if (!transport_.empty()) {
    const bool is_facility_its = facility_.empty() || facility_ == "0";
    layer.is_kernel = transport_ == "kernel" && program_ == "kernel" && is_facility_its;
  }
  return layer;
}

}  // namespace triaged::formats
