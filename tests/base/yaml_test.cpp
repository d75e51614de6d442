#include "base/yaml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triaged::inline base {
namespace {

using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts_of(const Problems& problems) {
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(to_text(problem));
  return texts;
}

class Yaml : public testing::Test {
 protected:
  std::vector<YamlValue> read(std::string_view text) { return read_yaml(text, "a.yaml", problems_); }
  /// The complaints about a text that must not be accepted.
  std::vector<std::string> refusal_of(std::string_view text) {
    EXPECT_TRUE(read(text).empty());
    return texts_of(problems_);
  }

  Problems problems_;
};

TEST_F(Yaml, RemembersWhereEveryValueStood) {
  const auto documents = read("id: x\nmatch:\n  - {regex: 'a b'}\n");
  ASSERT_EQ(documents.size(), 1u);
  const auto* match = documents[0].find("match");
  ASSERT_NE(match, nullptr);
  const auto* regex = match->items.at(0).find("regex");
  ASSERT_NE(regex, nullptr);
  EXPECT_EQ(regex->text, "a b");
  EXPECT_TRUE(regex->quoted);
  EXPECT_EQ(regex->line, 3u);
  EXPECT_EQ(regex->column, 13u);
}

TEST_F(Yaml, CountsColumnsInBytes) {
  const auto documents = read("{上游: x, b: y}\n");
  ASSERT_EQ(documents.size(), 1u);
  EXPECT_EQ(documents[0].find("b")->column, 16u);
}

TEST_F(Yaml, ReadsSeveralDocuments) {
  const auto documents = read("---\na: 1\n---\n...\n---\nb: 2\n");
  ASSERT_EQ(documents.size(), 3u);
  EXPECT_EQ(documents[1].kind, YamlValue::Kind::null);
  EXPECT_EQ(documents[2].find("b")->line, 6u);
}

TEST_F(Yaml, ReadsWindowsLineEndsAndAByteOrderMark) {
  const auto documents = read(
      "\xef\xbb\xbf"
      "a: 1\r\nb: x\r\n");
  ASSERT_EQ(documents.size(), 1u);
  EXPECT_EQ(documents[0].find("b")->text, "x");
  EXPECT_EQ(documents[0].find("b")->line, 2u);
}

TEST_F(Yaml, PutsAMissingValueWhereItsFieldIs) {
  const auto documents = read("a: 1\nentity:\n\nb: 2\n");
  ASSERT_EQ(documents.size(), 1u);
  EXPECT_EQ(documents[0].find("entity")->kind, YamlValue::Kind::null);
  EXPECT_EQ(documents[0].find("entity")->line, 2u);
}

TEST_F(Yaml, RefusesAFieldGivenTwice) {
  EXPECT_THAT(refusal_of("a: 1\nb:\n  c: 1\n  c: 2\n"),
              ElementsAre("a.yaml:4:3: error: this field is given twice, first in line 3"));
}

TEST_F(Yaml, RefusesFieldNamesThatAreNotText) {
  EXPECT_THAT(refusal_of("[1, 2]: x\n"), ElementsAre("a.yaml:1:1: error: a field name must be plain text"));
}

TEST_F(Yaml, TellsWhereTheSyntaxBreaks) {
  EXPECT_THAT(refusal_of("a: [1, 2\nb: 1\n"),
              ElementsAre("a.yaml:2:2: error: not valid YAML: expected ',' or ']' of a list that is still open"));
}

TEST_F(Yaml, AdvisesSingleQuotesForARegexInDoubleQuotes) {
  EXPECT_THAT(refusal_of(R"(regex: "\d+")"
                         "\n"),
              ElementsAre("a.yaml:1:11: error: not valid YAML: this escape does not exist (in double quotes a "
                          "backslash begins an escape; use single quotes)"));
}

TEST_F(Yaml, RefusesAQuotedTextThatIsNeverClosed) {
  EXPECT_THAT(refusal_of("title: 'Upstream's down\nid: x\n"),
              ElementsAre("a.yaml:1:18: error: not valid YAML: expected a field of the map, indented like its other "
                          "fields, or its end"));
  problems_.clear();
  EXPECT_THAT(refusal_of("id: x\ntitle: 'it''s gone\nregex: x\n"),
              ElementsAre("a.yaml:2:8: error: this quoted text is not closed"));
  problems_.clear();
  EXPECT_THAT(refusal_of("id: x\ntitle: \"a \\\" b\nregex: x\n"),
              ElementsAre("a.yaml:2:8: error: this quoted text is not closed"));
}

TEST_F(Yaml, TakesQuotesInsideQuotedTexts) {
  const auto documents = read("a: 'it''s'\nb: \"x\\\"y\"\n");
  ASSERT_EQ(documents.size(), 1u);
  EXPECT_EQ(documents[0].find("a")->text, "it's");
  EXPECT_EQ(documents[0].find("b")->text, "x\"y");
}

TEST_F(Yaml, RefusesBytesThatAreNoText) {
  using std::string_view_literals::operator""sv;
  EXPECT_THAT(refusal_of("a: 1\nb: x\0y\n"sv),
              ElementsAre("a.yaml:2:5: error: a control character (0x00) stands here"));
  problems_.clear();
  EXPECT_THAT(refusal_of("a: x\x04\n"), ElementsAre("a.yaml:1:5: error: a control character (0x04) stands here"));
  problems_.clear();
  EXPECT_THAT(refusal_of("a: caf\xe9\n"), ElementsAre("a.yaml:1:7: error: not valid UTF-8: byte 0xe9"));
}

TEST_F(Yaml, StopsAtTreesThatGrowWithoutEnd) {
  const std::string complaint =
      "error: too large: more than 100000 values or 64 MiB of text, or nested more than 100 deep";
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) laughs += "*a" + std::to_string(i - 1) + ", ";
    laughs += "]\n";
  }
  EXPECT_THAT(refusal_of(laughs), ElementsAre("a.yaml:1:1: " + complaint));
  problems_.clear();
  EXPECT_THAT(refusal_of("a: &a [*a]\n"), ElementsAre("a.yaml:1:1: " + complaint));
  problems_.clear();
  EXPECT_THAT(refusal_of(std::string(5000, '[')), ElementsAre("a.yaml:1:1: " + complaint));
}

