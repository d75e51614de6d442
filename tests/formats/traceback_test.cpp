#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;

class Tracebacks : public testing::Test {
 protected:
  LogLines lines{"gunicorn-error.log"};

  /// The messages of `text`'s lines that have one and belong to a traceback.
  std::vector<std::string> messages_of(std::string_view text) {
    std::vector<std::string> messages;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      lines.read(std::string(text.substr(0, end)));
      if (lines.format() == "python.traceback" && !lines.message().empty()) messages.push_back(lines.message());
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return messages;
  }
};

constexpr std::string_view refused_database =
    R"([2026-11-21 01:16:00 +0000] [2036] [ERROR] Error handling request /api/checkout?id=1
Traceback (most recent call last):
  File "/srv/shop/shop/views.py", line 44, in checkout
    return {"order": db.get_order(q.get("id", ["1"])[0])}
                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/srv/shop/shop/db.py", line 12, in get_order
    conn = psycopg2.connect(host="127.0.0.1", port=5432, dbname="shop")
psycopg2.OperationalError: connection to server at "127.0.0.1", port 5432 failed: Connection refused
)";

TEST_F(Tracebacks, OnlyTheExceptionLineHasAMessage) {
  EXPECT_THAT(
      messages_of(refused_database),
      ElementsAre(
          R"(psycopg2.OperationalError: connection to server at "127.0.0.1", port 5432 failed: Connection refused)"));
}

TEST_F(Tracebacks, TheExceptionLineHasTheFieldsOfItsRecord) {
  lines.read("[2026-11-21 01:15:58 +0000] [2030] [INFO] Listening at: http://127.0.0.1:8000 (2030)");
  messages_of(refused_database);
  EXPECT_THAT(
      lines.fields(),
      ElementsAre("exception=psycopg2.OperationalError",
                  R"(exception_text=connection to server at "127.0.0.1", port 5432 failed: Connection refused)",
                  "code_file=/srv/shop/shop/db.py", "code_line=12", "code_function=get_order", "pid=2036",
                  "level=ERROR", "path=/api/checkout", "record=Error handling request ", "upstream=127.0.0.1:8000"));
  EXPECT_EQ(lines.time(), "2026-11-21T01:16:00.000000Z");
  EXPECT_EQ(lines.last().header,
            "[2026-11-21 01:16:00 +0000] [2036] [ERROR] Error handling request /api/checkout?id=1");
}

TEST_F(Tracebacks, LinesBelowTheExceptionAreItsText) {
  messages_of(refused_database);
  for (const std::string line :
       {"\tIs the server running on that host and accepting TCP/IP connections?", "MemoryError", "",
        "During handling of the above exception, another exception occurred:", "MemoryError"}) {
    lines.read(line);
    EXPECT_EQ(lines.format(), "python.traceback") << line;
    EXPECT_EQ(lines.message(), "") << line;
    EXPECT_EQ(lines.field("exception"), "") << line;
  }
}

TEST_F(Tracebacks, EachExceptionOfAChainHasAMessage) {
  EXPECT_THAT(messages_of(R"([2026-11-21 01:11:19 +0000] [26741] [ERROR] Socket error processing request.
Traceback (most recent call last):
  File "/usr/lib/python3.11/socket.py", line 836, in create_connection
    sock.connect(sa)
ConnectionRefusedError: [Errno 111] Connection refused

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/usr/lib/python3.11/urllib/request.py", line 1351, in do_open
    raise URLError(err)
urllib.error.URLError: <urlopen error [Errno 111] Connection refused>
)"),
              ElementsAre("ConnectionRefusedError: [Errno 111] Connection refused",
                          "urllib.error.URLError: <urlopen error [Errno 111] Connection refused>"));
  EXPECT_EQ(lines.field("record"), "Socket error processing request.");
}

