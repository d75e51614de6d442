#include "values/workaround_report.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "values/json_writer.hpp"

namespace triaged::inline values {

namespace {

constexpr std::uint64_t current_version = 1;
constexpr std::size_t longest_name = 512;  // bytes; rule ids and slugs are far shorter

void write_report(JsonWriter& json, const WorkaroundReport& report) {
  json.begin_object();
  json.key("id").text(report.id);
  json.key("at").text(to_rfc3339(report.at));
  json.key("incident").text(report.incident);
  json.key("rule").text(report.rule);
  json.key("cause").text(report.cause);
  json.key("workaround").text(report.workaround);
  json.key("outcome").text(report.has_worked ? "worked" : "failed");
  if (report.is_withdrawn) json.key("withdrawn").boolean(true);
  json.end_object();
}

/// One report, and the first thing that is wrong with it.
class ReportReader {
 public:
  explicit ReportReader(simdjson::dom::element report) : object_(report) {}

  WorkaroundReport read() {
    WorkaroundReport report{.id = name("id"),
                            .at = {},
                            .incident = name("incident"),
                            .rule = name("rule"),
                            .cause = name("cause"),
                            .workaround = name("workaround")};
    if (const auto at = parse_rfc3339(name("at"))) {
      report.at = *at;
    } else {
      fail("'at' is not a time");
    }
    const auto outcome = name("outcome");
    report.has_worked = outcome == "worked";
    if (!report.has_worked && outcome != "failed") fail("'outcome' is neither 'worked' nor 'failed'");
    const auto withdrawn = object_.at_key("withdrawn");
    if (withdrawn.error() == simdjson::SUCCESS && withdrawn.get(report.is_withdrawn) != simdjson::SUCCESS) {
      fail("'withdrawn' is neither true nor false");
    }
    return report;
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  std::string name(const char* key) {
    std::string_view text;
    if (object_.at_key(key).get(text) != simdjson::SUCCESS || text.empty()) {
      fail(fmt::format("'{}' is missing or no text", key));
    } else if (text.size() > longest_name) {
      fail(fmt::format("'{}' is longer than {} bytes", key, longest_name));
    }
    return std::string(text);
  }

  void fail(std::string why) {
    if (problem_.empty()) problem_ = std::move(why);
  }

  simdjson::dom::element object_;
  std::string problem_;
};

}  // namespace

std::string to_json(std::span<const WorkaroundReport> reports) {
  auto text = fmt::format("{{\"triaged_learnt\":{},\"reports\":[", current_version);
  std::string_view before = "\n";
  for (const auto& report : reports) {
    JsonWriter json;
    write_report(json, report);
    text.append(before).append(json.json());
    before = ",\n";
  }
  return text + "\n]}\n";
}

Result<std::vector<WorkaroundReport>> reports_from_json(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element object;
  if (const auto failure = parser.parse(json.data(), json.size()).get(object)) {
    return error(fmt::format("it is no JSON: {}", simdjson::error_message(failure)));
  }
  std::uint64_t version = 0;
  simdjson::dom::array array;
  if (object.at_key("triaged_learnt").get(version) != simdjson::SUCCESS ||
      object.at_key("reports").get(array) != simdjson::SUCCESS) {
    return error("it is not what `triaged incidents learnt export` writes");
  }
  if (version != current_version) {
    return error(fmt::format("it has version {}; this version of triaged reads {}", version, current_version));
  }
  std::vector<WorkaroundReport> reports;
  for (const auto item : array) {
    ReportReader reader(item);
    reports.push_back(reader.read());
    if (!reader.problem().empty()) return error(fmt::format("report {}: {}", reports.size(), reader.problem()));
  }
  return reports;
}

}  // namespace triaged::inline values
