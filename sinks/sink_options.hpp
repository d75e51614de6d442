// The fields of one sink in the configuration, and the readings that several kinds share. Every text of a configuration
// is hidden (base/yaml.hpp): a problem shows where a value stands and not what it is.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/yaml.hpp"

namespace triaged::sinks {

class SinkOptions {
 public:
  /// `map` holds the fields, `kind` names the sink in messages. All must outlive this.
  SinkOptions(const YamlValue& map, std::string_view kind, const std::string& file, Problems& problems)
      : fields(map, "sink '" + std::string(kind) + "'", file, problems), map_(map), file_(file), problems_(problems) {}

  YamlMapReader fields;

  /// The text of `key` as messages may show it: with ${NAME} where the environment's value stands.
  [[nodiscard]] std::string shown(std::string_view key) const;

  /// A reader for a map among the fields.
  [[nodiscard]] YamlMapReader nested(const YamlValue& map, std::string what) {
    return {map, std::move(what), file_, problems_};
  }

  /// Reports a mistake in the value of `key` (at the sink itself when it is not there).
  void report(std::string_view key, std::string message);
  void warn(std::string_view key, std::string message);
  /// Reports that neither is there.
  void require_one_of(std::string_view key, std::string_view other);

  /// The text of `key`, or the first line of the file that `file_key` names; nullopt when neither is given or after a
  /// problem was reported (both given, one given without a value, an unreadable or empty file).
  [[nodiscard]] std::optional<std::string> secret(std::string_view key, std::string_view file_key);

  /// A duration above 0 and at most `longest`; `otherwise` when it is not given or wrong, which is reported.
  [[nodiscard]] std::chrono::milliseconds time_limit(std::string_view key, std::chrono::milliseconds otherwise,
                                                     std::chrono::milliseconds longest);

 private:
  void tell(Gravity gravity, std::string_view key, std::string message);
  /// Reports it when it is.
  [[nodiscard]] bool is_given_empty(std::string_view key);

  const YamlValue& map_;
  const std::string& file_;
  Problems& problems_;
};

}  // namespace triaged::sinks
