// What programs in Go, Java, Node.js and Ruby print of a panic or an exception; the texts are theirs.
#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class StackTraces : public testing::Test {
 protected:
  LogLines lines{"app.log"};

  /// "format: message" of each line of `text` that says what failed, or is no part of a stack.
  std::vector<std::string> said_in(std::string_view text, std::string_view before_each = "") {
    std::vector<std::string> said;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      lines.read(std::string(before_each) + std::string(text.substr(0, end)));
      const bool is_frame = lines.format() != "text" && lines.field("exception").empty();
      if (!lines.message().empty() && !is_frame) said.push_back(std::string(lines.format()) + ": " + lines.message());
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return said;
  }
};

constexpr std::string_view go_panic = R"(panic: runtime error: index out of range [5] with length 3 [recovered]
	panic: again: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.main.func1()
	/srv/app/a.go:4 +0x6d
panic({0x4bb760?, 0x131bffa26078?})
	/usr/local/go/src/runtime/panic.go:860 +0x13a
main.f(...)
	/srv/app/a.go:3
created by main.main.func2 in goroutine 101
	/srv/app/a.go:22 +0x69
exit status 2
)";

TEST_F(StackTraces, OfGoSayThePanicOnly) {
  EXPECT_THAT(said_in(go_panic),
              ElementsAre("go.panic: panic: runtime error: index out of range [5] with length 3 [recovered]",
                          "go.panic: panic: again: runtime error: index out of range [5] with length 3"));
  EXPECT_EQ(lines.last().header, "panic: runtime error: index out of range [5] with length 3 [recovered]");
}

TEST_F(StackTraces, OfGoNameWhatFailed) {
  lines.read("panic: runtime error: index out of range [5] with length 3");
  EXPECT_THAT(lines.fields(),
              ElementsAre("exception=runtime error", "exception_text=index out of range [5] with length 3"));
  lines.read("panic: assignment to entry in nil map");
  EXPECT_THAT(lines.fields(), ElementsAre("exception=panic", "exception_text=assignment to entry in nil map"));
  lines.read("fatal error: all goroutines are asleep - deadlock!");
  EXPECT_THAT(lines.fields(),
              ElementsAre("exception=fatal error", "exception_text=all goroutines are asleep - deadlock!"));
}

TEST_F(StackTraces, OfAHandlerInGoHaveTheTimeOfItsLog) {
  EXPECT_THAT(said_in("2026/11/21 01:17:36 http: panic serving 127.0.0.1:51040: assignment to entry in nil map\n"
                      "goroutine 110 [running]:\n"
                      "net/http.(*conn).serve.func1()\n"
                      "\t/usr/lib/go-1.19/src/net/http/server.go:1850 +0xbf\n"),
              ElementsAre("go.panic: http: panic serving 127.0.0.1:51040: assignment to entry in nil map"));
  EXPECT_EQ(lines.time(), "2026-11-21T01:17:36.000000Z");
  EXPECT_EQ(lines.last().header, "http: panic serving 127.0.0.1:51040: assignment to entry in nil map");
  lines.read("2026/11/21 01:17:36.123456 http2: panic serving 127.0.0.1:48296: assignment to entry in nil map");
  EXPECT_THAT(lines.fields(), ElementsAre("exception=panic", "exception_text=assignment to entry in nil map",
                                          "client=127.0.0.1:48296"));
}

TEST_F(StackTraces, OfACompilerAreNone) {
  EXPECT_THAT(said_in("fatal error: stdio.h: No such file or directory\nmain.main()\n"),
              ElementsAre("text: fatal error: stdio.h: No such file or directory", "text: main.main()"));
}

constexpr std::string_view java_exception = R"(Exception in thread "main" java.lang.RuntimeException: cannot start
	at A.c(A.java:1)
	at A.main(A.java:2)
Caused by: java.net.ConnectException: Connection refused
	at java.base/sun.nio.ch.Net.connect0(Native Method)
	at java.base/java.net.Socket.<init>(Socket.java:287)
	... 2 more
)";

TEST_F(StackTraces, OfJavaSayTheExceptionAndItsCauses) {
  EXPECT_THAT(said_in(java_exception),
              ElementsAre("java.exception: Exception in thread \"main\" java.lang.RuntimeException: cannot start",
                          "java.exception: Caused by: java.net.ConnectException: Connection refused"));
  EXPECT_EQ(lines.last().header, "Exception in thread \"main\" java.lang.RuntimeException: cannot start");
  lines.read("Caused by: java.net.ConnectException: Connection refused");
  EXPECT_THAT(lines.fields(), ElementsAre("exception=java.net.ConnectException", "exception_text=Connection refused",
                                          "code_file=A.java", "code_line=1", "code_function=A.c"));
}

