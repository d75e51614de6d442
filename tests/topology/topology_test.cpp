#include "topology/topology.hpp"

#include <gtest/gtest.h>

namespace triaged::topology {
namespace {

TEST(Addresses, OfOneMachineMayHaveSeveralNames) {
  EXPECT_TRUE(may_be_same_address("10.0.1.5:8000", "10.0.1.5:8000"));
  EXPECT_TRUE(may_be_same_address("10.0.1.5:8000", "127.0.0.1:8000"));
  EXPECT_TRUE(may_be_same_address("[::1]:8000", "10.0.1.5:8000"));
  EXPECT_FALSE(may_be_same_address("10.0.1.5:8000", "127.0.0.1:8001"));
  EXPECT_FALSE(may_be_same_address("10.0.1.5:8000", "10.0.1.6:8000"));
  EXPECT_FALSE(may_be_same_address("unix:/run/a.sock", "unix:/run/b.sock"));
}

TEST(Addresses, OfAllInterfacesAreThoseOfEach) {
  EXPECT_TRUE(may_be_same_address("*:80", "10.0.1.5:80"));
  EXPECT_TRUE(may_be_same_address("[::]:80", "10.0.1.5:80"));
  EXPECT_FALSE(may_be_same_address("*:80", "10.0.1.5:81"));
  EXPECT_FALSE(may_be_same_address("unix:/run/a:80", "127.0.0.1:80"));
}

TEST(Topologies, KnowWhichAddressAServerHas) {
  Topology topology;
  EXPECT_TRUE(topology.is_empty());
  topology.add_server("app/web1", "10.0.0.1:80");
  EXPECT_FALSE(topology.is_empty());
  EXPECT_EQ(topology.address_of("app/web1"), "10.0.0.1:80");
  EXPECT_EQ(topology.address_of("app/web2"), "");
}

TEST(Topologies, LeadThroughAnyNumberOfProxies) {
  Topology topology;
  topology.add_forward("*:80", "10.0.0.1:8080");
  topology.add_forward("10.0.0.1:8080", "10.0.0.2:8000");
  EXPECT_TRUE(topology.leads_to("*:80", "10.0.0.1:8080"));
  EXPECT_TRUE(topology.leads_to("10.0.0.9:80", "10.0.0.2:8000"));
  EXPECT_FALSE(topology.leads_to("10.0.0.2:8000", "*:80"));
  EXPECT_FALSE(topology.leads_to("10.0.0.1:8080", "10.0.0.3:8000"));
}

TEST(Topologies, EndWhenProxiesPassOnInACircle) {
  Topology topology;
  topology.add_forward("10.0.0.1:80", "10.0.0.2:80");
  topology.add_forward("10.0.0.2:80", "10.0.0.1:80");
  EXPECT_TRUE(topology.leads_to("10.0.0.1:80", "10.0.0.1:80"));
  EXPECT_FALSE(topology.leads_to("10.0.0.1:80", "10.0.0.3:81"));
}

TEST(Topologies, HoldOnlyApartWhatTheyKnow) {
  Topology topology;
  topology.add_forward("10.0.0.1:80", "10.0.0.2:8000");
  topology.add_forward("10.0.0.1:81", "10.0.0.3:8001");
  EXPECT_TRUE(topology.are_apart("10.0.0.1:80", "10.0.0.3:8001"));
  EXPECT_TRUE(topology.are_apart("10.0.0.2:8000", "10.0.0.3:8001"));
  EXPECT_FALSE(topology.are_apart("10.0.0.1:80", "10.0.0.2:8000"));
  EXPECT_FALSE(topology.are_apart("10.0.0.2:8000", "10.0.0.1:80"));
  EXPECT_FALSE(topology.are_apart("10.0.0.2:8000", "10.0.0.9:9000"));
  EXPECT_FALSE(topology.are_apart("", "10.0.0.9:9000"));
}

TEST(Topologies, TakeAProxyThatMayPassOnAnywhereForOneThatDoes) {
  Topology topology;
  topology.add_unknown_forward("10.0.0.1:80");
  topology.add_forward("10.0.0.1:81", "10.0.0.3:8001");
  EXPECT_FALSE(topology.are_apart("10.0.0.1:80", "10.0.0.3:8001"));
}

TEST(Topologies, HaveABound) {
  Topology topology;
  for (std::size_t i = 0; i <= Topology::most_entries; ++i) {
    topology.add_server("app/" + std::to_string(i), "10.0.0.1:80");
  }
  topology.add_forward("10.0.0.1:80", "10.0.0.2:80");
  EXPECT_NE(topology.address_of("app/" + std::to_string(Topology::most_entries - 1)), "");
  EXPECT_EQ(topology.address_of("app/" + std::to_string(Topology::most_entries)), "");
  EXPECT_FALSE(topology.leads_to("10.0.0.1:80", "10.0.0.2:80"));
}

TEST(Topologies, DoNotTakeALocalServerOfAGroupForOneOfAnotherMachine) {
  Topology topology;
  topology.add_to_group("shop", "127.0.0.1:8001");
  topology.add_to_group("shop", "127.0.0.1:8002");
  topology.add_to_group("mixed", "localhost:8004");
  topology.add_to_group("mixed", "10.0.0.9:8004");
  EXPECT_TRUE(topology.are_in_one_group("127.0.0.1:8001", "127.0.0.1:8002"));
  EXPECT_TRUE(topology.are_in_one_group("localhost:8001", "[::1]:8002"));
  EXPECT_FALSE(topology.are_in_one_group("10.0.0.9:8001", "10.0.0.9:8002"));
  EXPECT_TRUE(topology.are_in_one_group("127.0.0.1:8004", "10.0.0.9:8004"));
  EXPECT_FALSE(topology.are_in_one_group("127.0.0.1:8001", "localhost:8001")) << "it is one server";
}

TEST(Topologies, DoNotTakeAServerForItsProxyThatHasTheSamePort) {
  Topology topology;
  topology.add_forward("*:80", "10.0.0.5:80");
  EXPECT_TRUE(topology.is_proxy("127.0.0.1:80"));
  EXPECT_FALSE(topology.is_proxy("10.0.0.5:80"));
}

}  // namespace
}  // namespace triaged::topology
