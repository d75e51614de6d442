#include "sources/containers/container_source.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "sources/containers/container_path.hpp"
#include "sources/containers/own_container.hpp"

namespace triaged::sources {

namespace {

constexpr std::size_t most_remembered = 20'000;  // logs whose names were looked up

struct NamedLog {
  std::string name;  // empty: not known
  Envelope envelope;
};

ContainerNames names_of(const std::string& log) {
  auto names = names_in_path(log).value_or(ContainerNames());
  if (names.is_docker) add_docker_names(log, names);
  return names;
}

class ContainerSource final : public Source {
 public:
  ContainerSource(std::unique_ptr<FileFollower> files, OwnContainer own)
      : files_(std::move(files)), own_(std::move(own)) {}

  std::optional<LineBatch> next(TimePoint now) override {
    auto batch = files_->next(now);
    if (!batch) return batch;
    const auto log = batch->source_name;
    const auto& named = named_log(log);
    if (!named.name.empty()) batch->source_name = named.name;
    if (!batch->lines.empty() && named.envelope != Envelope()) batch->envelopes.assign(1, named.envelope);
    if (batch->cursor.state.empty()) logs_.erase(log);  // it is gone
    return batch;
  }
  int descriptor() const override { return files_->descriptor(); }
  TimePoint next_deadline() const override { return files_->next_deadline(); }
  std::vector<std::string> take_messages() override { return files_->take_messages(); }
  void add_to(std::vector<Metric>& metrics) const override { files_->add_to(metrics); }
  std::string summary() const override { return fmt::format("{} logs of containers", files_->counts().files); }

 private:
  const NamedLog& named_log(const std::string& log) {
    const auto known = logs_.find(log);
    if (known != logs_.end()) return known->second;
    const auto names = names_of(log);
    NamedLog named{.name = names.name(), .envelope = {}};
    named.envelope.container = names.container;
    named.envelope.pod = names.pod;
    named.envelope.space = names.space;
    named.envelope.is_own = own_.is(names);
    return logs_.emplace(log, std::move(named)).first->second;
  }

  std::unique_ptr<FileFollower> files_;
  const OwnContainer own_;
  std::unordered_map<std::string, NamedLog> logs_;  // by path, of those that gave something and are not gone
};

bool is_among(const std::string& name, const std::vector<std::string>& names) {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

}  // namespace

Result<std::unique_ptr<Source>> follow_containers(const std::vector<ContainerLogs>& logs,
                                                  const std::vector<Cursor>& checkpoint, TimePoint now,
                                                  FollowerIdentity identity) {
  FileFollowerOptions options{
      .sources = {}, .own_files = std::move(identity.own_files), .has_lost_cursors = identity.has_lost_cursors};
  for (const auto& entry : logs) {
    auto& followed = options.sources.emplace_back(FollowedSource{.globs = entry.globs, .start = entry.start});
    if (entry.spaces.empty() && entry.containers.empty()) continue;
    // A docker container's names stand in a file: that is read once, for the names do not change.
    followed.is_wanted = [entry, seen = std::unordered_map<std::string, bool>()](const std::string& log) mutable {
      if (const auto known = seen.find(log); known != seen.end()) return known->second;
      if (seen.size() >= most_remembered) seen.clear();
      const auto names = names_of(log);
      return seen[log] = is_among(names.space, entry.spaces) && is_among(names.container, entry.containers);
    };
  }
  auto files = FileFollower::open(std::move(options), checkpoint, now);
  if (!files) return files.error();
  return std::unique_ptr<Source>(std::make_unique<ContainerSource>(std::move(*files), std::move(identity.own)));
}

}  // namespace triaged::sources
