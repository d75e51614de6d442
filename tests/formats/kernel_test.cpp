#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;

class KernelLines : public testing::Test {
 protected:
  LogLines lines{"kernel.log"};

  std::vector<std::string> fields_of(const std::string& text) {
    lines.read("[Sat Nov 21 01:15:17 2026] " + text);
    EXPECT_EQ(lines.format(), "kernel");
    EXPECT_EQ(lines.message(), text);
    return lines.fields();
  }
};

TEST_F(KernelLines, ReadsTheTimeOfDmesg) {
  lines.read("[Sat Nov 21 01:15:17 2026] Tasks state (memory values in pages):");
  EXPECT_EQ(lines.format(), "kernel");
  EXPECT_EQ(lines.time(), "2026-11-21T01:15:17.000000Z");
  EXPECT_EQ(lines.message(), "Tasks state (memory values in pages):");
}

TEST_F(KernelLines, ReadsWhatDmesgWritesWithAnyOption) {
  const std::string words = "app[21701]: segfault at 0 ip 000055b7d4bfc76d sp 00007fff1c7c3c30 error 4 in app[16a76d]";
  const std::pair<std::string, std::string> heads[] = {
      {"[ 1055.004795] ", "none"},
      {"kern  :info  : [ 1055.004795] ", "none"},
      {"kern  :warn  : [Sat Nov 21 01:15:17 2026] ", "2026-11-21T01:15:17.000000Z"},
      {"kern  :err   : ", "none"},
      {"[Nov21 01:15] ", "2026-11-21T01:15:00.000000Z"},
      {"[Nov 1 01:15] ", "2026-11-01T01:15:00.000000Z"},
      {"[  +0.000016] ", "none"},
      {"[ 1055.004795 <    6.227763>] ", "none"},
      {"2026-11-21T01:15:17,004795+00:00 ", "2026-11-21T01:15:17.004795Z"},
  };
  for (const auto& [head, time] : heads) {
    lines.read(head + words);
    EXPECT_EQ(lines.format(), "kernel") << head;
    EXPECT_EQ(lines.message(), words) << head;
    EXPECT_EQ(lines.time(), time) << head;
    EXPECT_THAT(lines.fields(), ElementsAre("process=app", "pid=21701")) << head;
  }
}

// `dmesg -x` says who wrote to /dev/kmsg.
TEST_F(KernelLines, AreNotAServicesWords) {
  lines.read("daemon:info  : [    3.201] systemd[1]: Out of memory: Killed process 1459 (gunicorn)");
  EXPECT_EQ(lines.format(), "text");
  lines.read("user  :notice: [    3.201] Out of memory: Killed process 1459 (gunicorn)");
  EXPECT_EQ(lines.format(), "text");
}

TEST_F(KernelLines, SetsAsideTheUptimeBehindASyslogHeader) {
  lines.read(
      "2026-11-21T01:15:18.112866+00:00 web1 kernel: [ 3820.160557] Memory cgroup out of memory: Killed process 1459 "
      "(gunicorn) "
      "total-vm:96116kB, anon-rss:78760kB, file-rss:8556kB");
  EXPECT_EQ(lines.format(), "kernel");
  EXPECT_EQ(lines.time(), "2026-11-21T01:15:18.112866Z");
  EXPECT_EQ(lines.last().host, "web1");
  EXPECT_EQ(lines.message(),
            "Memory cgroup out of memory: Killed process 1459 (gunicorn) total-vm:96116kB, anon-rss:78760kB, "
            "file-rss:8556kB");
  EXPECT_THAT(lines.fields(), ElementsAre("process=gunicorn", "pid=1459", "program=kernel"));
}

TEST_F(KernelLines, ASyslogHeaderIsEnough) {
  lines.read(
      "Nov 21 01:15:18 web1 kernel: gunicorn invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0");
  EXPECT_EQ(lines.format(), "kernel");
  EXPECT_EQ(lines.field("process"), "gunicorn");
}

