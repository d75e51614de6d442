#include <gmock/gmock.h>

#include "base/read_file.hpp"
#include "base/yaml.hpp"
#include "formats/redaction/redactor.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;

/// A text of redaction_cases.yaml, and what must become of it.
struct RedactionCase {
  std::string text, redacted;
};

std::string without_joints(std::string text) {
  for (auto at = text.find("¦"); at != std::string::npos; at = text.find("¦", at)) {
    text.erase(at, std::string_view("¦").size());
  }
  return text;
}

/// "password=«hunter2»" and "card=«token|123»", of secrets of `kind`.
RedactionCase case_of(std::string_view marked, const std::string& kind) {
  constexpr std::string_view begin = "«", end = "»";
  RedactionCase made;
  for (;;) {
    const auto at = marked.find(begin);
    made.text += marked.substr(0, at);
    made.redacted += marked.substr(0, at);
    if (at == std::string_view::npos) return made;
    marked.remove_prefix(at + begin.size());
    auto secret = marked.substr(0, marked.find(end));
    marked.remove_prefix(secret.size() + end.size());
    auto name = kind;
    if (secret.starts_with("token|")) {
      name = "token";
      secret.remove_prefix(6);
    }
    made.text += secret;
    made.redacted += "[redacted: " + name + "]";
  }
}

class RedactionCases : public testing::Test {
 protected:
  RedactionCases() {
    const std::string path = TRIAGED_SOURCE_DIR "/tests/formats/redaction_cases.yaml";
    Problems problems;
    const auto text = read_plain_file(path, 1 << 20);
    const auto documents = read_yaml(text->text, path, problems);
    EXPECT_TRUE(problems.empty());
    for (const auto& [kind, texts] : documents.at(0).find("secrets")->entries) {
      for (const auto& item : texts.items) secrets.push_back(case_of(without_joints(item.text), kind.text));
    }
    for (const auto& item : documents.at(0).find("look_alikes")->items)
      look_alikes.push_back(without_joints(item.text));
  }

  std::vector<RedactionCase> secrets;
  std::vector<std::string> look_alikes;
};

TEST_F(RedactionCases, EverySecretIsReplacedByItsKindAndNothingElse) {
  EXPECT_GE(secrets.size(), 120U);
  for (const auto& [text, redacted] : secrets) EXPECT_EQ(usual_redactor()->redacted(text), redacted);
}

TEST_F(RedactionCases, WhatOnlyLooksLikeASecretStays) {
  EXPECT_GE(look_alikes.size(), 120U);
  for (const auto& text : look_alikes) EXPECT_EQ(usual_redactor()->redacted(text), text);
}

TEST_F(RedactionCases, RedactingTwiceIsRedactingOnce) {
  for (const auto& [text, redacted] : secrets) EXPECT_EQ(usual_redactor()->redacted(redacted), redacted);
}

TEST(Redactor, WhatWasRedactedMakesNoSecretOfItsNeighbours) {
  for (const std::string text : {"token=$Do@example.com", "the pass: DBasic bob@example.com", "password=[redacted"}) {
    const auto once = usual_redactor()->redacted(text);
    EXPECT_EQ(usual_redactor()->redacted(once), once);
  }
}

TEST(Redactor, WhatWasRedactedBehindALoginMakesNoEmailOfIt) {
  const auto once = usual_redactor()->redacted("backup@tape.example.com:bob@example.com/a");
  EXPECT_EQ(once, "backup@tape.example.com:[redacted: email]/a");
  EXPECT_EQ(usual_redactor()->redacted(once), once);
}

TEST_F(RedactionCases, ATextThatHoldsASecretMayHoldOne) {
  for (const auto& [text, redacted] : secrets) EXPECT_TRUE(usual_redactor()->may_hold_secret(text)) << text;
}

TEST_F(RedactionCases, ASecretIsFoundBehindWhateverWrapsItsLine) {
  for (const auto& [text, redacted] : secrets) {
    if (text.starts_with("MII")) continue;  // a line of a key is known by standing alone
    EXPECT_EQ(usual_redactor()->redacted("web-1  | " + text), "web-1  | " + redacted);
  }
}

TEST(Redactor, LeavesExceptedKindsAlone) {
  const Redactor redactor({.except = {SecretKind::email}});
  EXPECT_EQ(redactor.redacted("bob@example.com password=hunter2"), "bob@example.com password=[redacted: password]");
}

