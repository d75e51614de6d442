#include "discover/control_group.hpp"

#include <gtest/gtest.h>

namespace triaged::discover {
namespace {

const std::string id = "8f7e6d5c4b3a29181716151413121110ffeeddccbbaa99887766554433221100";

TEST(ControlGroup, NamesTheUnit) {
  EXPECT_EQ(control_group_in("0::/system.slice/nginx.service\n"), (ControlGroup{"nginx.service", ""}));
  EXPECT_EQ(control_group_in("0::/system.slice/system-gunicorn.slice/gunicorn@shop.service\n"),
            (ControlGroup{"gunicorn@shop.service", ""}));
  EXPECT_EQ(control_group_in("4:memory:/system.slice/haproxy.service\n1:name=systemd:/system.slice/haproxy.service\n"),
            (ControlGroup{"haproxy.service", ""}));
}

TEST(ControlGroup, NamesTheContainer) {
  for (const auto& text : {"0::/system.slice/docker-" + id + ".scope\n", "12:pids:/docker/" + id + "\n",
                           "0::/machine.slice/libpod-" + id + ".scope/container\n",
                           "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-" +
                               id + ".scope\n"}) {
    EXPECT_EQ(control_group_in(text), (ControlGroup{"", id})) << text;
  }
}

TEST(ControlGroup, KnowsNoUnitOfAUserAndNoneOutsideOfUnits) {
  EXPECT_EQ(control_group_in("0::/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service\n"),
            ControlGroup());
  EXPECT_EQ(control_group_in("0::/user.slice/user-1000.slice/session-3.scope\n"), ControlGroup());
  EXPECT_EQ(control_group_in("0::/\n"), ControlGroup());
  EXPECT_EQ(control_group_in("no control group"), ControlGroup());
}

}  // namespace
}  // namespace triaged::discover
