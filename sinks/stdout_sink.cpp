#include "sinks/stdout_sink.hpp"

#include <algorithm>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "sinks/write_all.hpp"
#include "values/incident_text.hpp"

namespace triaged::sinks {

namespace {

constexpr unsigned narrowest_page = 60, widest_page = 120;

/// Colour only for a terminal whose user has not declined it (https://no-color.org). The size is asked each time,
/// because windows change.
TextStyle style_of(int descriptor) {
  TextStyle style;
  if (::isatty(descriptor) == 0) return style;
  const char* declined = std::getenv("NO_COLOR");
  style.colour = declined == nullptr || *declined == '\0';
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::clamp<unsigned>(size.ws_col, narrowest_page, widest_page);
  }
  return style;
}

struct StdoutFields {
  StdoutSink::Format format = StdoutSink::Format::text;
};

const OptionTable<StdoutFields>& table() {
  using Format = StdoutSink::Format;
  static const OptionTable<StdoutFields> table = {
      {"format", OptionsOf<StdoutFields>::word(&StdoutFields::format, {{"text", Format::text}, {"json", Format::json}}),
       "`text` is a page for people, in colour on a terminal unless `NO_COLOR` is set; `json` is one line of incident "
       "JSON each."},
  };
  return table;
}

}  // namespace

Delivery StdoutSink::deliver(const Notification& notification) {
  const auto& incident = notification.incident;
  std::string output;
  if (format_ == Format::json) {
    output = to_json(incident) + '\n';
  } else {
    auto style = style_of(descriptor_);
    style.zone = zone_;
    style.brief = incident.state == IncidentState::resolved;
    output = to_text(incident, style) + '\n';
  }
  if (!rest_.empty() && rest_of_ == notification.idempotency_key) output.clear();
  const auto begun = rest_.size();
  rest_ += output;
  const auto all = rest_.size();
  const auto written = write_within(limit_, descriptor_, rest_);
  if (written) return {};
  const bool is_this_begun = all - rest_.size() > begun || output.empty();
  if (is_this_begun) {
    rest_of_ = notification.idempotency_key;
  } else {
    rest_.resize(rest_.size() - output.size());
  }
  return {Outcome::try_again, "cannot write to standard output: " + written.error().message};
}

std::vector<OptionFacts> stdout_options() { return table().facts(); }

std::unique_ptr<Sink> read_stdout_sink(YamlMapReader& fields, const TimeZone& zone) {
  StdoutFields given;
  table().read(fields, given);
  return std::make_unique<StdoutSink>(STDOUT_FILENO, given.format, zone);
}

}  // namespace triaged::sinks