TEST_F(Tracebacks, ASyntaxErrorHasABlockInsteadOfItsLastFrame) {
  EXPECT_THAT(messages_of(R"([2026-11-21 01:16:35 +0000] [2654] [ERROR] Exception in worker process
Traceback (most recent call last):
  File "/srv/shop/shop/wsgi.py", line 6, in <module>
    from shop import views
  File "/srv/shop/shop/views.py", line 17
    def items(q)
                ^
SyntaxError: expected ':'
[2026-11-21 01:16:35 +0000] [2654] [INFO] Worker exiting (pid: 2654)
)"),
              ElementsAre("SyntaxError: expected ':'"));
  EXPECT_EQ(lines.format(), "gunicorn.error");
  EXPECT_EQ(lines.message(), "Worker exiting (pid: 2654)");
}

TEST_F(Tracebacks, AnExceptionMayHaveNoText) {
  EXPECT_THAT(messages_of("[2026-11-21 01:11:04 +0000] [26416] [ERROR] Error handling request /api/bulk?id=1\n"
                          "Traceback (most recent call last):\n"
                          "  File \"/srv/shop/shop/views.py\", line 51, in <listcomp>\n"
                          "MemoryError\n"),
              ElementsAre("MemoryError"));
  EXPECT_EQ(lines.field("exception"), "MemoryError");
  EXPECT_EQ(lines.field("exception_text"), "");
}

TEST_F(Tracebacks, OneWithoutARecordOpensItsOwn) {
  EXPECT_THAT(messages_of("Traceback (most recent call last):\n"
                          "  File \"/usr/lib/python3/dist-packages/gunicorn/arbiter.py\", line 209, in run\n"
                          "    self.sleep()\n"
                          "gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>\n"),
              ElementsAre("gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>"));
  EXPECT_EQ(lines.field("exception"), "gunicorn.errors.HaltServer");
  EXPECT_EQ(lines.field("pid"), "");
  EXPECT_EQ(lines.last().header, "Traceback (most recent call last):");
  EXPECT_EQ(lines.time(), "none");
}

TEST_F(Tracebacks, AFollowingTracebackIsReadLikeTheFirst) {
  const std::string one = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n";
  EXPECT_THAT(messages_of(one + "KeyError: 'DATABASE_URL'\n" + one + "MemoryError\n"),
              ElementsAre("KeyError: 'DATABASE_URL'", "MemoryError"));
}

TEST_F(Tracebacks, AnotherRecordOfTheSameFileEndsIt) {
  messages_of(refused_database);
  lines.read("127.0.0.1 - - [21/Nov/2026:01:16:00 +0000] \"GET /api/checkout?id=1 HTTP/1.0\" 500 0 \"-\" \"-\"");
  EXPECT_EQ(lines.format(), "gunicorn.access");
  lines.read("Failed to find attribute 'app' in 'shop.wsgi'.");
  EXPECT_EQ(lines.format(), "text");
}

// As Heroku's log viewer shows one.
TEST_F(Tracebacks, MayHaveLostTheirIndentation) {
  EXPECT_THAT(messages_of(R"([2020-04-24 13:27:11 +0000] [10] [ERROR] Exception in worker process
Traceback (most recent call last):
File "<frozen importlib._bootstrap>", line 953, in _find_and_load_unlocked
File "/app/app.py", line 2, in <module>
from flask import Flask, render_template, url_for, request, redirect
File "/app/views.py", line 7, in index
else: raise KeyError
^^^^
ModuleNotFoundError: No module named 'flask'
)"),
              ElementsAre("ModuleNotFoundError: No module named 'flask'"));
  EXPECT_EQ(lines.field("pid"), "10");
}

TEST_F(Tracebacks, WithoutIndentationOrSourceSayTheException) {
  const std::string frame =
      "Traceback (most recent call last):\nFile \"<frozen importlib._bootstrap>\", line 1, in f\n";
  EXPECT_THAT(messages_of(frame + "MemoryError\n" + frame + "socket.timeout: timed out\n" + frame + "try:\n"),
              ElementsAre("MemoryError", "socket.timeout: timed out"));
}

