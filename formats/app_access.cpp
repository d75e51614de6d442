// Access logs of applications' servers and of AWS's load balancers, in the forms that these have by themselves.
#include "formats/access/known_templates.hpp"
#include "formats/rails.hpp"
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

/// `https 2018-07-02T22:23:00.186641Z app/`, or the time alone.
bool may_be_of_load_balancer(std::string_view line) {
  for (const std::string_view kind : {"http ", "https ", "h2 ", "grpcs ", "ws ", "wss "}) {
    if (line.starts_with(kind)) line.remove_prefix(kind.size());
  }
  constexpr std::size_t clock = 10;
  return line.size() > clock && is_digit(line[0]) && line[4] == '-' && line[clock] == 'T' && contains(line, " \"");
}

/// An address or uvicorn's level, and a request in quotes.
bool may_be_of_application(std::string_view line) {
  const bool has_level = line.starts_with("INFO:");
  return (has_level || (!line.empty() && (is_digit(line[0]) || line[0] == ':' || line[0] == '['))) &&
         contains(line, " \"");
}

}  // namespace

bool read_app_access(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  return (may_be_of_application(line) && read_known_template(TemplateGroup::application, line, memory, into)) ||
         read_rails_request(line, memory, into);
}

bool read_alb_access(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  return may_be_of_load_balancer(line) && read_known_template(TemplateGroup::load_balancer, line, memory, into);
}

}  // namespace triaged::formats
