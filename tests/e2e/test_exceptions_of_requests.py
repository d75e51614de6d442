"""What an exception that a server logs of a request says: a bug, a service that failed, or a client. Each in the words of its framework."""
import pytest
import yaml

import product

TOMCAT = ("2026-12-01 03:08:38.517 ERROR 76924 --- [nio-9081-exec-3] o.a.c.c.C.[.[.[/].[dispatcherServlet]    : Servlet.service() for servlet "
          "[dispatcherServlet] in context with path [] threw exception [Request processing failed] with root cause\n\n"
          "%s\n\tat com.example.shop.Cart.total(Cart.java:28) ~[classes/:na]\n")
RAILS = "F, [2026-12-01T03:08:38.817195 #29589] FATAL -- : %s:\nF, [2026-12-01T03:08:38.817212 #29589] FATAL -- : app/models/cart.rb:7:in `total'\n"

BUGS = [
    (TOMCAT, "java.sql.SQLSyntaxErrorException: You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version"),
    (TOMCAT, "java.sql.SQLIntegrityConstraintViolationException: integrity constraint violation: unique constraint or index violation; "
             "PERFORMANCE_PK table: PERFORMANCE"),
    (TOMCAT, "org.springframework.dao.EmptyResultDataAccessException: Incorrect result size: expected 1, actual 0"),
    (TOMCAT, "org.springframework.dao.InvalidDataAccessResourceUsageException: could not extract ResultSet"),
    (TOMCAT, "java.io.IOException: The temporary upload location [/tmp/tomcat.4276981889539160575.8080/work/Tomcat/localhost/ROOT] is not valid"),
    (RAILS, "Errno::ENOENT (No such file or directory @ rb_sysopen - /app/public/invoices/invoices-2018-02-05.csv)"),
    (RAILS, "PG::SyntaxError (ERROR:  syntax error at or near \"FORM\")"),
    (RAILS, "Redis::CommandError (WRONGTYPE Operation against a key holding the wrong kind of value)"),
    (RAILS, "ActionController::UnfilteredParameters (unable to convert unpermitted parameters to hash)"),
]
SERVICES = [
    (TOMCAT, "java.net.SocketTimeoutException: Read timed out"),
    (TOMCAT, "org.springframework.jdbc.CannotGetJdbcConnectionException: Failed to obtain JDBC Connection"),
    (TOMCAT, "java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms."),
    (TOMCAT, "org.springframework.dao.DataAccessResourceFailureException: Unable to acquire JDBC Connection"),
    (RAILS, "Errno::ECONNREFUSED (Connection refused - connect(2) for \"127.0.0.1\" port 9200)"),
    (RAILS, "PG::ConnectionBad (PQconsumeInput() server closed the connection unexpectedly)"),
    (RAILS, "Redis::CannotConnectError (Error connecting to Redis on 127.0.0.1:6379 (Errno::ECONNREFUSED))"),
]
CLIENTS = [
    (TOMCAT, "java.io.IOException: Broken pipe"),
    (TOMCAT, "java.io.IOException: Connection reset by peer"),
    (TOMCAT, "java.io.EOFException: Unexpected EOF read on the socket"),
    (TOMCAT, "org.apache.tomcat.util.http.fileupload.FileUploadException: the request was rejected because no multipart boundary was found"),
]


def causes(folder, logged):
    """The rules of each incident, by its cause."""
    form, exception = logged
    (folder / "app.log").write_text(form % exception)
    return {each["root_cause"]["cause"]: set(each["rules"]) for each in product.scan(folder / "app.log")}


@pytest.mark.parametrize("logged", BUGS, ids=lambda logged: logged[1].split(":")[0])
def test_what_no_service_can_fail_by_is_a_bug_of_the_application(tmp_path, logged):
    assert set(causes(tmp_path, logged)) == {"app-exception"}


@pytest.mark.parametrize("logged", SERVICES, ids=lambda logged: logged[1].split(" ")[0])
def test_a_connection_that_fails_is_no_bug_of_the_application(tmp_path, logged):
    found = causes(tmp_path, logged)
    assert found
    assert "app-exception" not in found


@pytest.mark.parametrize("logged", CLIENTS, ids=lambda logged: logged[1])
def test_a_client_that_leaves_or_sends_nonsense_makes_no_bug_of_the_application(tmp_path, logged):
    rules = set().union(*causes(tmp_path, logged).values())
    assert "java/unhandled-exception" not in rules


def test_a_request_that_takes_too_long_is_not_blamed_on_its_client(tmp_path):
    found = causes(tmp_path, (RAILS, "Rack::Timeout::RequestTimeoutException (Request ran for longer than 15000ms)"))
    assert found == {"upstream-slow": {"ruby/unhandled-exception"}}


def test_a_certificate_that_has_expired_is_not_treated_by_starting_the_application():
    rules = {rule["id"]: rule for rule in yaml.safe_load((product.SOURCE / "rules" / "haproxy" / "requests.yaml").read_text())}
    treated = {cause["id"]: cause["workarounds"] for cause in rules["haproxy/connect-refused"]["causes"]}
    assert all("start-app" not in treated[cause] for cause in ("upstream-cert-expired", "upstream-cert-untrusted"))