TEST_F(Tracebacks, AnExcerptBeginsWithAFrame) {
  const std::string heroku = "2020-06-11T09:27:53.992672+00:00 app[web.1]: ";
  EXPECT_THAT(messages_of(heroku + R"(File "<frozen importlib._bootstrap>", line 953, in _find_and_load_unlocked)" +
                          "\n" + heroku + "ModuleNotFoundError: No module named 'shopsite'\n"),
              ElementsAre("ModuleNotFoundError: No module named 'shopsite'"));
  EXPECT_EQ(lines.field("exception"), "ModuleNotFoundError");
}

TEST_F(Tracebacks, AStackThatIsOnlyShownHasNoException) {
  EXPECT_THAT(messages_of("Stack (most recent call last):\n  File \"/srv/shop/shop/db.py\", line 12, in get_order\n"
                          "    log.warning(\"slow\", stack_info=True)\nWARNING: slow\nFinished\n"),
              ElementsAre());
  EXPECT_EQ(lines.format(), "text");
}

TEST_F(Tracebacks, AFrameInAnExceptionsTextBeginsNothing) {
  EXPECT_THAT(messages_of("Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nValueError: x\n"
                          "  File \"b.py\", line 1, in g\nMemoryError\n"),
              ElementsAre("ValueError: x"));
}

TEST_F(Tracebacks, EndWithAPause) {
  LineReader reader({.source_name = "app.log", .zone = {std::chrono::seconds(0)}, .reference = TimePoint()});
  ReadLine line;
  for (const std::string_view text : {"Traceback (most recent call last):", "MemoryError", "its text"}) {
    reader.read(text, line);
    EXPECT_EQ(line.format, Format::python_traceback) << text;
  }
  reader.set_reference(TimePoint(std::chrono::seconds(31)));
  reader.read("Failed to find attribute 'app' in 'shop.wsgi'.", line);
  EXPECT_EQ(line.message, "Failed to find attribute 'app' in 'shop.wsgi'.");
}

TEST_F(Tracebacks, PlainWordsBetweenTheFramesAreText) {
  messages_of("Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n");
  lines.read("worker is still there");
  EXPECT_EQ(lines.format(), "text");
}

TEST_F(Tracebacks, TheRecordEndsAfter64KiB) {
  messages_of(refused_database);
  lines.read(std::string(64 * 1024, 'x'));
  EXPECT_EQ(lines.format(), "python.traceback");
  lines.read("Failed to find attribute 'app' in 'shop.wsgi'.");
  EXPECT_EQ(lines.format(), "text");
}

TEST_F(Tracebacks, GoOnWhereTheyWereWhenTheDaemonWasRestarted) {
  lines.read("[2026-11-21 01:15:58 +0000] [2030] [INFO] Listening at: http://127.0.0.1:8000 (2030)");
  lines.read("[2026-11-21 01:16:00 +0000] [2036] [ERROR] Error handling request /api/bulk?id=1");
  lines.read("Traceback (most recent call last):");
  lines.restart();
  lines.read("MemoryError");
  EXPECT_EQ(lines.message(), "MemoryError");
  EXPECT_THAT(lines.fields(), ElementsAre("exception=MemoryError", "pid=2036", "level=ERROR", "path=/api/bulk",
                                          "record=Error handling request ", "upstream=127.0.0.1:8000"));
  lines.restart();
  lines.read("MemoryError");
  EXPECT_EQ(lines.message(), "");
}

TEST_F(Tracebacks, LinesOfOtherProgramsInASyslogDoNotBelongToIt) {
  const std::string gunicorn = "Nov 21 01:16:00 web1 gunicorn[2036]: ";
  lines.read(gunicorn + "[2026-11-21 01:16:00 +0000] [2036] [ERROR] Error handling request /api/checkout?id=1");
  lines.read(gunicorn + "Traceback (most recent call last):");
  lines.read("Nov 21 01:16:00 web1 cron[812]: Reloading");
  EXPECT_EQ(lines.format(), "syslog");
  lines.read(gunicorn + "MemoryError");
  EXPECT_EQ(lines.format(), "python.traceback");
  EXPECT_EQ(lines.message(), "MemoryError");
  EXPECT_EQ(lines.field("path"), "/api/checkout");
  lines.read("Nov 21 01:16:00 web1 cron[812]: Reloading");
  EXPECT_EQ(lines.message(), "Reloading");
}

