#include "sources/syslog/datagram_receiver.hpp"
#include "sources/syslog/receiver.hpp"
#include "sources/syslog/stream_receiver.hpp"

namespace triaged::sources {

Result<std::unique_ptr<Receiver>> make_receiver(const ListenAddress& address, const SyslogOptions& options) {
  std::shared_ptr<TlsServer> tls;
  if (address.transport == SyslogTransport::tls) {
    auto made = TlsServer::make(options.tls);
    if (!made) return made.error();
    tls = std::move(*made);
  }
  auto bound = bind_socket(address, options.socket_mode);
  if (!bound) return bound.error();
  if (address.is_datagram()) {
    return std::unique_ptr<Receiver>(std::make_unique<DatagramReceiver>(address, std::move(*bound)));
  }
  return std::unique_ptr<Receiver>(
      std::make_unique<StreamReceiver>(address, std::move(*bound), options, std::move(tls)));
}

}  // namespace triaged::sources
