#include <fstream>

#include <gtest/gtest.h>

#include "probes/certificate.hpp"
#include "probes/file_system.hpp"
#include "probes/host_files.hpp"
#include "probes/oom_watch.hpp"
#include "tests/support/recorded_host.hpp"

namespace triaged::probes {
namespace {

Finding seen(ProbeKind kind, std::string subject, const std::filesystem::path& root = recorded_host()) {
  return probe_host(asked_by_nginx(kind, std::move(subject)), root);
}

class OomWatchTest : public testing::Test {
 protected:
  void check(int kills, TimePoint at) {
    std::ofstream(host_.root() / "proc/vmstat") << "pgfault 5\noom_kill " << kills << "\n";
    watch_.check(at);
  }

  Finding answer(TimePoint since) const { return watch_.answer({.kind = ProbeKind::memory, .since = since}); }

  ChangedHost host_;
  OomWatch watch_{host_.root()};
  const TimePoint begin_ = gunicorn_start;
};

TEST_F(OomWatchTest, KnowsThatNothingWasEverKilled) {
  check(0, begin_);
  EXPECT_EQ(answer(begin_).probe, "no-kernel-oom-record");
  EXPECT_EQ(answer(begin_).text, "the kernel has killed nothing for want of memory since it started");
}

TEST_F(OomWatchTest, KnowsNothingOfTheTimeOfEarlierKills) {
  check(3, begin_);
  EXPECT_EQ(answer(begin_).probe, "");
  EXPECT_EQ(answer(begin_ + 1h).probe, "no-kernel-oom-record") << "it was watched since";
  EXPECT_EQ(answer(begin_ + 1h).text, "the kernel has killed nothing for want of memory since 2026-11-21T16:53:19Z");
}

TEST_F(OomWatchTest, SaysBetweenWhichLooksItWasKilled) {
  check(3, begin_);
  check(3, begin_ + 1min);
  check(4, begin_ + 1min + 1s);
  check(4, begin_ + 1min + 2s);
  const auto found = answer(begin_ + 1min + 3s);
  EXPECT_EQ(found.probe, "kernel-oom-record");
  EXPECT_EQ(found.text,
            "the kernel killed a process for want of memory between 2026-11-21T15:54:49Z and 2026-11-21T15:54:50Z");
  EXPECT_EQ(answer(begin_ + 5min).probe, "no-kernel-oom-record") << "that was long before";
}

TEST_F(OomWatchTest, IsUnknownWithoutTheKernelsCount) {
  std::filesystem::remove(host_.root() / "proc/vmstat");
  watch_.check(begin_);
  EXPECT_EQ(answer(begin_).text, "the kernel's count of kills cannot be read");
}

TEST(Memory, LookedAtOnceIsKnownOnlyWhenNothingWasEverKilled) {
  EXPECT_EQ(seen(ProbeKind::memory, "this host").probe, "no-kernel-oom-record");
  const ChangedHost host;
  std::ofstream(host.root() / "proc/vmstat") << "pgfault 5\noom_kill 2\n";
  EXPECT_EQ(seen(ProbeKind::memory, "this host", host.root()).probe, "");
}

TEST(Name, ThatNeedsNoQuestionToTheNetworkResolvesOrNot) {
  EXPECT_EQ(seen(ProbeKind::name, "localhost").probe, "name-resolves");
}

TEST(Name, ThatIsNoneIsNotAskedFor) {
  for (const auto* text :
       {"", "127.0.0.1", "::1", "1234", "-x", ".example.com", "a b", "a/b", "$(id)", "a\nb", "ex\xc3\xa4mple"}) {
    EXPECT_EQ(seen(ProbeKind::name, text).text, "this is not the name of a host") << text;
  }
  EXPECT_EQ(seen(ProbeKind::name, std::string(254, 'a')).text, "this is not the name of a host");
}

constexpr std::uint64_t gibibyte = 1024ULL * 1024 * 1024;

TEST(FileSystem, IsFullWhenLittleOfItIsLeft) {
  EXPECT_EQ(why_full({.size = 20 * gibibyte, .free = 4 * 1024 * 1024}), "4 MiB of 20 GiB are left");
  EXPECT_EQ(why_full({.size = 20 * gibibyte, .free = 0}), "0 MiB of 20 GiB are left");
  EXPECT_EQ(why_full({.size = 20 * gibibyte, .free = gibibyte / 10}), "") << "enough to write a log";
  EXPECT_EQ(why_full({.size = 1024 * 1024, .free = 512 * 1024}), "") << "it is small, but half empty";
  EXPECT_EQ(why_full({.size = 0}), "");
}

TEST(FileSystem, IsFullWhenNoMoreFilesFit) {
  EXPECT_EQ(why_full({.size = 20 * gibibyte, .free = 9 * gibibyte, .files = 100'000, .free_files = 3}),
            "3 of 100000 files (inodes) are left");
  EXPECT_EQ(why_full({.size = 20 * gibibyte, .free = 9 * gibibyte, .files = 0, .free_files = 0}), "") << "btrfs";
  EXPECT_EQ(why_full({.size = 20 * gibibyte, .free = 9 * gibibyte, .files = 100, .free_files = 50}), "");
}

TEST(FileSystem, IsLookedForAmongTheLocalOnes) {
  const ChangedHost host;
  std::filesystem::create_directories(host.root() / "proc/self");
  const auto mounted = host.root() / "proc/self/mountinfo";
  std::ofstream(mounted) << "30 22 0:30 / /proc rw - nfs4 server:/export rw\n31 22 0:5 / /proc rw - proc proc rw\n"
                            "32 22 11:0 / /etc rw - vfat /dev/sr0 ro\n33 22 8:1 / /../etc rw - ext4 /dev/sda1 rw\n";
  EXPECT_EQ(seen(ProbeKind::file_system, "this host", host.root()).text, "no local file system is to be seen");
  std::ofstream(mounted) << "22 1 254:1 / / ro,relatime shared:1 - ext4 /dev/vda1 rw\n";
  EXPECT_NE(seen(ProbeKind::file_system, "this host", host.root()).probe, "") << "only this process may not write it";
}

TEST(FileSystem, AndNamesOfAContainerSayNothingAboutALogFromElsewhere) {
  const ChangedHost host;
  std::filesystem::remove_all(host.root() / "proc/2");
  for (const auto kind : {ProbeKind::name, ProbeKind::file_system}) {
    EXPECT_EQ(seen(kind, "localhost", host.root()).text,
              "this is a container, and who wrote the log is not to be seen in it")
        << "nginx is to be seen, but perhaps not its files";
    const ProbeQuestion question{.kind = kind, .subject = "localhost", .program = "uwsgi"};
    EXPECT_EQ(probe_host(question, host.root()).probe, "");
  }
  for (const auto* process : {"self", "1851"}) {
    std::filesystem::create_directories(host.root() / "proc" / process / "ns");
    std::filesystem::create_symlink("mnt:[4026531841]", host.root() / "proc" / process / "ns/mnt");
  }
  EXPECT_EQ(seen(ProbeKind::name, "localhost", host.root()).probe, "name-resolves") << "they see the same files";
}

TEST(Descriptors, AreComparedWithTheLimitOfTheProcess) {
  const ChangedHost host;
  ProbeQuestion question{
      .kind = ProbeKind::descriptors, .subject = "1700", .program = "gunicorn", .since = gunicorn_start};
  EXPECT_EQ(probe_host(question, host.root()).text, "process 1700 has 1 of 20000 files open");
  EXPECT_EQ(probe_host(question, host.root()).probe, "descriptors-below-limit");
  std::ofstream(host.root() / "proc/1700/limits")
      << "Limit  Soft Limit  Hard Limit  Units\nMax open files  1  20000  files\n";
  EXPECT_EQ(probe_host(question, host.root()).probe, "descriptors-at-limit");
  std::filesystem::remove_all(host.root() / "proc/1700/fd");
  EXPECT_EQ(probe_host(question, host.root()).probe, "");
  question.subject = "1850";
  EXPECT_EQ(probe_host(question, host.root()).probe, "") << "nginx is not Gunicorn";
}

TEST(Certificate, OfTheProxyIsValidUntilItsDateAndExpiredFromThenOn) {
  auto question = asked_by_nginx(ProbeKind::certificate, "this host");
  EXPECT_EQ(probe_host(question, recorded_host()).text, "the certificates of nginx are all in date");
  EXPECT_EQ(probe_host(question, recorded_host()).probe, "certificate-valid");
  question.since = gunicorn_start + 96h;
  EXPECT_EQ(probe_host(question, recorded_host()).probe, "certificate-expired");
  EXPECT_EQ(probe_host(question, recorded_host()).text, "the certificate /etc/ssl/shop.pem expired on 2026-11-24");
  question.since = gunicorn_start - 24h;
  EXPECT_EQ(probe_host(question, recorded_host()).text,
            "the certificate /etc/ssl/shop.pem is valid only from 2026-11-21 on");
}

TEST(Certificate, ThatCannotBeReadIsNeitherValidNorExpired) {
  const ChangedHost host;
  std::filesystem::remove(host.root() / "etc/ssl/shop.pem");
  EXPECT_EQ(seen(ProbeKind::certificate, "this host", host.root()).probe, "");
  EXPECT_EQ(probe_host({.kind = ProbeKind::certificate, .program = "haproxy", .writer = "1900"}, recorded_host()).probe,
            "")
      << "it has none";
}

TEST(Certificate, ThatIsCutOrChangedAnywhereDoesNoHarm) {
  const auto pem = read_host_file(recorded_host() / "etc/ssl/shop.pem")->text;
  ASSERT_TRUE(certificate_dates(pem).has_value());
  EXPECT_EQ(to_rfc3339(certificate_dates(pem)->until), "2026-11-24T16:26:13.000000Z");
  const std::string foot = "-----END CERTIFICATE-----";
  for (std::size_t length = 0; length < 200; ++length) {
    EXPECT_FALSE(certificate_dates(pem.substr(0, length) + foot).has_value()) << length;
  }
  for (std::size_t at = 28; at < pem.size(); ++at) {
    for (const char c : {'A', '/', 'w', 'g'}) {
      auto changed = pem;
      changed[at] = c;
      (void)certificate_dates(changed);
    }
  }
}

TEST(Unit, IsUnknownWhereNoSystemdRuns) {
  EXPECT_EQ(seen(ProbeKind::unit, "gunicorn.service").text, "no systemd runs here");
  for (const auto* name : {"", "gunicorn", "../x.service", "a b.service", "a/b.service", "$(id).service"}) {
    EXPECT_EQ(seen(ProbeKind::unit, name).text, "this is not the name of a service") << name;
  }
}

}  // namespace
}  // namespace triaged::probes
