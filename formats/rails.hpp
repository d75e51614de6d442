// Lines of Rails about requests. Private to this room.
#pragma once

#include <string_view>

#include "formats/line_reader.hpp"
#include "formats/reader_memory.hpp"

namespace triaged::formats {

[[nodiscard]] bool read_rails_request(std::string_view line, ReaderMemory& memory, ReadLine& into);

}  // namespace triaged::formats