TEST(Redactor, ReplacesWhatTheGroupSecretOfAnExtraPatternMatches) {
  const Redactor redactor({.extra = {R"(customer (?P<secret>C-\d+))"}});
  EXPECT_EQ(redactor.redacted("customer C-4711 pays C-4712"), "customer [redacted: extra] pays C-4712");
}

TEST(Redactor, ReplacesAllThatAnExtraPatternWithoutThatGroupMatches) {
  const Redactor redactor({.extra = {R"(C-(\d+))"}});
  EXPECT_EQ(redactor.redacted("customers C-4711, C-4712"), "customers [redacted: extra], [redacted: extra]");
}

TEST(Redactor, FindsTheGroupSecretBehindManyOthers) {
  const Redactor redactor({.extra = {R"((a)(b)(c)(d)(e)(f)(g)(h)(?P<secret>\d+))"}});
  EXPECT_EQ(redactor.redacted("abcdefgh4711"), "abcdefgh[redacted: extra]");
}

TEST(Redactor, WithoutTheUsualKindsFindsOnlyWhatExtraPatternsFind) {
  const Redactor redactor({.is_on = false, .extra = {"C-\\d+"}});
  EXPECT_EQ(redactor.redacted("C-4711 password=hunter2"), "[redacted: extra] password=hunter2");
}

TEST(Redactor, ManyLargePatternsAreSlowerAndNotLost) {
  RedactOptions options;
  for (int i = 0; i < 100; ++i) options.extra.push_back("C" + std::to_string(i) + "-([a-z0-9]{200}x){4}|C-\\d+");
  EXPECT_EQ(Redactor(options).redacted("customer C-4711"), "customer [redacted: extra]");
}

TEST(Redactor, TakesAnyBytes) {
  const std::string bytes("password=\xff\xfe\0\x80 token=\xc3", 23);
  EXPECT_EQ(usual_redactor()->redacted(bytes), "password=[redacted: password] token=[redacted: token]");
}

TEST(Redactor, TakesForAMarkOnlyItsOwn) {
  EXPECT_EQ(usual_redactor()->redacted("GET /[redacted:x?token=8f3k2j4h5k6l7m8n HTTP/1.1, referrer: \"]\""),
            "GET /[redacted:x?token=[redacted: token] HTTP/1.1, referrer: \"]\"");
  EXPECT_EQ(usual_redactor()->redacted("password=[redacted: password]"), "password=[redacted: password]");
  EXPECT_EQ(usual_redactor()->redacted("password=$Ecret123 and password=$DB_PASSWORD"),
            "password=[redacted: password] and password=$DB_PASSWORD");
}

TEST(RedactedText, ShowsAPieceAsItStandsInTheText) {
  const RedactedText line(*usual_redactor(), "GET /login?user=bob&password=hunter2 HTTP/1.1");
  EXPECT_EQ(line.part("/login?user=bob&password=hunter2"), "/login?user=bob&password=[redacted: password]");
  EXPECT_EQ(line.part("hunter2"), "[redacted: password]");
  EXPECT_EQ(line.part("unter"), "[redacted: password]");
  EXPECT_EQ(line.part("word=hunt"), "word=[redacted: password]");
  EXPECT_EQ(line.part("/login"), "/login");
}

TEST(RedactedText, LeavesWhatAlsoStandsOutsideOfSecrets) {
  const RedactedText line(*usual_redactor(), "10.0.0.5:8080 refused token=8080123 and token=8080");
  EXPECT_EQ(line.part("8080"), "8080");
  EXPECT_EQ(line.part("10.0.0.5:8080"), "10.0.0.5:8080");
}

TEST(RedactedText, JudgesWhatIsNoPieceOfTheTextByItself) {
  const RedactedText line(*usual_redactor(), "worker 12 exited");
  EXPECT_EQ(line.part("postgres://shop:hunter2@db/shop"), "postgres://shop:[redacted: password]@db/shop");
}

TEST(SecretKind, EachUsualKindHasANameByWhichItIsFound) {
  EXPECT_THAT(usual_secret_kinds(), ElementsAre("private-key", "jwt", "cloud-key", "service-key", "webhook", "password",
                                                "authorization", "cookie", "token", "email", "card"));
  for (const auto name : usual_secret_kinds()) EXPECT_EQ(name_of(usual_secret_kind_named(name).value()), name);
  EXPECT_FALSE(usual_secret_kind_named("extra"));
}

}  // namespace
}  // namespace triaged::formats
