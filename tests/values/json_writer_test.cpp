#include "values/json_writer.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace triaged::inline values {
namespace {

TEST(JsonWriter, PutsCommasBetweenItemsAndNowhereElse) {
  JsonWriter json;
  json.begin_object();
  json.key("empty").begin_array();
  json.end_array();
  json.key("pairs").begin_array();
  for (const auto* text : {"a", "b"}) {
    json.begin_array();
    json.text(text);
    json.whole(1);
    json.end_array();
  }
  json.end_array();
  json.key("texts").texts(std::vector<std::string>{"a", "b"});
  json.key("yes").boolean(true);
  json.end_object();
  EXPECT_EQ(json.json(), R"({"empty":[],"pairs":[["a",1],["b",1]],"texts":["a","b"],"yes":true})");
}

TEST(JsonWriter, GivesEachItemARowWhenPeopleAreToReadIt) {
  JsonWriter json(JsonWriter::Layout::indented);
  json.begin_object();
  json.key("none").null();
  json.key("empty").begin_object();
  json.end_object();
  json.key("list").begin_array();
  json.text("a");
  json.begin_array();
  json.end_array();
  json.begin_object();
  json.key("b").whole(1);
  json.end_object();
  json.end_array();
  json.end_object();
  EXPECT_EQ(json.json(), R"({
  "none": null,
  "empty": {},
  "list": [
    "a",
    [],
    {
      "b": 1
    }
  ]
})");
}

TEST(JsonWriter, TakesWhatIsJsonAlreadyAsAValue) {
  JsonWriter json;
  json.begin_array();
  json.raw(R"({"a":1})");
  json.raw("[]");
  json.end_array();
  EXPECT_EQ(std::move(json).json(), R"([{"a":1},[]])");
}

TEST(JsonWriter, WritesWholeNumbersOfAnySize) {
  JsonWriter json;
  json.begin_array();
  json.whole(std::numeric_limits<std::uint64_t>::max());
  json.integer(std::numeric_limits<std::int64_t>::min());
  json.end_array();
  EXPECT_EQ(json.json(), "[18446744073709551615,-9223372036854775808]");
}

TEST(JsonWriter, RoundsNumbersForPeopleAndKeepsThoseThatAreReadBack) {
  JsonWriter json;
  json.begin_array();
  for (const double number : {0.1 + 0.2, 0.93, 3.0, 1e-7}) {
    json.real(number);
    json.exact(number);
  }
  json.end_array();
  EXPECT_EQ(json.json(), "[0.3,0.30000000000000004,0.93,0.93,3,3,0,1e-07]");
}

TEST(JsonWriter, EscapesWhatCouldActOnATerminalOrIsNoText) {
  JsonWriter json;
  json.text("\"\\\n\r\t\b\f\x01\x7f\xc2\x9b\xe2\x80\xa8 \xc3\xa9 \xff");
  EXPECT_EQ(json.json(), "\"\\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u007f\\u009b\\u2028 \xc3\xa9 \xef\xbf\xbd\"");
}

}  // namespace
}  // namespace triaged::inline values
