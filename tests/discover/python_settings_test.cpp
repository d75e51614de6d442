#include "discover/python_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triaged::discover {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(PythonSettings, AreTextsListsAndTruthValues) {
  EXPECT_THAT(python_settings_in(R"(
import multiprocessing
bind = ["127.0.0.1:8000",
        'unix:/run/shop.sock']  # both
accesslog = '/var/log/gunicorn/access.log'
errorlog="-"
capture_output = True
)"),
              UnorderedElementsAre(Pair("bind", ElementsAre("127.0.0.1:8000", "unix:/run/shop.sock")),
                                   Pair("accesslog", ElementsAre("/var/log/gunicorn/access.log")),
                                   Pair("errorlog", ElementsAre("-")), Pair("capture_output", ElementsAre("True"))));
}

TEST(PythonSettings, AreNotWhatIsComputedOrConditional) {
  EXPECT_THAT(python_settings_in(R"(
accesslog = "/var/log/" + name
errorlog = os.environ["LOG"]
workers = 4
bind = [host, "127.0.0.1:8000"]
if debug:
    loglevel = "debug"
syslog == True
chdir = "a\x62"
)"),
              IsEmpty());
}

TEST(PythonSettings, HoldTheLastValueAndForgetOneThatIsComputedLater) {
  EXPECT_THAT(python_settings_in("bind = 'a'\nbind = 'b'\n"), ElementsAre(Pair("bind", ElementsAre("b"))));
  EXPECT_THAT(python_settings_in("bind = 'a'\nbind = address()\n"), IsEmpty());
}

}  // namespace
}  // namespace triaged::discover