TEST_F(StackTraces, OfJavaAreKnownByTheirPackageWithoutAThread) {
  EXPECT_THAT(said_in("java.lang.NullPointerException\n"
                      "\tat com.example.Shop.main(Shop.java:12) ~[shop.jar:1.0]\n"),
              ElementsAre("java.exception: java.lang.NullPointerException"));
  EXPECT_EQ(lines.last().header, "java.lang.NullPointerException");
  // Python's, of a library that writes no traceback.
  EXPECT_THAT(
      said_in("redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.\n"),
      ElementsAre("text: redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. "
                  "Connection refused."));
}

constexpr std::string_view node_error = R"(/srv/app/n.js:1
const net=require('net');
                          ^

Error: cannot start
    at main (/srv/app/n.js:1:143)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {
  [cause]: Error: connect ECONNREFUSED 127.0.0.1:1
      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {
    code: 'ECONNREFUSED',
)";

TEST_F(StackTraces, OfNodeSayTheErrorAndItsCause) {
  EXPECT_THAT(said_in(node_error), ElementsAre("text: const net=require('net');", "text:                           ^",
                                               "node.error: Error: cannot start",
                                               "node.error: [cause]: Error: connect ECONNREFUSED 127.0.0.1:1",
                                               "text:     code: 'ECONNREFUSED',"));
}

TEST_F(StackTraces, OfNodeBeginWithWhatOnlyItSays) {
  for (const std::string line :
       {"Error: connect ECONNREFUSED 127.0.0.1:5432", "Uncaught TypeError: x is not a function",
        "Error: ENOENT: no such file or directory, open '/srv/x'",
        "Error [ERR_HTTP_HEADERS_SENT]: Cannot set headers after they are sent to the client"}) {
    lines.read(line);
    EXPECT_EQ(lines.format(), "node.error") << line;
    EXPECT_EQ(lines.message(), line);
  }
}

TEST_F(StackTraces, OfNodeHaveAnyErrorOnceAFrameWasSeen) {
  const std::string error = "TypeError: Invalid thing";
  lines.read(error);
  EXPECT_EQ(lines.format(), "text");
  lines.read("    at Timeout._onTimeout (/srv/app/n.js:2:95)");
  EXPECT_EQ(lines.format(), "node.error");
  lines.restart();
  lines.read(error);
  EXPECT_EQ(lines.format(), "node.error");
  EXPECT_THAT(lines.fields(), ElementsAre("exception=TypeError", "exception_text=Invalid thing"));
}

TEST_F(StackTraces, OfJavaBelowALoggersErrorAreOfAnyClassAndHaveItsLevelAndTime) {
  lines.read(
      "2020-05-18 22:58:07.204 ERROR 27272 --- [nio-8080-exec-3] o.a.c.c.C.[.[.[/] : Servlet.service() threw it");
  lines.read("");
  lines.read("shop.cart.PriceMissing: no price for sku");
  EXPECT_THAT(lines.fields(),
              ElementsAre("exception=shop.cart.PriceMissing", "exception_text=no price for sku", "level=error"));
  EXPECT_EQ(lines.time(), "2020-05-18T22:58:07.204000Z");
  lines.read("shop.cart.PriceMissing: no price for sku");
  EXPECT_EQ(lines.format(), "text");
}

TEST_F(StackTraces, OfJavaThatEndedAThreadWereNotLoggedByTheLineAbove) {
  lines.read("2020-05-18 22:58:07.204 ERROR 27272 --- [           main] o.s.boot.SpringApplication : run failed");
  lines.read("Exception in thread \"main\" java.lang.IllegalStateException: no cart");
  EXPECT_THAT(lines.fields(), ElementsAre("exception=java.lang.IllegalStateException", "exception_text=no cart"));
  EXPECT_EQ(lines.time(), "none");
}

TEST_F(StackTraces, OfJavaAreIndentedBelowALineOfTomcats) {
  lines.read(
      "18-May-2020 22:58:07.204 SEVERE [http-nio-8080-exec-3] org.apache.catalina.core.StandardWrapperValve.invoke "
      "Servlet.service() for servlet [cart] in context with path [/shop] threw exception");
  lines.read("\tjava.lang.NullPointerException");
  EXPECT_THAT(lines.fields(), ElementsAre("exception=java.lang.NullPointerException", "level=severe"));
  lines.read("\t\tat com.example.Cart.show(Cart.java:12)");
  EXPECT_EQ(lines.field("code_line"), "12");
}

TEST_F(StackTraces, OfJavaBelowAnyOtherLineHaveNoLevel) {
  for (const std::string above : {"2020-05-18 22:58:07.204  WARN 27272 --- [exec-3] shop : ERRORS were seen",
                                  "2020-05-18 22:58:07.204  INFO 27272 --- [exec-3] shop : no ERROR_CODE"}) {
    lines.read(above);
    lines.read("java.lang.NullPointerException: null");
    EXPECT_EQ(lines.field("level"), "") << above;
    lines.read("shop.cart.PriceMissing: no price for sku");
    EXPECT_EQ(lines.format(), "text") << above;
  }
}

TEST_F(StackTraces, OfJavaHaveTheirLevelOverARestart) {
  lines.read("SEVERE: cannot check out");
  lines.restart();
  lines.read("com.example.shop.Checkout$PriceMissing: no price for sku");
  EXPECT_EQ(lines.field("level"), "severe");
}

TEST_F(StackTraces, OfRubyAreReadAsServersLogThem) {
  const auto read = [this](std::string_view line) {
    lines = LogLines("app.log");
    lines.read(std::string(line));
    return std::string(lines.field("level")) + " " + std::string(lines.field("exception")) + ": " +
           std::string(lines.field("exception_text"));
  };
  EXPECT_EQ(read("F, [2016-10-20T20:32:24.817195 #29589] FATAL -- : NoMethodError (undefined method `available' for "
                 "nil:NilClass):"),
            "fatal NoMethodError: undefined method `available' for nil:NilClass");
  EXPECT_EQ(lines.time(), "2016-10-20T20:32:24.817195Z");
  EXPECT_EQ(read("[34091cb5-3e7b-4042-aaf8-6c6510d3f14c] ActiveRecord::StatementInvalid (PG::UndefinedTable: ERROR):"),
            "error ActiveRecord::StatementInvalid: PG::UndefinedTable: ERROR");
  EXPECT_EQ(read("[34091cb5] ActiveRecord::ConnectionNotEstablished (connection to server at \"127.0.0.1\", port 5432 "
                 "failed:"),
            "error ActiveRecord::ConnectionNotEstablished: connection to server at \"127.0.0.1\", port 5432 failed:");
  EXPECT_EQ(read("E, [2025-03-25T02:42:48.715948 #12] ERROR -- : app error: undefined method '=~' for an instance of "
                 "Array (NoMethodError)"),
            "error NoMethodError: undefined method '=~' for an instance of Array");
  EXPECT_EQ(read("2026-12-01 03:08:38 - NoMethodError - undefined method `sum' for nil:NilClass"),
            "error NoMethodError: undefined method `sum' for nil:NilClass");
  EXPECT_EQ(read("2026-12-01 03:08:35 +0000 Rack app (\"GET /cart\" - (127.0.0.1)): #<Net::ReadTimeout: Net::Read"),
            "error Net::ReadTimeout: ");
  EXPECT_EQ(lines.message(), "Net::ReadTimeout");
}

TEST_F(StackTraces, OfRubyLeaveOutWhatIsSaidOfARequest) {
  lines.read(
      "F, [2016-10-20T20:32:24.817195 #29589] FATAL -- : ActionController::RoutingError (No route matches [GET] "
      "\"/PG::ConnectionBad (refused)\"):");
  EXPECT_EQ(lines.message(), "ActionController::RoutingError");
  EXPECT_THAT(lines.fields(), ElementsAre("exception=ActionController::RoutingError", "level=fatal"));
}

TEST_F(StackTraces, OfRubyAreNoOtherWordsInBrackets) {
  for (const std::string line : {"I, [2016-10-20T20:32:24.817195 #29589]  INFO -- : Sent mail (Net::SMTP)",
                                 "2026-12-01 03:08:38 - Started - NoMethodError", "Processing (all of it):",
                                 "W, [2016-10-20T20:32:24.817195 #29589]  WARN -- : retried (Net::ReadTimeout)"}) {
    lines.read(line);
    EXPECT_EQ(lines.format(), "text") << line;
  }
}

TEST_F(StackTraces, OfRubySayTheException) {
  EXPECT_THAT(said_in("app.rb:12:in `fetch': key not found: \"DATABASE_URL\" (KeyError)\n"
                      "\tfrom app.rb:20:in `<main>'\n"),
              ElementsAre("ruby.error: app.rb:12:in `fetch': key not found: \"DATABASE_URL\" (KeyError)"));
  EXPECT_EQ(lines.message(), "\tfrom app.rb:20:in `<main>'");
  EXPECT_EQ(lines.last().header, "app.rb:12:in `fetch': key not found: \"DATABASE_URL\" (KeyError)");
  lines.read("/srv/app/app.rb:1:in 'Shop::Db#get': connection refused (PG::ConnectionBad)");
  EXPECT_THAT(lines.fields(), ElementsAre("exception=PG::ConnectionBad", "exception_text=connection refused",
                                          "code_file=/srv/app/app.rb", "code_line=1", "code_function=Shop::Db#get"));
}

/// "file:line function" of each line of `text` that says where the failure came about.
class PlacesInCode : public StackTraces {
 protected:
  std::vector<std::string> places_in(std::string_view text) {
    std::vector<std::string> places;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      lines.read(std::string(text.substr(0, end)));
      const auto place = lines.field("code_file") + ":" + lines.field("code_line") + " " + lines.field("code_function");
      if (place != ": ") places.push_back(place);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return places;
  }
};

constexpr std::string_view go_handler =
    R"(2026/11/21 01:17:36 http: panic serving 127.0.0.1:51040: assignment to entry in nil map
goroutine 110 [running]:
net/http.(*conn).serve.func1()
	/usr/lib/go-1.19/src/net/http/server.go:1850 +0xbf
panic({0x63ba60, 0x6e5750})
	/usr/lib/go-1.19/src/runtime/panic.go:890 +0x262
main.main.func3({0x18499303b?, 0xffffffffffffffff?}, 0x4a8ad3?)
	/srv/app/gobackend.go:21 +0x2e
net/http.HandlerFunc.ServeHTTP(0xc00004baf0?, {0x6e7cc8?, 0xc0000e9960?}, 0x0?)
	/usr/lib/go-1.19/src/net/http/server.go:2109 +0x2f
created by net/http.(*Server).Serve
	/usr/lib/go-1.19/src/net/http/server.go:3102 +0x4db
)";