/// "exception at file:line in function" of each exception of `text`.
std::vector<std::string> exceptions_of(LogLines& lines, std::string_view text) {
  std::vector<std::string> exceptions;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.read(std::string(text.substr(0, end)));
    if (!lines.field("exception").empty()) {
      exceptions.push_back(lines.field("exception") + " at " + lines.field("code_file") + ":" +
                           lines.field("code_line") + " in " + lines.field("code_function"));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return exceptions;
}

TEST_F(Tracebacks, NameTheLastFrameThatIsOfNoLibrary) {
  EXPECT_THAT(exceptions_of(lines, R"([2026-11-21 01:11:40,605] ERROR in app: Exception on /api/total [GET]
Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/flask/app.py", line 1796, in dispatch_request
    return self.ensure_sync(self.view_functions[rule.endpoint])(**view_args)
  File "/srv/flaskshop/wsgi.py", line 9, in total
    return jsonify(avg=sum(items) / len(items))
  File "/usr/lib/python3.11/statistics.py", line 430, in mean
    raise StatisticsError('mean requires at least one data point')
statistics.StatisticsError: mean requires at least one data point
)"),
              ElementsAre("statistics.StatisticsError at /srv/flaskshop/wsgi.py:9 in total"));
  EXPECT_EQ(lines.field("method"), "GET");
  EXPECT_EQ(lines.field("path"), "/api/total");
}

TEST_F(Tracebacks, NameNoPlaceWhereOnlyLibrariesRan) {
  EXPECT_THAT(exceptions_of(lines, R"(Traceback (most recent call last):
  File "/opt/g27/lib/python3.13/site-packages/psycopg/cursor.py", line 117, in execute
    raise ex.with_traceback(None)
psycopg.errors.QueryCanceled: canceling statement due to statement timeout
)"),
              ElementsAre("psycopg.errors.QueryCanceled at : in "));
}

// As Django and psycopg wrote it, shortened.
constexpr std::string_view django_chain =
    R"text(ERROR 2026-11-29 09:02:14,714 django.request 8403 140194727581376 Internal Server Error: /api/checkout
Traceback (most recent call last):
  File "/opt/g27/lib/python3.13/site-packages/psycopg/cursor.py", line 117, in execute
    raise ex.with_traceback(None)
psycopg.errors.QueryCanceled: canceling statement due to statement timeout

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/opt/g27/lib/python3.13/site-packages/django/core/handlers/base.py", line 199, in _get_response
    response = wrapped_callback(request, *callback_args, **callback_kwargs)
  File "/srv/djshop/shop/views.py", line 36, in checkout
    c.execute("select pg_sleep(%s)", [s])
  File "/opt/g27/lib/python3.13/site-packages/django/db/utils.py", line 94, in __exit__
    raise dj_exc_value.with_traceback(traceback) from exc_value
django.db.utils.OperationalError: canceling statement due to statement timeout
)text";

TEST_F(Tracebacks, OfAChainAreOneRecordWithTheRequestAndTheTimeOfTheLineAbove) {
  EXPECT_THAT(exceptions_of(lines, django_chain),
              ElementsAre("psycopg.errors.QueryCanceled at : in ",
                          "django.db.utils.OperationalError at /srv/djshop/shop/views.py:36 in checkout"));
  EXPECT_EQ(lines.field("path"), "/api/checkout");
  EXPECT_EQ(lines.time(), "2026-11-29T09:02:14.714000Z");
  EXPECT_EQ(lines.last().header,
            "ERROR 2026-11-29 09:02:14,714 django.request 8403 140194727581376 Internal Server Error: /api/checkout");
}

