// The section `redact` of the configuration: `{default: true, extra: ['(?<secret>sk_live_\w+)'], except: [email]}`.
#pragma once

#include "base/options.hpp"
#include "formats/redaction/redactor.hpp"

namespace triaged::config {

[[nodiscard]] const OptionTable<formats::RedactOptions>& redact_options();

}  // namespace triaged::config