TEST_F(PlacesInCode, OfGoAreThePanickingFunctionsOfTheProgram) {
  EXPECT_THAT(places_in(go_handler), ElementsAre("/srv/app/gobackend.go:21 main.main.func3"));
  EXPECT_EQ(lines.last().header, "http: panic serving 127.0.0.1:51040: assignment to entry in nil map");
}

TEST_F(PlacesInCode, OfGoAreBelowTheLastPanicNotWhereItWasHandled) {
  EXPECT_THAT(places_in(go_panic), ElementsAre("/srv/app/a.go:4 main.main.func1", "/srv/app/a.go:3 main.f"));
}

TEST_F(PlacesInCode, OfGoAreNoModules) {
  EXPECT_THAT(places_in("panic: boom\n"
                        "goroutine 1 [running]:\n"
                        "github.com/gin-gonic/gin.(*Context).Next(...)\n"
                        "\t/root/go/pkg/mod/github.com/gin-gonic/gin@v1.9.1/context.go:174\n"
                        "example.com/shop/cart.(*Cart).Show(0xc0000)\n"
                        "\t/srv/shop/cart/cart.go:12 +0x1\n"),
              ElementsAre("/srv/shop/cart/cart.go:12 example.com/shop/cart.(*Cart).Show"));
}

TEST_F(PlacesInCode, OfJavaAreNoClassesOfTheLanguageOrAFramework) {
  EXPECT_THAT(places_in("java.lang.NullPointerException: no cart\n"
                        "\tat java.base/java.util.Objects.requireNonNull(Objects.java:233)\n"
                        "\tat org.springframework.web.method.HandlerMethod.invoke(HandlerMethod.java:1)\n"
                        "\tat app//com.example.Cart.show(Cart.java:12) ~[shop.jar:1.0]\n"
                        "\tat com.example.Shop.main(Shop.java:40)\n"),
              ElementsAre("Cart.java:12 com.example.Cart.show"));
}

