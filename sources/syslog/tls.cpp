#include "sources/syslog/tls.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace triaged::sources {

namespace {

struct FreeTls {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  void operator()(SSL* session) const noexcept { SSL_free(session); }
};

/// The last reason in OpenSSL's queue, which is empty then.
std::string reason() {
  unsigned long number = 0;
  while (const auto next = ERR_get_error()) number = next;
  const char* text = ERR_SYSTEM_ERROR(number) ? std::strerror(ERR_GET_REASON(number)) : ERR_reason_error_string(number);
  return text == nullptr ? "unknown error" : text;
}

Error failure(std::string_view what, const std::string& path) {
  return error(fmt::format("cannot use the {} {}: {}", what, path, reason()));
}

Result<void> use_files(SSL_CTX* context, const TlsFiles& files) {
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return failure("certificate", files.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) return failure("key", files.key);
  if (files.client_ca.empty()) return {};
  if (SSL_CTX_load_verify_locations(context, files.client_ca.c_str(), nullptr) != 1) {
    return failure("CA of clients", files.client_ca);
  }
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(files.client_ca.c_str()));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

}  // namespace

struct TlsServer::Context {
  std::unique_ptr<SSL_CTX, FreeTls> tls;
};
struct TlsSession::Connection {
  std::unique_ptr<SSL, FreeTls> tls;
};

TlsServer::TlsServer(std::unique_ptr<Context> context) : context_(std::move(context)) {}
TlsServer::~TlsServer() = default;
TlsSession::TlsSession(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
TlsSession::~TlsSession() = default;

Result<std::shared_ptr<TlsServer>> TlsServer::make(const TlsFiles& files) {
  ERR_clear_error();
  auto context = std::make_unique<Context>();
  context->tls.reset(SSL_CTX_new(TLS_server_method()));
  auto* tls = context->tls.get();
  if (tls == nullptr) return error("cannot set up TLS: " + reason());
  SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(tls, SSL_OP_IGNORE_UNEXPECTED_EOF);  // how a message ends its framing tells
  if (auto done = use_files(tls, files); !done) return done.error();
  return std::shared_ptr<TlsServer>(new TlsServer(std::move(context)));
}

std::unique_ptr<TlsSession> TlsServer::accept(int socket) const {
  auto connection = std::make_unique<TlsSession::Connection>();
  connection->tls.reset(SSL_new(context_->tls.get()));
  auto* tls = connection->tls.get();
  if (tls == nullptr || SSL_set_fd(tls, socket) != 1) return nullptr;
  SSL_set_accept_state(tls);
  return std::unique_ptr<TlsSession>(new TlsSession(std::move(connection)));
}

ConnectionRead TlsSession::read(std::span<char> into) {
  using Outcome = ConnectionRead::Outcome;
  ERR_clear_error();
  std::size_t count = 0;
  auto* tls = connection_->tls.get();
  const int done = SSL_read_ex(tls, into.data(), into.size(), &count);
  const int system = errno;
  wants_to_write_ = false;
  if (done == 1) return {Outcome::bytes, count};
  switch (SSL_get_error(tls, done)) {
    case SSL_ERROR_WANT_WRITE:
      wants_to_write_ = true;
      return {};
    case SSL_ERROR_WANT_READ:
      return {};
    case SSL_ERROR_ZERO_RETURN:
      return {Outcome::ended};
    case SSL_ERROR_SYSCALL:
      return {Outcome::failed, 0, system == 0 ? "the connection ended" : std::strerror(system)};
    default:
      return {Outcome::failed, 0, reason()};
  }
}

bool TlsSession::has_shaken_hands() const { return SSL_is_init_finished(connection_->tls.get()) == 1; }

}  // namespace triaged::sources