TEST_F(Tracebacks, EachHaveTheRequestAboveThemAndTheirOwnPlace) {
  exceptions_of(lines, django_chain);
  EXPECT_THAT(
      exceptions_of(lines,
                    R"(ERROR 2026-11-29 09:02:15,023 django.request 8407 140194744366784 Internal Server Error: /pay
Traceback (most recent call last):
  File "/srv/djshop/shop/views.py", line 51, in pay
    return amounts[sku]
KeyError: 'pen'
)"),
      ElementsAre("KeyError at /srv/djshop/shop/views.py:51 in pay"));
  EXPECT_EQ(lines.field("path"), "/pay");
  EXPECT_EQ(lines.time(), "2026-11-29T09:02:15.023000Z");
}

TEST_F(Tracebacks, BelongToARecordOfGunicornsOnlyDirectlyBelowIt) {
  lines.read("[2026-11-21 01:15:58 +0000] [2030] [INFO] Booting worker with pid: 2031");
  lines.read("order 17 taken");
  lines.read("Traceback (most recent call last):");
  lines.read("KeyError: 'sku'");
  EXPECT_THAT(lines.fields(), ElementsAre("exception=KeyError", "exception_text='sku'"));
  EXPECT_EQ(lines.time(), "none");
  EXPECT_EQ(lines.last().header, "Traceback (most recent call last):");
}

TEST_F(Tracebacks, KnowTheLineAboveThemOverARestart) {
  lines.read("ERROR 2026-11-29 09:02:15,023 django.request 8407 140194744366784 Internal Server Error: /pay");
  lines.restart();
  lines.read("Traceback (most recent call last):");
  lines.read("KeyError: 'pen'");
  EXPECT_EQ(lines.field("path"), "/pay");
  EXPECT_EQ(lines.time(), "2026-11-29T09:02:15.023000Z");
}

TEST_F(Tracebacks, TakeNothingFromALineFurtherAbove) {
  lines.read("2026-11-21 01:15:58,001 Internal Server Error: /api/checkout");
  lines.read("cart of 3");
  lines.read("Traceback (most recent call last):");
  lines.read("KeyError: 'sku'");
  EXPECT_EQ(lines.field("path"), "");
  EXPECT_EQ(lines.time(), "none");
}

TEST_F(Tracebacks, OfAChainAreWhereItsFirstExceptionCameAbout) {
  EXPECT_THAT(exceptions_of(lines, std::string(refused_database) + R"(
During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/shop/views.py", line 46, in checkout
    raise ShopError from None
shop.errors.ShopError
)"),
              ElementsAre("psycopg2.OperationalError at /srv/shop/shop/db.py:12 in get_order",
                          "shop.errors.ShopError at /srv/shop/shop/db.py:12 in get_order"));
}

// Of Python 3.11, shortened.
constexpr std::string_view task_group = R"(  + Exception Group Traceback (most recent call last):
  |   File "/usr/lib/python3.11/asyncio/runners.py", line 190, in run
  |     return runner.run(main)
  |            ^^^^^^^^^^^^^^^^
  |   File "/srv/shop/app.py", line 7, in main
  |     async with asyncio.TaskGroup() as group:
  |   File "/usr/lib/python3.11/asyncio/taskgroups.py", line 133, in __aexit__
  |     raise me from None
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/shop/app.py", line 4, in price
    |     return {"a": 1}[sku]
    |            ~~~~~~~~^^^^^
    | KeyError: 'b'
    +------------------------------------
)";

TEST_F(Tracebacks, OfAGroupSayItsExceptionsAndNotThatThereAreSome) {
  EXPECT_THAT(exceptions_of(lines, task_group), ElementsAre("KeyError at /srv/shop/app.py:4 in price"));
  lines.read("started");
  EXPECT_EQ(lines.message(), "");  // a text of the exception's, as far as anybody knows
}

TEST_F(Tracebacks, KnowTheirPlaceAndTheirGroupOverARestart) {
  const auto middle = task_group.find("    |     return");
  exceptions_of(lines, task_group.substr(0, middle));
  lines.restart();
  EXPECT_THAT(exceptions_of(lines, task_group.substr(middle)), ElementsAre("KeyError at /srv/shop/app.py:4 in price"));
}

}  // namespace
}  // namespace triaged::formats
