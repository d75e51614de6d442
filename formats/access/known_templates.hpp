// Access logs that people have without ever having written a format for them, each as the text of its format.
#pragma once

#include <span>
#include <string_view>

#include "formats/access/log_template.hpp"

namespace triaged::formats {

/// Where such a line is looked for.
enum class TemplateGroup : std::uint8_t {
  longer_combined,  // it begins as the combined format does and goes on behind the last quote
  in_brackets,      // it begins with a time in brackets
  application,      // of an application's server
  load_balancer,    // of AWS, one field behind the other
};

/// All of a group, compiled once for the process.
[[nodiscard]] std::span<const LogTemplate> known_templates(TemplateGroup group);

/// Reads `line` by the first of them that fits.
[[nodiscard]] bool read_known_template(TemplateGroup group, std::string_view line, ReaderMemory& memory,
                                       ReadLine& into);

}  // namespace triaged::formats
