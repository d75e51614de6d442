// What /proc says in containers: podman's lines are from a container of podman 4.3.1 with control groups v1, kubelet's
// and docker's have the form that these give their mounts.
#include "sources/containers/own_container.hpp"

#include <gmock/gmock.h>

namespace triaged::sources {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string own_id = "5b0abacaea9e426ad4053e79fb773b73803cff9f369bb8c268dfaa983344dd81";
const std::string other_id(64, 'f');

TEST(OwnContainer, IsKnownByItsControlGroup) {
  for (const auto& text : {
           "9:name=systemd:/libpod_parent/libpod-" + own_id + "\n0::/libpod_parent/libpod-" + own_id + "\n",
           "0::/system.slice/docker-" + own_id + ".scope\n",
           "12:pids:/docker/" + own_id,
           "0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-" + own_id + ".scope\n",
           "0::/docker/" + other_id + "/docker/" + own_id + "\n",
           "0::/machine.slice/libpod-" + own_id + ".scope/container\n",
       }) {
    EXPECT_THAT(own_container_in(text, "").ids, ElementsAre(own_id)) << text;
  }
}

TEST(OwnContainer, IsNoneOnAHost) {
  const auto own = own_container_in("0::/system.slice/triaged.service\n",
                                    "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\nnot a mount\n\n");
  EXPECT_THAT(own.ids, IsEmpty());
  EXPECT_FALSE(own.is({}));
  EXPECT_FALSE(own.is({.container = "web", .id = own_id, .pod_uid = "0a1b"}));
}

TEST(OwnContainer, IsKnownByPodmansMount) {
  const auto own =
      own_container_in("0::/\n", "80 73 254:0 /storage/overlay-containers/" + own_id +
                                     "/userdata/.containerenv /run/.containerenv rw,relatime - ext4 /dev/vda rw\n");
  EXPECT_TRUE(own.is({.container = "5b0abacaea9e", .id = own_id}));
  EXPECT_FALSE(own.is({.container = "ffffffffffff", .id = other_id}));
}

TEST(OwnContainer, IsKnownInAPodByKubeletsMount) {
  const auto own = own_container_in(
      "0::/\n",
      "900 880 8:1 /var/lib/kubelet/pods/0a1b2c3d-0000-4000-8000-0123456789ab/etc-hosts /etc/hosts rw - ext4 /dev/sda1 "
      "rw\n"
      "901 880 8:1 /var/lib/kubelet/pods/0a1b2c3d-0000-4000-8000-0123456789ab/volumes/kubernetes.io~empty-dir/logs "
      "/logs ro - ext4 /dev/sda1 rw\n"
      "902 881 8:1 /var/lib/kubelet/pods/0a1b2c3d-0000-4000-8000-0123456789ab/containers/diagnosis/1f2e3d4c "
      "/dev/termination-log rw - ext4 /dev/sda1 rw\n");
  ContainerNames names{.container = "diagnosis", .pod_uid = "0a1b2c3d-0000-4000-8000-0123456789ab"};
  EXPECT_TRUE(own.is(names));
  names.container = "web";
  EXPECT_FALSE(own.is(names)) << "beside it in the same pod";
  EXPECT_FALSE(own.is({.container = "diagnosis", .pod_uid = "0a1b2c3d-0000-4000-8000-000000000000"}));
}

/// With `network_mode: service:web` these are web's files: its log must not be lost.
TEST(OwnContainer, IsNotTheOneWhoseNetworkItShares) {
  const auto own = own_container_in("0::/\n", "80 73 8:1 /var/lib/docker/containers/" + own_id +
                                                  "/hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw\n");
  EXPECT_FALSE(own.is({.container = "web", .id = own_id, .is_docker = true}));
  EXPECT_TRUE(own.is({.container = "diagnosis", .id = own_id, .is_docker = true, .is_command_triaged = true}));
  EXPECT_FALSE(own.is({.container = "another", .id = other_id, .is_docker = true, .is_command_triaged = true}));
}

}  // namespace
}  // namespace triaged::sources
