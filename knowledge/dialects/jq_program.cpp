#include "knowledge/dialects/jq_program.hpp"

#if TRIAGED_HAS_JQ

extern "C" {
#include <jq.h>
#include <jv.h>
}

#include <algorithm>
#include <limits>

namespace triaged::knowledge {

namespace {

/// jq tells what is wrong with a program line by line; the first line says it.
void keep_first_message(void* into, jv message) {
  auto& text = *static_cast<std::string*>(into);
  if (text.empty() && jv_get_kind(message) == JV_KIND_STRING) text = jv_string_value(message);
  jv_free(message);
}

void ignore_message(void*, jv message) { jv_free(message); }

}  // namespace

struct JqProgram::State {
  jq_state* jq = jq_init();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (jq != nullptr) jq_teardown(&jq);
  }
};

JqProgram::JqProgram(std::unique_ptr<State> state) : state_(std::move(state)) {}
JqProgram::~JqProgram() = default;
JqProgram::JqProgram(JqProgram&&) noexcept = default;
JqProgram& JqProgram::operator=(JqProgram&&) noexcept = default;

bool JqProgram::is_available() { return true; }

Result<JqProgram> JqProgram::compile(const std::string& program) {
  auto state = std::make_unique<State>();
  if (state->jq == nullptr) return error("jq cannot start: out of memory");
  std::string message;
  jq_set_error_cb(state->jq, keep_first_message, &message);
  if (jq_compile(state->jq, program.c_str()) == 0) {
    return error("jq does not take this program: " + message.substr(0, message.find('\n')));
  }
  jq_set_error_cb(state->jq, ignore_message, nullptr);
  return JqProgram(std::move(state));
}

bool JqProgram::matches(std::string_view line) {
  if (line.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return false;
  const auto value = jv_parse_sized(line.data(), static_cast<int>(line.size()));
  if (!jv_is_valid(value)) {
    jv_free(value);
    return false;
  }
  jq_start(state_->jq, value, 0);
  bool is_match = false;
  jv output = jq_next(state_->jq);
  for (; jv_is_valid(output); output = jq_next(state_->jq)) {
    const auto kind = jv_get_kind(output);
    is_match = is_match || (kind != JV_KIND_NULL && kind != JV_KIND_FALSE);
    jv_free(output);
  }
  const bool has_failed = jv_invalid_has_msg(output) != 0;
  return is_match && !has_failed;
}

}  // namespace triaged::knowledge

#else

namespace triaged::knowledge {

struct JqProgram::State {};

JqProgram::JqProgram(std::unique_ptr<State> state) : state_(std::move(state)) {}
JqProgram::~JqProgram() = default;
JqProgram::JqProgram(JqProgram&&) noexcept = default;
JqProgram& JqProgram::operator=(JqProgram&&) noexcept = default;

bool JqProgram::is_available() { return false; }

Result<JqProgram> JqProgram::compile(const std::string&) {
  return error("this triaged was built without jq: install libjq-dev and build it again to use rules with jq");
}

bool JqProgram::matches(std::string_view) { return false; }

}  // namespace triaged::knowledge

#endif
