// Which lines triaged wrote itself, so that it never diagnoses its own output: a diagnosis quotes the lines that led to
// it. By the name of the writer as transport says it, so the lines of another triaged count as own, too. What a line
// says decides nothing. A syslog sink may give triaged another name (LineReaderOptions::own_programs). Private to this
// room.
#pragma once

#include <string_view>

#include "formats/envelope/layer.hpp"
#include "formats/line_reader.hpp"
#include "values/envelope.hpp"

namespace triaged::formats {

/// Of a syslog header or a journal.
[[nodiscard]] bool is_own_program(std::string_view program, const LineReaderOptions& options);
/// "triaged.service", "triaged@shop.service"
[[nodiscard]] bool is_own_unit(std::string_view unit);
/// "triaged", and what docker compose makes of a service of that name: "shop-triaged-1", "triaged_1"
[[nodiscard]] bool is_own_container(std::string_view container);

/// Everything in it is triaged's, however a line of several is cut.
[[nodiscard]] bool is_own(const Layer& layer, const LineReaderOptions& options);
[[nodiscard]] bool is_own(const Envelope& envelope, const LineReaderOptions& options);

}  // namespace triaged::formats