TEST_F(PlacesInCode, OfNodeAreNoModulesAndNotNodesOwn) {
  EXPECT_THAT(places_in("Error: ENOENT: no such file or directory, open '/srv/x'\n"
                        "    at Object.openSync (node:fs:573:18)\n"
                        "    at read (/srv/app/node_modules/config/index.js:3:1)\n"
                        "    at async file:///srv/app/cart.mjs:6:42\n"
                        "    at main (/srv/app/n.js:1:143)\n"),
              ElementsAre("/srv/app/cart.mjs:6 "));
}

TEST_F(PlacesInCode, OfNodeAreKnownToTheLastWordsOfTheProcess) {
  EXPECT_THAT(
      places_in("/srv/app/node.js:6\n"
                "\n"
                "Error: Cannot read properties of undefined\n"
                "    at IncomingMessage.<anonymous> (/srv/app/node.js:6:42)\n"
                "    at IncomingMessage.emit (node:events:524:28)\n"
                "\n"
                "Node.js v20.20.2\n"),
      ElementsAre("/srv/app/node.js:6 IncomingMessage.<anonymous>", "/srv/app/node.js:6 IncomingMessage.<anonymous>"));
  EXPECT_EQ(lines.message(), "Node.js v20.20.2");
  EXPECT_EQ(lines.field("exception"), "Error");
}

