#include <gtest/gtest.h>

#include "tests/support/recorded_host.hpp"

namespace triaged::probes {
namespace {

ProbeQuestion asked_by_gunicorn(std::string subject, TimePoint since) {
  return {.kind = ProbeKind::process,
          .subject = std::move(subject),
          .program = "gunicorn",
          .writer = "1700",
          .since = since};
}

Finding seen(std::string subject, TimePoint since) {
  return probe_host(asked_by_gunicorn(std::move(subject), since), recorded_host());
}

TEST(Process, IsAliveWhenItRanBeforeTheIncident) {
  const auto found = seen("1703", gunicorn_start + 1h);
  EXPECT_EQ(found.probe, "process-alive");
  EXPECT_EQ(found.text, "process 1703 (gunicorn) runs since 2026-11-21T15:53:49Z");
}

TEST(Process, IsGoneWhenThereIsNoneOfItsNumber) {
  EXPECT_EQ(seen("1709", gunicorn_start + 1h).probe, "process-gone");
  EXPECT_EQ(seen("1709", gunicorn_start + 1h).text, "process 1709 is gone");
}

TEST(Process, IsGoneWhenItsNumberIsAnotherOnesNow) {
  const auto found = seen("1703", gunicorn_start - 1h);
  EXPECT_EQ(found.probe, "process-gone");
  EXPECT_EQ(found.text, "process 1703 is gone; its number is another one's since 2026-11-21T15:53:49Z");
}

TEST(Process, WithANumberIsUnknownUnlessTheWriterOfTheLineIsToBeSeen) {
  auto question = asked_by_gunicorn("1709", gunicorn_start + 1h);
  question.writer = "3";
  EXPECT_EQ(probe_host(question, recorded_host()).probe, "");
  question.writer = "1850";  // nginx
  EXPECT_EQ(probe_host(question, recorded_host()).probe, "");
}

TEST(Process, OfAKernelsLineIsCountedAsTheHostDoes) {
  auto question = asked_by_gunicorn("1709", gunicorn_start + 1h);
  question.program = "kernel";
  question.writer = "1709";
  EXPECT_EQ(probe_host(question, recorded_host()).probe, "process-gone");
  const ChangedHost container;
  std::filesystem::remove_all(container.root() / "proc/2");
  EXPECT_EQ(probe_host(question, container.root()).probe, "");
}

TEST(Process, ThatListensIsAliveOrWasRestartedSinceTheIncidentBegan) {
  auto question = asked_by_nginx(ProbeKind::process, "127.0.0.1:8000");
  EXPECT_EQ(probe_host(question, recorded_host()).probe, "process-alive");
  EXPECT_EQ(probe_host(question, recorded_host()).text,
            "process 1700 (gunicorn) listens on 127.0.0.1:8000 and was started at 2026-11-21T15:53:49Z");
  question.since = gunicorn_start - 5s;
  EXPECT_EQ(probe_host(question, recorded_host()).probe, "process-restarted");
}

TEST(Process, IsUnknownWhereNobodyListensOrNobodyKnowsWhoDoes) {
  EXPECT_EQ(probe_host(asked_by_nginx(ProbeKind::process, "127.0.0.1:8003"), recorded_host()).text,
            "nobody listens there");
  EXPECT_EQ(probe_host(asked_by_nginx(ProbeKind::process, "127.0.0.1:8004"), recorded_host()).text,
            "whose socket it is may only be seen by root");
  EXPECT_EQ(seen("1700; rm -rf /", gunicorn_start).probe, "");
  EXPECT_EQ(seen("99999999", gunicorn_start).probe, "");
}

}  // namespace
}  // namespace triaged::probes
