#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.hpp"
#include "discover/advice.hpp"
#include "discover/show_discovery.hpp"

namespace triaged::discover {

namespace {

constexpr std::size_t most_places = 8;
constexpr std::size_t most_lacks = 20;

void add_server(const FoundServer& server, const Reader& reader, Outlook& outlook) {
  std::vector<std::string> places;
  for (const auto& log : server.logs) {
    const auto advice = advice_for(log, server, reader);
    if (advice.empty()) {
      topology::add_once(places, place_of(log));
    } else {
      outlook.lacks.push_back(
          fmt::format("{}: its {} goes to {}; {}", title_of(server), log.what, place_of(log), advice));
    }
  }
  for (const auto& trouble : server.troubles) {
    outlook.lacks.push_back(fmt::format("{}: {}", title_of(server), trouble));
  }
  if (places.empty()) return;
  const auto more = places.size() - std::min(places.size(), most_places);
  places.resize(places.size() - more);
  outlook.follows.push_back(fmt::format("{}: {}{}", title_of(server), fmt::join(places, ", "),
                                        more == 0 ? "" : fmt::format(" and {} more", more)));
}

}  // namespace

Outlook outlook_of(const Discovery& discovery) {
  Outlook outlook;
  for (const auto& server : discovery.servers) add_server(server, discovery.reader, outlook);
  for (const auto& unseen : discovery.unseen) outlook.lacks.push_back(unseen);
  if (const auto count = outlook.lacks.size(); count > most_lacks) {
    outlook.lacks.resize(most_lacks);
    outlook.lacks.push_back(fmt::format("{} more, which `triaged discover` shows", count - most_lacks));
  }
  for (auto* sentences : {&outlook.follows, &outlook.lacks}) {  // a configuration may hold anything
    for (auto& sentence : *sentences) sentence = to_printable(sentence);
  }
  return outlook;
}

}  // namespace triaged::discover