TEST_F(PlacesInCode, OfRubyAreNoGems) {
  EXPECT_THAT(places_in("/var/lib/gems/3.1.0/gems/pg-1.5.4/lib/pg.rb:69:in `initialize': refused (PG::ConnectionBad)\n"
                        "\tfrom /srv/shop/db.rb:7:in `connect'\n"
                        "\tfrom /srv/shop/app.rb:20:in `<main>'\n"),
              ElementsAre("/srv/shop/db.rb:7 connect"));
  EXPECT_THAT(places_in("app.rb:12:in `fetch': key not found: \"DATABASE_URL\" (KeyError)\n"),
              ElementsAre("app.rb:12 fetch"));
}

TEST_F(PlacesInCode, OfRubyAreReadBehindALoggersHeaderAndTags) {
  const std::string header = "E, [2026-12-01T03:09:04.939187 #13443] ERROR -- : ";
  EXPECT_THAT(places_in(header + "app error: undefined method `sum' for nil:NilClass (NoMethodError)\n" + header +
                        "/usr/lib/ruby/vendor_ruby/unicorn/http_server.rb:634:in `process_client'\n" + header +
                        "/srv/shop/cart.rb:7:in `total'\n"),
              ElementsAre("/srv/shop/cart.rb:7 total"));
  EXPECT_THAT(places_in("[34091cb5] NoMethodError (undefined method `sum' for nil:NilClass):\n"
                        "[34091cb5]   \n"
                        "[34091cb5] actionpack (5.2.8.1) lib/action_dispatch/middleware/executor.rb:14:in `call'\n"
                        "[34091cb5] app/controllers/carts_controller.rb:12:in `show'\n"),
              ElementsAre("app/controllers/carts_controller.rb:12 show"));
}

TEST_F(PlacesInCode, AreRememberedOverARestart) {
  const auto middle = go_handler.find("\t/srv/app");
  places_in(go_handler.substr(0, middle));
  lines.restart();
  EXPECT_THAT(places_in(go_handler.substr(middle)), ElementsAre("/srv/app/gobackend.go:21 main.main.func3"));
}

TEST_F(StackTraces, AreReadBehindAnyWrapper) {
  for (const std::string wrapper : {"web-1  | ", "2026-11-21T01:20:00.123456789Z stderr F ", "[pod/web-7d9f/web] ",
                                    "Nov 21 01:20:00 web1 shop[7]: "}) {
    lines = LogLines("app.log");
    for (int i = 0; i < 3; ++i) lines.read(wrapper + "started");
    EXPECT_THAT(said_in(java_exception, wrapper),
                ElementsAre("java.exception: Exception in thread \"main\" java.lang.RuntimeException: cannot start",
                            "java.exception: Caused by: java.net.ConnectException: Connection refused"))
        << wrapper;
  }
}

TEST_F(StackTraces, OfProgramsInOneSyslogDoNotMix) {
  lines.read("Nov 21 01:20:00 web1 shop[7]: panic: assignment to entry in nil map");
  lines.read("Nov 21 01:20:00 web1 cart[8]: main.main()");
  EXPECT_EQ(lines.format(), "syslog");
  lines.read("Nov 21 01:20:00 web1 shop[7]: main.main()");
  EXPECT_EQ(lines.format(), "go.panic");
}