TEST_F(Yaml, StopsWhenAliasesRepeatALongText) {
  std::string text = "a: &a '" + std::string(1 << 20, 'x') + "'\nb: [";
  for (int i = 0; i < 70; ++i) text += "*a, ";
  EXPECT_EQ(refusal_of(text + "]\n").size(), 1u);
}

class YamlReader : public Yaml {
 protected:
  void SetUp() override {
    documents_ = read(
        "name: web\nnumber: 0.5\nwhole: 7\nflag: true\nwait: 1m30s\nsize: 4KiB\nlist: [a, b]\nmap: {x: y}\n"
        "quoted: '5'\nnothing:\ninfinite: inf\nunused: 1\n");
    ASSERT_TRUE(problems_.empty());
  }
  YamlMapReader reader() { return {documents_.at(0), "source", file_, problems_}; }
  /// The complaint, without the place, that one question causes.
  template <typename Ask>
  std::string complaint_of(Ask ask) {
    problems_.clear();
    auto asking = reader();
    ask(asking);
    return problems_.size() == 1 ? problems_[0].message : "";
  }

  const std::string file_ = "a.yaml";
  std::vector<YamlValue> documents_;
};

TEST_F(YamlReader, ReadsEachTypeOfField) {
  auto asking = reader();
  EXPECT_EQ(asking.text("name"), "web");
  EXPECT_EQ(asking.number("number"), 0.5);
  EXPECT_EQ(asking.integer("whole"), 7);
  EXPECT_EQ(asking.boolean("flag"), true);
  EXPECT_EQ(asking.duration("wait"), 90s);
  EXPECT_EQ(asking.size("size"), 4096u);
  EXPECT_THAT(asking.texts("list"), ElementsAre("a", "b"));
  EXPECT_THAT(asking.texts("name"), ElementsAre("web"));
  EXPECT_NE(asking.map("map"), nullptr);
  EXPECT_TRUE(problems_.empty());
}

TEST_F(YamlReader, SaysNothingAboutAbsentFields) {
  auto asking = reader();
  EXPECT_EQ(asking.text("nothing"), std::nullopt);
  EXPECT_EQ(asking.number("absent"), std::nullopt);
  EXPECT_EQ(asking.map("absent"), nullptr);
  EXPECT_THAT(asking.texts("absent"), IsEmpty());
  EXPECT_TRUE(problems_.empty());
}

