// An object of docker's json-file driver is taken apart by hand, as any other object is by simdjson: to the same end.
#include <gmock/gmock.h>

#include "formats/envelope/layer.hpp"

namespace triaged::formats {
namespace {

std::string object_with(std::string_view text, std::string_view stream = "stdout",
                        std::string_view time = "2026-11-21T01:20:00.123456789Z") {
  return std::string(R"({"log":")")
             .append(text)
             .append(R"(","stream":")")
             .append(stream)
             .append(R"(","time":")")
             .append(time) +
         "\"}";
}

class DockerObject : public testing::Test {
 protected:
  std::optional<Layer> by_hand(const std::string& object) { return peel_docker(object, unescaped_); }
  std::optional<Layer> by_simdjson(const std::string& object) { return peel_json(object, {parser_, padded_, joined_}); }

 private:
  std::string unescaped_, padded_, joined_;
  simdjson::dom::parser parser_;
};

TEST_F(DockerObject, IsReadByHandAsBySimdjson) {
  for (const std::string_view text :
       {R"(listening\n)", R"(\n)", R"(a\r\n)", R"(\"GET /\" 200\n)", R"(tab\there \\ \/ \b\f\n)",
        R"(\u003cscript\u003e \u00e9 \u20ac\n)", "caf\u00e9 \u20ac\\n", R"(no end)", R"(one\ntwo\n)",
        R"(Traceback (most recent call last):\nKeyError: 'x'\n)",
        R"(\",\"stream\":\"stderr\",\"time\":\"2020-01-01T00:00:00Z\"}\n)"}) {
    const auto object = object_with(text);
    const auto quick = by_hand(object), slow = by_simdjson(object);
    ASSERT_TRUE(quick && slow) << object;
    EXPECT_EQ(quick->text, slow->text) << object;
    EXPECT_EQ(quick->key, slow->key) << object;
    EXPECT_EQ(quick->time, slow->time) << object;
    EXPECT_EQ(quick->has_end, slow->has_end) << object;
    EXPECT_EQ(quick->is_partial, slow->is_partial) << object;
    EXPECT_TRUE(quick->is_certain && slow->is_certain) << object;
    EXPECT_TRUE(quick->is_of_docker && slow->is_of_docker) << object;
  }
}

TEST_F(DockerObject, OfALineInPartsGoesOn) {
  const auto object = object_with(std::string(16 * 1024, 'x'));
  EXPECT_TRUE(by_hand(object)->is_partial);
  EXPECT_TRUE(by_simdjson(object)->is_partial);
}

TEST_F(DockerObject, ThatDiffersIsLeftToSimdjson) {
  for (const auto& object :
       {object_with(""), object_with("x", "journal"), object_with("x", "stdout", "now"), object_with(R"(\x)"),
        object_with(R"(\u00g0)"), object_with(R"(\ud83d\ude00)"), object_with(R"(cut \)"), object_with("\x01"),
        object_with("\xff"), object_with(R"(x","level":"error)"), object_with("x") + " ", std::string(R"({"log":"x"})"),
        std::string(R"({"log":"x","stream":"stdout","attrs":{},"time":"2026-11-21T01:20:00Z"})")}) {
    EXPECT_FALSE(by_hand(object)) << object;
  }
}

}  // namespace
}  // namespace triaged::formats