TEST_F(StackTraces, EndWithALineOfAKnownFormat) {
  said_in(go_panic);
  lines.read("2026/11/21 01:14:18 [notice] 1#1: start worker process 30");
  lines.read("main.main()");
  EXPECT_EQ(lines.format(), "text");
}

TEST_F(StackTraces, EndAfter64KiB) {
  lines.read("panic: assignment to entry in nil map");
  lines.read(std::string(64 * 1024, 'x'));
  lines.read("main.main()");
  EXPECT_EQ(lines.format(), "text");
}

TEST_F(StackTraces, EndWithAPause) {
  LineReader reader({.source_name = "app.log", .zone = {std::chrono::seconds(0)}, .reference = TimePoint()});
  ReadLine line;
  reader.read("panic: assignment to entry in nil map", line);
  reader.set_reference(TimePoint(std::chrono::seconds(30)));
  reader.read("main.main()", line);
  EXPECT_EQ(line.format, Format::go_panic);
  reader.set_reference(TimePoint(std::chrono::seconds(61)));
  reader.read("main.main()", line);
  EXPECT_EQ(line.format, Format::text);
}

TEST_F(StackTraces, OfJavaBelongToALineAboveForAsLongAsAPause) {
  LineReader reader({.source_name = "app.log", .zone = {std::chrono::seconds(0)}, .reference = TimePoint()});
  const auto level_after = [&](std::chrono::seconds pause) {
    ReadLine line;
    reader.set_reference(TimePoint());
    reader.read("2020-05-18 22:58:07.204 ERROR 27272 --- [exec-3] shop : cannot check out", line);
    reader.set_reference(TimePoint(pause));
    reader.restore(reader.state());
    reader.read("java.lang.NullPointerException: null", line);
    EXPECT_EQ(line.format, Format::java_exception);
    EXPECT_EQ(line.time.has_value(), !line.field("level").empty());
    return std::string(line.field("level"));
  };
  EXPECT_EQ(level_after(std::chrono::seconds(30)), "error");
  EXPECT_EQ(level_after(std::chrono::seconds(31)), "");
}

TEST_F(StackTraces, GoOnWhereTheyWereWhenTheDaemonWasRestarted) {
  lines.read("2026/11/21 01:17:36 http: panic serving 127.0.0.1:51040: assignment to entry in nil map");
  lines.restart();
  lines.read("main.main()");
  EXPECT_EQ(lines.format(), "go.panic");
  EXPECT_EQ(lines.time(), "2026-11-21T01:17:36.000000Z");
  EXPECT_EQ(lines.last().header, "http: panic serving 127.0.0.1:51040: assignment to entry in nil map");
}

// "journalctl -o short" indents what follows a line feed in an entry, such as a user's name of sshd.
TEST_F(StackTraces, OfJavaAreNotBegunByAnIndentedCause) {
  lines.read("Nov 21 01:08:52 web1 sshd[551]: Invalid user a");
  lines.read("                                Caused by: java.net.ConnectException: Connection refused from 1.2.3.4");
  EXPECT_NE(lines.format(), "java.exception");
}

// nginx decodes a path, and a %0A in it begins a line.
TEST_F(StackTraces, AreNotBegunByAClientsLineFeed) {
  lines.read(R"(2026/11/21 01:14:18 [error] 386#386: *115 open() "/srv/www/static/x)");
  for (const std::string forged :
       {"panic: assignment to entry in nil map", "Caused by: java.net.ConnectException: Connection refused",
        "Error: connect ECONNREFUSED 127.0.0.1:5432", "app.rb:12:in `fetch': key not found (KeyError)"}) {
    lines.read(forged);
    EXPECT_THAT(lines.message(), IsEmpty()) << forged;
  }
}

// A format of an access log may begin with a header of a client's.
TEST_F(StackTraces, AreNotBegunByAHeaderInFrontOfARequest) {
  lines.read("panic: x - - [21/Nov/2026:01:15:44 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"");
  EXPECT_NE(lines.format(), "go.panic");
  EXPECT_THAT(lines.message(), IsEmpty());
}

TEST_F(StackTraces, RepeatNoRequestOfAClients) {
  lines.read("panic: cannot answer \"GET /Connection refused HTTP/1.1\"");
  EXPECT_EQ(lines.message(), "panic: cannot answer ");
}

}  // namespace
}  // namespace triaged::formats
