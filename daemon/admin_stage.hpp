// The admin address of the daemon: outlives a reload, and shows what the pipeline published last.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/access.hpp"
#include "base/mutex.hpp"
#include "base/time_zone.hpp"
#include "store/state_folder.hpp"
#include "values/metric.hpp"

namespace triaged::admin {

class HttpServer;

}  // namespace triaged::admin

namespace triaged::daemon {

class AdminStage {
 public:
  AdminStage();
  ~AdminStage();
  AdminStage(const AdminStage&) = delete;
  AdminStage& operator=(const AdminStage&) = delete;

  /// Serves `access` from now on, about the ledger in `state`; nullopt: nothing. An address that cannot be listened at
  /// is said in the log and served no more: whoever asked for it sees that, and files are followed all the same.
  /// Pages have times of `zone`.
  void use(const std::optional<admin::AdminAccess>& access, const store::StateFolder& state, const TimeZone& zone);

  /// What /metrics and /readyz answer until the next call. Any thread.
  void publish(std::vector<Metric> metrics, std::string trouble);

 private:
  [[nodiscard]] std::vector<Metric> metrics() const;
  [[nodiscard]] std::string trouble() const;

  mutable Mutex mutex_;
  std::vector<Metric> metrics_ TRIAGED_GUARDED_BY(mutex_);
  std::string trouble_ TRIAGED_GUARDED_BY(mutex_) = "starting";
  std::optional<admin::AdminAccess> access_;  // what is served
  store::StateFolder state_;
  TimeZone zone_;
  std::unique_ptr<admin::HttpServer> server_;  // the last member: it asks the others
};

}  // namespace triaged::daemon