TEST_F(YamlReader, ReportsFieldsOfTheWrongType) {
  EXPECT_EQ(complaint_of([](auto& asking) { static_cast<void>(asking.text("list")); }),
            "'list' of source must be text, not a list");
  EXPECT_EQ(complaint_of([](auto& asking) { static_cast<void>(asking.number("name")); }),
            "'name' of source must be a number");
  EXPECT_EQ(complaint_of([](auto& asking) { static_cast<void>(asking.number("quoted")); }),
            "'quoted' of source must be a number, not a quoted text");
  EXPECT_EQ(complaint_of([](auto& asking) { static_cast<void>(asking.number("infinite")); }),
            "'infinite' of source must be a number");
  EXPECT_EQ(complaint_of([](auto& asking) { static_cast<void>(asking.integer("number")); }),
            "'number' of source must be a whole number");
  EXPECT_EQ(complaint_of([](auto& asking) { static_cast<void>(asking.boolean("name")); }),
            "'name' of source must be true or false");
  EXPECT_EQ(complaint_of([](auto& asking) { static_cast<void>(asking.duration("whole")); }),
            "'whole' of source must be a duration such as 30s, 15m or 1h30m");
  EXPECT_EQ(complaint_of([](auto& asking) { static_cast<void>(asking.size("wait")); }),
            "'wait' of source must be a size such as 4KiB, 100MiB or 1GiB");
  EXPECT_EQ(complaint_of([](auto& asking) { static_cast<void>(asking.map("list")); }),
            "'list' of source must be a map, not a list");
  EXPECT_EQ(complaint_of([](auto& asking) { static_cast<void>(asking.texts("map")); }),
            "'map' of source must be a list of texts, not a map");
}

TEST_F(YamlReader, ReportsFieldsThatNobodyAskedFor) {
  documents_ = read("nmae: web\nused: 1\nignored: 1\n");
  auto asking = reader();
  static_cast<void>(asking.text("name"));
  static_cast<void>(asking.integer("used"));
  asking.ignore("ignored");
  asking.finish(ProblemLevel::warning);
  EXPECT_THAT(texts_of(problems_),
              ElementsAre("a.yaml:1:1: warning: unknown field 'nmae' in source; did you mean 'name'? (nmae)"));
}

TEST_F(YamlReader, ReportsARequiredFieldThatIsMissing) {
  EXPECT_EQ(complaint_of([](auto& asking) { asking.require("name"); }), "");
  EXPECT_EQ(complaint_of([](auto& asking) { asking.require("nothing"); }), "source has no 'nothing'");
}

TEST_F(Yaml, QuotesNothingOfAFileThatItCannotRead) {
  for (const std::string broken :
       {"url: *hunter2hunter2\n", "url: 'hunter2hunter2\n", "a: \"hunter2hunter2\\q\"\n", "hunter2hunter2\na: b\n",
        "%TAG hunter2\n---\na\n", "%YAML hunter2\n---\na\n", "hunter2: 1\nhunter2: 2\n", "{a: 1, hunter2hunter2",
        "a: !<hunter2 b\n", "a: &hunter2\n  &hunter2 b\n", "a: | hunter2\n", "[hunter2: 1]: 2\n",
        "a: \"hunter2\n---\n\"\n"}) {
    problems_.clear();
    for (const auto& complaint : refusal_of(broken)) {
      EXPECT_EQ(complaint.find("hunter2"), std::string::npos) << broken << complaint;
    }
    EXPECT_FALSE(problems_.empty()) << broken;
  }
}

TEST_F(Yaml, StopsWhereTheParserFindsEmptyDocumentsWithoutEnd) {
  EXPECT_THAT(refusal_of("   a: b\n  ,\n"),
              ElementsAre("a.yaml:2:3: error: not valid YAML: no value can begin with this character: put the text in "
                          "quotes"));
}

TEST_F(Yaml, CountsEveryCopyOfAnAnchor) {
  std::string nested;
  for (int depth = 0; depth < 90; ++depth) nested += "&a" + std::to_string(depth) + " [";
  nested += "'" + std::string(1 << 20, 'x') + "'" + std::string(90, ']');
  EXPECT_EQ(refusal_of(nested).size(), 1u);
}

