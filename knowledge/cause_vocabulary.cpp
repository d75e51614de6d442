#include "knowledge/cause_vocabulary.hpp"

#include <algorithm>

namespace triaged {

namespace {

constexpr NamedCause vocabulary[] = {
    // The upstream as the proxy sees it.
    {"upstream-down", "nothing listens at the upstream address (stopped, crashed long ago, never started)"},
    {"all-upstreams-down", "every server of the group refused or was marked down"},
    {"one-backend-server-down", "one of several servers is down, the others carry on"},
    {"stale-upstream-registration", "one registered address has no instance behind it while the others answer"},
    {"upstream-connect-timeout", "packets to the upstream are dropped: connects time out"},
    {"upstream-no-route", "the host answers that there is no route to the upstream"},
    {"upstream-network-unreachable", "the network of the upstream is unreachable"},
    {"upstream-socket-missing", "the unix socket file of the upstream is not there"},
    {"upstream-socket-permission-denied", "the unix socket file of the upstream may not be opened"},
    {"upstream-backlog-full", "the accept queue of the upstream is full (EAGAIN on a unix socket)"},
    {"upstream-frozen", "the process is alive but stopped: first read time-outs, then connect time-outs"},
    {"upstream-slow", "the application answers later than the proxy waits, for some URLs"},
    {"upstream-write-timeout", "the upstream's own write time-out closes the connection after a constant time"},
    {"upstream-premature-close", "the upstream closed the connection without an answer, cause not visible"},
    {"upstream-reset", "the upstream reset the connection, cause not visible"},
    {"upstream-keepalive-race", "an idle reused connection is closed at the moment of reuse: POST only"},
    {"upstream-process-killed", "the upstream process got SIGKILL in the middle of a request"},
    {"upstream-process-crashed", "the upstream process died of its own exception"},
    {"upstream-app-panic", "the handler panicked and the runtime closed the connection (Go)"},
    {"upstream-app-returned-5xx", "the backend itself answered 5xx; the proxy only relays it"},
    {"upstream-truncated-response", "the body of the response ends early"},
    {"upstream-stalled-body", "the body of the response stops in the middle (status is 200)"},
    {"upstream-invalid-header", "the response has an invalid header"},
    {"upstream-invalid-chunked", "the response has an invalid chunked body"},
    {"upstream-extra-data", "the upstream sends more than the response that it announced"},
    {"upstream-invalid-response", "the response is not valid HTTP"},
    {"upstream-not-http", "the upstream's port speaks another protocol"},
    {"upstream-too-big-header", "the response headers exceed the proxy's buffer"},
    {"plaintext-to-tls-upstream", "the proxy speaks plain HTTP to a TLS port"},
    {"tls-to-plaintext-upstream", "the proxy speaks TLS to a plain port"},
    {"upstream-cert-expired", "the upstream's certificate is expired"},
    {"upstream-cert-untrusted", "the upstream's certificate is signed by nobody the proxy trusts"},
    {"upstream-cert-name-mismatch", "the upstream's certificate is for another name"},
    {"upstream-tls-protocol-mismatch", "proxy and upstream have no TLS version in common"},
    {"upstream-tls-handshake-reset", "the upstream closed the connection during the TLS handshake"},
    {"proxy-protocol-mismatch", "one side expects the PROXY protocol, the other does not send it"},

    // nginx, its configuration and its host.
    {"nginx-config-syntax", "start or reload refused: bad configuration; the old one keeps running"},
    {"nginx-config-upstream-unresolvable", "start or reload refused: an upstream's name does not resolve"},
    {"nginx-no-resolver", "proxy_pass with a variable and no resolver"},
    {"nginx-pid-file", "signals do not reach the master: its pid file is missing or empty"},
    {"nginx-rewrite-cycle", "an internal redirect goes round in circles"},
    {"nginx-rate-limit", "limit_req rejects requests"},
    {"nginx-connection-limit", "limit_conn rejects requests"},
    {"nginx-worker-connections-exhausted", "worker_connections are used up"},
    {"nginx-file-descriptors-exhausted", "nginx has no open files left"},
    {"nginx-worker-crash", "a worker died of a signal such as 11"},
    {"nginx-worker-killed", "a worker was killed with SIGKILL by somebody"},
    {"nginx-down", "nginx itself is stopped (seen by the tier before it)"},
    {"proxy-temp-permission-denied", "responses larger than the buffers cannot be written to the temp directory"},
    {"tls-cert-missing", "the server's own certificate is missing"},
    {"tls-key-mismatch", "the server's key does not belong to its certificate"},
    {"server-cert-expired", "the server's own certificate is expired"},
    {"auth-service-down", "the auth_request backend is down"},
    {"auth-basic-failure", "basic authentication fails"},
    {"directory-index-forbidden", "a folder has no index file and may not be listed"},
    {"file-missing", "a static file is not there"},
    {"file-permission-denied", "a static file may not be read"},
    {"fastcgi-script-not-found", "SCRIPT_FILENAME does not exist"},
    {"ephemeral-ports-exhausted", "no local ports are left towards the upstream"},
    {"dns-nxdomain", "the upstream's name does not exist"},
    {"dns-servfail", "the name server fails for the upstream's name"},
    {"dns-timeout", "the name server does not answer for the upstream's name"},

    // HAProxy.
    {"haproxy-config-syntax", "start or reload refused: bad configuration"},
    {"haproxy-config-unresolvable", "start or reload refused: a server's name does not resolve"},
    {"haproxy-maxconn-reached", "the frontend's maxconn is reached, connections wait in the kernel"},
    {"haproxy-acl-deny", "requests are denied by a rule; not a server fault"},
    {"haproxy-rate-limit", "requests are denied for their rate; not a server fault"},
    {"haproxy-tarpit", "requests are tarpitted; not a server fault"},
    {"backend-saturated-queue", "requests time out in the backend queue because the servers are busy"},
    {"server-in-maintenance", "an operator took the server out"},
    {"server-flapping", "the server goes up and down in turn"},
    {"healthcheck-failing-500", "health checks get 5xx"},
    {"healthcheck-timeout", "health checks get no answer"},
    {"healthcheck-misconfigured", "health checks ask for a path that does not exist"},

    // Gunicorn and the application.
    {"gunicorn-worker-timeout", "the arbiter aborted a blocked worker"},
    {"gunicorn-workers-saturated", "all workers are busy: fast URLs time out with the slow ones"},
    {"gunicorn-threads-saturated", "all threads are busy: fast URLs time out with the slow ones"},
    {"gunicorn-worker-segfault", "a worker died of SIGSEGV"},
    {"gunicorn-worker-exit", "a worker left by sys.exit in a request"},
    {"worker-killed-sigkill", "SIGKILL without an OOM kill in the kernel's log"},
    {"oom-kill", "the kernel killed the worker for memory (the pid agrees)"},
    {"app-memory-limit", "MemoryError under a limit of its own; the worker survives"},
    {"app-module-not-found", "the application cannot be imported: a module is missing"},
    {"app-import-error", "the application cannot be imported: a name is missing from a module"},
    {"app-syntax-error", "the application cannot be imported: a syntax error"},
    {"app-missing-configuration", "the application cannot be imported: a setting is missing"},
    {"app-exception", "a bug: the view raises, every call gives 500"},
    {"gunicorn-app-object-not-found", "the object of MODULE:OBJECT on the command line does not exist"},
    {"gunicorn-module-not-found", "the module of MODULE:OBJECT on the command line does not exist"},
    {"gunicorn-worker-class-missing", "Gunicorn cannot start: the worker class is not installed"},
    {"gunicorn-config-error", "Gunicorn cannot start: its configuration is wrong"},
    {"gunicorn-pidfile-running", "Gunicorn cannot start: the pid file names a running process"},
    {"log-permission-denied", "a log cannot be opened for lack of permission"},
    {"bind-permission-denied", "a port cannot be bound for lack of permission"},
    {"address-in-use", "the port is taken"},
    {"file-descriptors-exhausted", "EMFILE in the application or the proxy"},
    {"disk-full", "ENOSPC in the application or the proxy"},
    {"uwsgi-harakiri", "uWSGI killed a worker whose request took too long"},
    {"php-fpm-max-children", "php-fpm has no child left for a request"},
    {"php-fpm-request-terminated", "php-fpm killed a child whose request took too long"},
    {"deploy-restart", "a short gap between \"shutting down\" and \"listening at\", healed by itself"},

    // What the application depends on.
    {"dependency-database-down", "the database refuses connections"},
    {"dependency-cache-down", "the cache refuses connections"},
    {"dependency-down", "another service refuses connections"},
    {"dependency-timeout", "another service hangs"},
    {"dependency-reset", "another service resets connections"},
    {"dependency-error", "another service answers 5xx"},
    {"dependency-dns-failure", "the name of another service does not resolve"},
    {"dependency-cert-untrusted", "the certificate of another service is not trusted"},
    {"db-pool-exhausted", "the connection pool is used up"},

    // The client.
    {"client-bad-request", "the client sends an invalid request"},
    {"client-header-too-large", "the client's headers are over the limit"},
    {"client-body-too-large", "the client's body is over the limit"},
    {"client-timeout", "the client is too slow or silent"},
    {"client-slow-body", "the client sends its body too slowly"},
    {"client-closed-request", "the client gave up before the answer"},
    {"client-abort", "the client broke the connection off"},
    {"client-plain-http-to-https-port", "the client speaks plain HTTP to the HTTPS port"},
    {"client-tls-protocol", "client and server have no TLS version in common"},
    {"client-tls-handshake", "the TLS handshake fails on the client's side"},
    {"client-cert-missing", "the client sends no certificate where one is required"},
};

}  // namespace

std::span<const NamedCause> known_causes() { return vocabulary; }

const NamedCause* cause_named(std::string_view slug) {
  const auto* found =
      std::find_if(std::begin(vocabulary), std::end(vocabulary), [&](const auto& cause) { return cause.slug == slug; });
  return found == std::end(vocabulary) ? nullptr : found;
}

}  // namespace triaged
