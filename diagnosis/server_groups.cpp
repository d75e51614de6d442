#include "diagnosis/server_groups.hpp"

#include <fmt/format.h>

namespace triaged::diagnosis {

namespace {

/// Empty: the line does not say which request of which connection it is about. A request inside another one may go
/// elsewhere.
std::string request_told_by(const Symptom& symptom) {
  const auto connection = symptom.field("connection"), request = symptom.field("request");
  if (connection.empty() || request.empty() || !symptom.field("subrequest").empty()) return "";
  return fmt::format("{}\n{}\n{}", symptom.source, connection, request);
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
  const auto [tried, is_new] = tried_at_.try_emplace(request, upstream);
  if (!is_new) {
    if (tried->second != upstream) unite(tried->second, std::string(upstream));
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
