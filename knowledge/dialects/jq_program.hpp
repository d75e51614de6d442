// A jq program that says whether a line of JSON is meant, as CRE rules may have it. libjq is an optional part of a
// build (TRIAGED_JQ): without it nothing compiles, and the answer says why.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace triaged::knowledge {

/// One thread at a time.
class JqProgram {
 public:
  [[nodiscard]] static bool is_available();
  [[nodiscard]] static Result<JqProgram> compile(const std::string& program);
  ~JqProgram();
  JqProgram(JqProgram&&) noexcept;
  JqProgram& operator=(JqProgram&&) noexcept;

  /// True when the line is JSON and one of the program's outputs is neither null nor false. A program that fails on the
  /// line does not match, whatever it gave before.
  [[nodiscard]] bool matches(std::string_view line);

 private:
  struct State;
  explicit JqProgram(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace triaged::knowledge
