// What the admin address answers (docs/admin.md): pages, JSON, metrics, health.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "admin/access.hpp"
#include "admin/admin_message.hpp"
#include "base/local_clock.hpp"
#include "store/state_folder.hpp"
#include "values/metric.hpp"

namespace triaged::admin {

/// What the running daemon tells about itself. All may be called on several threads.
struct AdminSources {
  store::StateFolder state;  // of the ledger
  std::function<std::vector<Metric>()> metrics;
  std::function<std::string()> trouble;  // why something waits now; empty: nothing does
  std::function<TimePoint()> now;
  TimeZone zone = {};  // of the times on pages
};

class AdminSite {
 public:
  AdminSite(AdminSources sources, AdminAccess access) : sources_(std::move(sources)), access_(std::move(access)) {}

  /// Opens the ledger for each request, as a command beside the daemon does; blocks as long as that takes.
  [[nodiscard]] AdminAnswer answer(const AdminRequest& request) const;
  /// Whether answer() says how the daemon is, from memory and without waiting. Any thread, also beside answer().
  [[nodiscard]] static bool is_about_health(const AdminRequest& request);

 private:
  [[nodiscard]] LocalClock clock() const;
  [[nodiscard]] AdminAnswer list(const AdminRequest& request, bool as_page) const;
  [[nodiscard]] AdminAnswer show(const AdminRequest& request, const std::string& id, bool as_page) const;
  [[nodiscard]] AdminAnswer take_feedback(const AdminRequest& request, const std::string& id) const;

  const AdminSources sources_;
  const AdminAccess access_;
};

}  // namespace triaged::admin