class HiddenTexts : public YamlReader {
 protected:
  /// The only problem that `ask` causes in `text`.
  std::string complaint_about(std::string_view text, void (*ask)(YamlMapReader&)) {
    problems_.clear();
    documents_ = read(text);
    hide_texts(documents_.at(0));
    auto asking = reader();
    ask(asking);
    return problems_.size() == 1 ? to_text(problems_[0]) : "";
  }
};

TEST_F(HiddenTexts, AreNotQuotedWhateverIsWrong) {
  const auto number = [](YamlMapReader& asking) { static_cast<void>(asking.number("a")); };
  EXPECT_EQ(complaint_about("a: hunter2\n", number), "a.yaml:1:4: error: 'a' of source must be a number");
  EXPECT_EQ(complaint_about("a: hunter2\n", [](YamlMapReader& asking) { static_cast<void>(asking.map("a")); }),
            "a.yaml:1:4: error: 'a' of source must be a map, not text");
  EXPECT_EQ(complaint_about("a: 12345678x\n", number), "a.yaml:1:4: error: 'a' of source must be a number");
}

TEST_F(HiddenTexts, AreQuotedWhenTheyAreShortNumbers) {
  EXPECT_EQ(complaint_about("a: 20sec\n", [](YamlMapReader& asking) { static_cast<void>(asking.duration("a")); }),
            "a.yaml:1:4: error: 'a' of source must be a duration such as 30s, 15m or 1h30m (20sec)");
}

TEST_F(HiddenTexts, AreQuotedWhenTheyAreNearAKnownWord) {
  const auto choice = [](YamlMapReader& asking) { static_cast<void>(asking.choice("a", {"process", "power"})); };
  EXPECT_EQ(complaint_about("a: porwer\n", choice),
            "a.yaml:1:4: error: 'a' of source must be process or power; did you mean 'power'? (porwer)");
  EXPECT_EQ(complaint_about("a: hunter2\n", choice), "a.yaml:1:4: error: 'a' of source must be process or power");
  const auto fields = [](YamlMapReader& asking) {
    asking.ignore("settle");
    asking.ignore("language");
    asking.finish(ProblemLevel::error);
  };
  EXPECT_EQ(complaint_about("settel: 1\n", fields),
            "a.yaml:1:1: error: unknown field 'settel' in source; did you mean 'settle'? (settel)");
  EXPECT_EQ(complaint_about("hunter2: 1\n", fields),
            "a.yaml:1:1: error: unknown field in source; its fields are: settle, language");
}

TEST_F(HiddenTexts, FromTheEnvironmentAreNeverQuoted) {
  documents_ = read("a: porwer\n");
  hide_texts(documents_.at(0));
  documents_.at(0).entries.at(0).value.written = "${NAME}";
  auto asking = reader();
  static_cast<void>(asking.choice("a", {"process", "power"}));
  EXPECT_THAT(texts_of(problems_), ElementsAre("a.yaml:1:4: error: 'a' of source must be process or power"));
}

TEST_F(YamlReader, ReportsAValueThatIsNoMapAtAll) {
  documents_ = read("just text\n");
  auto asking = reader();
  EXPECT_EQ(asking.text("name"), std::nullopt);
  EXPECT_THAT(texts_of(problems_), ElementsAre("a.yaml:1:1: error: source must be a map, not text (just text)"));
}

TEST_F(Yaml, NamesTheTabThatIndentsALine) {
  const auto problem_in = [](const std::string& text) {
    Problems problems;
    EXPECT_TRUE(read_yaml(text, "a.yaml", problems).empty());
    return problems.empty() ? std::string() : to_text(problems.front());
  };
  const std::string words = "error: a tab indents this line; YAML indents with blanks only: replace it by blanks";
  EXPECT_EQ(problem_in("sources:\n\t- file: {paths: [/a]}\n"), "a.yaml:2:1: " + words);
  EXPECT_EQ(problem_in("a:\n  b: 1\n \tc: 2\n"), "a.yaml:3:2: " + words);
}

}  // namespace
}  // namespace triaged::inline base
