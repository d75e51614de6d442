#include "formats/reasons/reasons.hpp"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/format.hpp"

namespace triaged::formats {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST(Reasons, NameAnErrnoTheSameOnEveryPlatform) {
  for (const std::string words : {
           "connect() failed (111: Connection refused) while connecting to upstream",
           "kevent() reported that connect() failed (61: Connection refused) while connecting to upstream",
           "connect() failed (146: Connection refused) while connecting to upstream",
           "connect() failed (10061: No connection could be made because the target machine actively refused it) while "
           "connecting to upstream",
           "connect() failed (10061: Hedef makine reddetti) while connecting to upstream",
           "ConnectionRefusedError: [Errno 111] Connection refused",
           "ConnectionRefusedError: [Errno 61] Connection refused",
           "ConnectionRefusedError: [WinError 10061] No connection could be made because the target machine actively "
           "refused it",
           "tcp connect error: Connection refused (os error 111)",
           "Error: connect ECONNREFUSED 127.0.0.1:5432",
           "Errno::ECONNREFUSED (Failed to open TCP connection to 127.0.0.1:9100)",
           "dial tcp 127.0.0.1:6379: connect: connection refused",
           "java.net.ConnectException: Connection refused",
           "connectex: No connection could be made because the target machine actively refused it.",
       }) {
    EXPECT_EQ(reason_in("errno", words), "refused") << words;
  }
}

TEST(Reasons, BelieveTheWordsBesideAnErrnoMoreThanItsNumber) {
  EXPECT_EQ(reason_in("errno", "bind() to 0.0.0.0:80 failed (48: Address already in use)"), "address_in_use");
  EXPECT_EQ(reason_in("errno", "bind() to 0.0.0.0:80 failed (98: Address in use)"), "address_in_use");  // older musl
  EXPECT_EQ(reason_in("errno", "bind() to [::1]:80 failed (49: Can't assign requested address)"), "no_address");
  EXPECT_EQ(reason_in("errno", "upstream timed out (60: Operation timed out) while connecting"), "timed_out");
  EXPECT_EQ(reason_in("errno", "sendmsg logger #2 failed: Resource temporarily unavailable (errno=11)"), "again");
  EXPECT_EQ(reason_in("errno", "open() \"x\" failed (30: Read-only file system)"), "read_only");
  EXPECT_EQ(reason_in("errno", "open() \"x\" failed (5: Access is denied)"), "permission");
}

TEST(Reasons, TakeANumberAloneForLinuxsOrForWindowsFromTenThousandOn) {
  EXPECT_EQ(reason_in("errno", "runtime: failed to create new OS thread (have 12 already; errno=11)"), "again");
  EXPECT_EQ(reason_in("errno", "OSError: [Errno 28]"), "no_space");
  EXPECT_EQ(reason_in("errno", "OSError: [WinError 10054]"), "reset");
  EXPECT_EQ(reason_in("errno", "PermissionError: [WinError 5]"), "permission");
  EXPECT_EQ(reason_in("errno", "failed (517: whatever)"), "517");
}

TEST(Reasons, FindNoErrnoWhereThereIsNone) {
  EXPECT_EQ(reason_in("errno", "SSL_connect returned=1 errno=0 state=error: certificate verify failed"), "");
  EXPECT_EQ(reason_in("errno", "socket.gaierror: [Errno -2] Name or service not known"), "");
  EXPECT_EQ(reason_in("errno", "upstream prematurely closed connection while reading response header"), "");
  EXPECT_EQ(reason_in("errno", "EXITING, EIOPENER of MYECONNREFUSED"), "");
  EXPECT_EQ(reason_in("errno", ""), "");
}

TEST(Reasons, NameTheAlertThatThePeerSent) {
  const auto alert = [](std::string_view words) { return reason_in("tls_alert", words); };
  EXPECT_EQ(
      alert("SSL_do_handshake() failed (SSL: error:0A000410:SSL routines::sslv3 alert handshake failure:SSL alert "
            "number 40) while SSL handshaking to upstream"),
      "handshake_failure");
  EXPECT_EQ(alert("SSL_do_handshake() failed (SSL: error:14094410:SSL routines:ssl3_read_bytes:sslv3 alert handshake "
                  "failure:SSL alert number 40) while SSL handshaking to upstream"),
            "handshake_failure");
  EXPECT_EQ(alert("javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure"), "handshake_failure");
  EXPECT_EQ(alert("http: TLS handshake error from 127.0.0.1:61682: remote error: tls: unknown certificate authority"),
            "unknown_ca");
  EXPECT_EQ(alert("ssl.SSLError: [SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca (_ssl.c:2580)"), "unknown_ca");
  EXPECT_EQ(alert("error:0A000458:SSL routines::tlsv1 unrecognized name"), "unrecognized_name");
  EXPECT_EQ(alert("error:0A00010B:SSL routines::wrong version number"), "");
}

TEST(Reasons, NameWhatOpensslFoundWrongInEveryVersion) {
  const auto reason = [](std::string_view words) { return reason_in("tls_reason", words); };
  EXPECT_EQ(reason("(SSL: error:0A00010B:SSL routines::wrong version number) while SSL handshaking to upstream"),
            "wrong_version_number");
  EXPECT_EQ(reason("error:1408F10B:SSL routines:SSL3_GET_RECORD:wrong version number:s3_pkt.c:350:"),
            "wrong_version_number");
  EXPECT_EQ(reason("error:140770FC:SSL routines:SSL23_GET_SERVER_HELLO:unknown protocol"), "wrong_version_number");
  EXPECT_EQ(reason("error:0A0000C6:SSL routines::packet length too long"), "wrong_version_number");
  EXPECT_EQ(reason("ssl.SSLError: [SSL: HTTP_REQUEST] http request (_ssl.c:992)"), "http_request");
  EXPECT_EQ(reason("tls: first record does not look like a TLS handshake"), "wrong_version_number");
  EXPECT_EQ(reason("error:0A000126:SSL routines::unexpected eof while reading"), "unexpected_eof");
  EXPECT_EQ(reason("error:10000080:BIO routines::no such file"), "");
}

TEST(Reasons, NameTheCodesOfGrpcAsEachLibraryWritesThem) {
  const auto code = [](std::string_view words) { return reason_in("grpc_code", words); };
  EXPECT_EQ(code("rpc error: code = Unavailable desc = connection error"), "unavailable");
  EXPECT_EQ(code("rpc error: code = DeadlineExceeded desc = context deadline exceeded"), "deadline_exceeded");
  EXPECT_EQ(code("\tstatus = StatusCode.UNAVAILABLE"), "unavailable");
  EXPECT_EQ(code("io.grpc.StatusRuntimeException: UNAVAILABLE: io exception"), "unavailable");
  EXPECT_EQ(code("Error: 14 UNAVAILABLE: No connection established. Last error: connect EHOSTUNREACH 172.18.0.17:7070"),
            "unavailable");
  EXPECT_EQ(code("Error: 14 monkeys"), "");
}

TEST(Reasons, NameTheCodesOfHttp2AsEachLibraryWritesThem) {
  const auto code = [](std::string_view words) { return reason_in("http2_code", words); };
  EXPECT_EQ(code("upstream rejected request with error 7 while reading response header from upstream"),
            "refused_stream");
  EXPECT_EQ(code("upstream sent goaway with error 0 while reading response header from upstream"), "no_error");
  EXPECT_EQ(code("http2: server sent GOAWAY and closed the connection; LastStreamID=1999, ErrCode=ENHANCE_YOUR_CALM, "
                 "debug=\"\""),
            "enhance_your_calm");
  EXPECT_EQ(code("stream error: stream ID 1; REFUSED_STREAM; received from peer"), "refused_stream");
  EXPECT_EQ(code("stream error: stream ID 1"), "");
}

TEST(Reasons, NameTheClassOfASqlstate) {
  const auto state = [](std::string_view words) { return reason_in("sqlstate", words); };
  EXPECT_EQ(state("PHP Fatal error:  Uncaught PDOException: SQLSTATE[08006] [7] connection to server at \"127.0.0.1\", "
                  "port 5999 failed: Connection refused"),
            "connection");
  EXPECT_EQ(state("FATAL: password authentication failed for user \"shop\" (SQLSTATE 28P01)"), "authorization");
  EXPECT_EQ(state("FATAL: terminating connection due to administrator command (SQLSTATE 57P01)"), "intervention");
  EXPECT_EQ(state("SQLSTATE[HY000] [2002] Connection refused"), "general");
  EXPECT_EQ(state("the SQLSTATE of it"), "");
  EXPECT_EQ(reason_named("sqlstate", "40P01"), "rollback");
}

TEST(Reasons, NameASignalByItsNameWordsOrNumber) {
  const auto signal = [](std::string_view words) { return reason_in("signal", words); };
  EXPECT_EQ(signal("Worker (pid:1590) was sent SIGKILL! Perhaps out of memory?"), "SIGKILL");
  EXPECT_EQ(signal("worker process 20 exited on signal 11 (core dumped)"), "SIGSEGV");
  EXPECT_EQ(signal("gunicorn.service: Main process exited, code=killed, status=9/KILL"), "SIGKILL");
  EXPECT_EQ(signal("exit_status=137 of a container: exited with code 137"), "SIGKILL");
  EXPECT_EQ(signal("signal: killed"), "SIGKILL");
  EXPECT_EQ(signal("process 7 died of signal 10 (SIGBUS)"), "SIGBUS");  // macOS
  EXPECT_EQ(signal("gunicorn.service: Main process exited, code=exited, status=9/n/a"), "");
  EXPECT_EQ(reason_named("signal", "9/KILL"), "SIGKILL");
  EXPECT_EQ(reason_named("signal", "Segmentation fault"), "SIGSEGV");
}

TEST(Reasons, NameAnExitStatusThatMeansTheSameForEveryProgram) {
  const auto status = [](std::string_view words) { return reason_in("exit_status", words); };
  EXPECT_EQ(status("app.service: Main process exited, code=exited, status=203/EXEC"), "exec");
  EXPECT_EQ(status("app.service: Control process exited, code=exited status=226"), "namespace");
  EXPECT_EQ(status("Worker (pid:25948) exited with code 4"), "4");
  EXPECT_EQ(status("app.service: Main process exited, code=killed, status=9/KILL"), "");
}

TEST(Reasons, NameWhatHaproxySaysOfACheckAndWhoIsLeft) {
  const std::string down =
      "Server app/app1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms. "
      "1 "
      "active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";
  EXPECT_EQ(reason_in("check_result", down), "L4CON");
  EXPECT_EQ(reason_in("servers_left", down), "active");
  EXPECT_EQ(
      reason_in("servers_left", "Server app/app2 is DOWN. 0 active and 2 backup servers left. Running on backup."),
      "backup");
  EXPECT_EQ(reason_in("servers_left", "Server app/app2 is DOWN. 0 active and 0 backup servers left."), "none");
  EXPECT_EQ(reason_in("servers_left", "Server app/app2 is DOWN. 10 active and 0 backup servers left."), "active");
  EXPECT_EQ(reason_in("servers_left", "now active and happy"), "");
}

TEST(Reasons, KnowANumberASymbolAndANameWrittenAlone) {
  EXPECT_EQ(reason_named("errno", "111"), "refused");
  EXPECT_EQ(reason_named("errno", "10061"), "refused");
  EXPECT_EQ(reason_named("errno", "ECONNREFUSED"), "refused");
  EXPECT_EQ(reason_named("errno", "refused"), "refused");
  EXPECT_EQ(reason_named("errno", "refusd"), "");
  EXPECT_EQ(reason_named("errno", "111 and more"), "");
  EXPECT_EQ(reason_named("tls_alert", "40"), "handshake_failure");
  EXPECT_EQ(reason_named("check_result", "L7STS"), "L7STS");
}

TEST(Reasons, NameHowARequestOfHaproxysEnded) {
  const auto ending = [](std::string_view state) {
    const auto named = haproxy_ending(state);
    return std::string(named.by) + " in " + std::string(named.in);
  };
  EXPECT_EQ(ending("SC--"), "server_abort in connect");
  EXPECT_EQ(ending("sH--"), "server_timeout in headers");
  EXPECT_EQ(ending("SH"), "server_abort in headers");
  EXPECT_EQ(ending("PH--"), "proxy in headers");
  EXPECT_EQ(ending("cD"), "client_timeout in data");
  EXPECT_EQ(ending("CD--"), "client_abort in data");
  EXPECT_EQ(ending("LR--"), "local_answer in request");
  EXPECT_EQ(ending("sQ"), "server_timeout in queue");
  EXPECT_EQ(ending("PT--"), "proxy in tarpit");
  EXPECT_EQ(ending("--VN"), "nobody in done");
  EXPECT_EQ(ending("XC--"), " in connect");
  EXPECT_EQ(ending("SC-"), " in ");
  EXPECT_EQ(reason_named("ended_by", "s"), "server_timeout");
  EXPECT_EQ(reason_named("ended_by", "S"), "server_abort");
  EXPECT_EQ(reason_named("ended_in", "headers"), "headers");
  EXPECT_EQ(reason_named("ended_in", "header"), "");
  EXPECT_TRUE(has_names("ended_by"));
  EXPECT_FALSE(is_reason("ended_by"));
}

TEST(Reasons, HaveNamesThatAreKnownByThemselves) {
  for (const auto field : words_in(reason_fields)) {
    ASSERT_TRUE(is_reason(field)) << field;
    const auto names = reason_names(field);
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size()) << field;
    for (const auto name : names) EXPECT_EQ(reason_named(field, name), name) << field;
  }
  EXPECT_THAT(reason_names("servers_left"), ElementsAre("none", "backup", "active"));
  EXPECT_THAT(reason_names("errno"), Contains("refused"));
  EXPECT_FALSE(is_reason("status"));
  EXPECT_FALSE(has_names("status"));
}

}  // namespace
}  // namespace triaged::formats
