#include "diagnosis/server_groups.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace triaged::diagnosis {

namespace {

/// A retry comes at the latest when the first try has timed out, after a minute where nobody says otherwise; on a
/// connection that lasts, the same request may come again for another server.
constexpr auto retried_within = std::chrono::minutes(2);

/// Empty: the line does not say which request of which connection it is about. A request inside another one may go
/// elsewhere, and so may one for another site: a proxy sends those of all sites on one connection.
std::string request_told_by(const Symptom& symptom) {
  const auto connection = symptom.field("connection"), request = symptom.field("request");
  if (connection.empty() || request.empty() || !symptom.field("subrequest").empty()) return "";
  return fmt::format("{}\n{}\n{}\n{}\n{}", symptom.source, connection, symptom.field("vhost"),
                     symptom.field("host_header"), request);
}

/// "http://shop/api" of a whole group has the group's name, which is no address.
bool is_one_server(std::string_view upstream) {
  return upstream.starts_with("unix:") || upstream.find(':') != std::string_view::npos;
}

}  // namespace

void ServerGroups::learn(const Symptom& symptom) {
  const auto upstream = symptom.field("upstream");
  auto request = symptom.format == "nginx.error" && is_one_server(upstream) ? request_told_by(symptom) : "";
  if (request.empty()) return;
  const Try latest{std::string(upstream), symptom.at};
  const auto [known, is_new] = tried_at_.try_emplace(request, latest);
  if (!is_new) {
    const auto earlier = std::exchange(known->second, latest);
    const bool is_retry = std::chrono::abs(latest.at - earlier.at) <= retried_within;
    if (is_retry && earlier.address != latest.address) unite(earlier.address, latest.address);
    return;
  }
  requests_.push_back(std::move(request));
  if (requests_.size() <= most_requests) return;
  tried_at_.erase(requests_.front());
  requests_.pop_front();
}

void ServerGroups::unite(const std::string& a, const std::string& b) {
  if (group_of_.size() + 2 > most_addresses) group_of_.clear();
  const auto kept = group_of_.try_emplace(a, next_group_++).first->second;
  const auto [other, is_new] = group_of_.try_emplace(b, kept);
  if (is_new || other->second == kept) return;
  const auto dissolved = other->second;
  for (auto& [address, group] : group_of_) {
    if (group == dissolved) group = kept;
  }
}

bool ServerGroups::are_in_one(std::string_view a, std::string_view b) const {
  const auto one = group_of_.find(a), other = group_of_.find(b);
  return one != group_of_.end() && other != group_of_.end() && one->second == other->second;
}

}  // namespace triaged::diagnosis
