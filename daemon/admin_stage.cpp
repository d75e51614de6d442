#include "daemon/admin_stage.hpp"

#include <spdlog/spdlog.h>

#include "admin/admin_site.hpp"
#include "admin/http_server.hpp"
#include "base/clock.hpp"

namespace triaged::daemon {

AdminStage::AdminStage() = default;
AdminStage::~AdminStage() = default;

void AdminStage::use(const std::optional<admin::AdminAccess>& access, const store::StateFolder& state,
                     const TimeZone& zone) {
  if (access == access_ && state == state_ && zone == zone_ && (server_ != nullptr || !access)) return;
  server_.reset();
  access_ = access;
  state_ = state;
  zone_ = zone;
  if (!access) return;
  const auto site =
      std::make_shared<const admin::AdminSite>(admin::AdminSources{.state = state,
                                                                   .metrics = [this] { return metrics(); },
                                                                   .trouble = [this] { return trouble(); },
                                                                   .now = now,
                                                                   .zone = zone},
                                               *access);
  auto server =
      admin::HttpServer::open(access->address, {.answer = [site](const auto& request) { return site->answer(request); },
                                                .comes_first = admin::AdminSite::is_about_health});
  if (!server) {
    spdlog::error("admin: {}; nothing is served there until a reload", server.error().message);
    return;
  }
  server_ = std::move(*server);
  spdlog::info("admin: http://{}/", access->address.text());
}

void AdminStage::publish(std::vector<Metric> metrics, std::string trouble) {
  const Lock lock(mutex_);
  metrics_ = std::move(metrics);
  trouble_ = std::move(trouble);
}

std::vector<Metric> AdminStage::metrics() const {
  const Lock lock(mutex_);
  return metrics_;
}

std::string AdminStage::trouble() const {
  const Lock lock(mutex_);
  return trouble_;
}

}  // namespace triaged::daemon
