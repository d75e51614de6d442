#include "daemon/log.hpp"

#include <cstdlib>
#include <memory>
#include <string_view>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace triaged::daemon {

namespace {

/// "%*": the priority as sd-daemon(3) has it.
class PriorityFlag : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& into) override {
    const char* priority = "<6>";
    if (message.level == spdlog::level::warn) priority = "<4>";
    if (message.level == spdlog::level::err) priority = "<3>";
    if (message.level == spdlog::level::critical) priority = "<2>";
    if (message.level <= spdlog::level::debug) priority = "<7>";
    into.append(priority, priority + 3);
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PriorityFlag>();
  }
};

}  // namespace

void start_log() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (std::getenv("JOURNAL_STREAM") != nullptr) {
    formatter->add_flag<PriorityFlag>('*').set_pattern("%*%v");
  } else {
    formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l: %v");
  }
  auto logger = std::make_shared<spdlog::logger>("triaged", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::move(formatter));
  logger->flush_on(spdlog::level::info);
  if (const char* level = std::getenv("TRIAGED_LOG_LEVEL"); level != nullptr && std::string_view(level) == "debug") {
    logger->set_level(spdlog::level::debug);
    logger->flush_on(spdlog::level::debug);
  }
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace triaged::daemon