TEST_F(KernelLines, ReadsUptimeAndKmsgRecordsWithoutATime) {
  lines.read("[ 3820.160526] [ T1459] Tasks state (memory values in pages):");
  EXPECT_EQ(lines.message(), "Tasks state (memory values in pages):");
  EXPECT_EQ(lines.time(), "none");
  lines.read(
      "6,3122,3812780976,-;gunicorn[1425]: segfault at 0 ip 00007f3d14bddad8 sp 00007ffcdf65abd8 error 4 in libc.so.6");
  EXPECT_EQ(lines.format(), "kernel");
  EXPECT_EQ(lines.message(),
            "gunicorn[1425]: segfault at 0 ip 00007f3d14bddad8 sp 00007ffcdf65abd8 error 4 in libc.so.6");
}

TEST_F(KernelLines, NamesTheProcess) {
  EXPECT_THAT(fields_of("gunicorn invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"),
              ElementsAre("process=gunicorn"));
  EXPECT_THAT(fields_of("CPU: 1 UID: 33 PID: 1459 Comm: gunicorn Not tainted 6.18.44-fc-v445 #1 PREEMPT(none) "),
              ElementsAre("process=gunicorn", "pid=1459"));
  EXPECT_THAT(
      fields_of("gunicorn[1425]: segfault at 0 ip 00007f3d14bddad8 sp 00007ffcdf65abd8 error 4 in libc.so.6[167ad8]"),
      ElementsAre("process=gunicorn", "pid=1425"));
  EXPECT_THAT(
      fields_of(
          "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,task=gunicorn,pid=1459,uid=33"),
      ElementsAre("process=gunicorn", "pid=1459"));
}

TEST_F(KernelLines, NamesTheUnitOfTheProcessThatIsKilled) {
  const std::string chosen =
      "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=redis-server.service,mems_allowed=0,global_oom,"
      "task_memcg=/system.slice/mariadb.service,task=mariadbd,pid=1235,uid=115";
  EXPECT_THAT(fields_of(chosen), ElementsAre("process=mariadbd", "pid=1235", "unit=mariadb.service"));
  EXPECT_THAT(fields_of("oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/user.slice/user-1000.slice/user@1000.service/"
                        "app.slice/mariadb.service,task=sh,pid=12,uid=1000"),
              ElementsAre("process=sh", "pid=12", "unit=user@1000.service"));
}

// Behind its own service a user names control groups as he likes, and a container has services of its own.
TEST_F(KernelLines, NamesNoUnitThatAUserOrAContainerMadeUp) {
  EXPECT_THAT(
      fields_of("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/user.slice/"
                "user-1000.slice/user@1000.service/a,task_memcg=/nginx.service/b,task_memcg=/user.slice/user-1000."
                "slice/user@1000.service/a,task_memcg=/nginx.service/b,task=sh,pid=12,uid=1000"),
      ElementsAre("process=sh", "pid=12", "unit=user@1000.service"));
  EXPECT_THAT(
      fields_of("oom-kill:constraint=CONSTRAINT_NONE,global_oom,task_memcg=/machine.slice/libpod-12.scope/container/"
                "system.slice/nginx.service,task=nginx,pid=12,uid=33"),
      ElementsAre("process=nginx", "pid=12"));
  EXPECT_THAT(
      fields_of("oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/system.slice,task_memcg=/system.slice/nginx.service,"
                "task=nginx,pid=12,uid=33"),
      ElementsAre("process=nginx", "pid=12", "unit=nginx.service"));
}

TEST_F(KernelLines, NamesNoProcessWhereThereIsNone) {
  EXPECT_THAT(fields_of("[   1457]     0  1457     8857     7390     4911     2479         0   106496        0         "
                        "    0 gunicorn"),
              ElementsAre());
  EXPECT_THAT(fields_of(" <TASK>"), ElementsAre());
  EXPECT_THAT(fields_of("R13: 00007f8a7a488010 R14: 0000000000a5da88 R15: 00007f8a7de81030"), ElementsAre());
}

}  // namespace
}  // namespace triaged::formats
