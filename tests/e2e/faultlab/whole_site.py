"""One site as somebody on call has it: nginx before an application, HAProxy before that application and a second one, TLS at both."""
import concurrent.futures
import contextlib
import http.client
import socket
import ssl

import programs
import servers

DISK = """location /export {{ proxy_pass http://shop_app; proxy_temp_path {disk}; proxy_buffers 4 4k; proxy_buffer_size 4k;
            proxy_busy_buffers_size 8k; }}"""
SITE = """location / {{ proxy_pass http://shop_app; proxy_read_timeout 20s; }}
          location /slow {{ proxy_pass http://shop_app; proxy_read_timeout 1s; }}
          location ~ [.](php|env)$ {{ return 404; }} {disk}"""
TLS = """ssl_session_cache off;
      server {{ listen 127.0.0.1:{shop_port} ssl; server_name shop.example.com; ssl_certificate {shop}; ssl_certificate_key {shop_key};
        location / {{ proxy_pass http://shop_app; }} }}
      server {{ listen 127.0.0.1:{pay_port} ssl; server_name pay.example.com; ssl_certificate {pay}; ssl_certificate_key {pay_key};
        location / {{ return 200; }} }}"""
PAY = """
frontend pay
  bind 127.0.0.1:{port}
  default_backend pay
backend pay
  retries 0
  server pay1 127.0.0.1:{server} ssl verify required ca-file {trusted} check inter 250 fall 2 rise 2
  timeout check 5s
"""


class Certificate:
    """A file with a certificate, which can be replaced by one that has expired."""

    def __init__(self, folder, name, authority):
        self.file, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        self.request = folder / f"{name}.request"
        programs.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.request)
        self.authority = authority
        self.be_valid_for(days=2)

    def be_valid_for(self, days):
        certificate, key = self.authority
        programs.openssl("x509", "-req", "-in", self.request, "-CA", certificate, "-CAkey", key, "-set_serial", 1 + abs(days),
                         "-days", days, "-out", self.file)


class WholeSite(contextlib.ExitStack):
    def __init__(self, folder):
        super().__init__()
        self.folder = folder
        (folder / "authority").mkdir()
        authority = programs.certificate(folder / "authority", "An authority")
        self.trusted = authority[0]
        self.shop_certificate, self.pay_certificate = (Certificate(folder, f"{name}.example.com", authority) for name in ("shop", "pay"))
        self.shop_tls, self.pay_tls, self.pay_port = (servers.free_port() for _ in range(3))

    def __enter__(self):
        super().__enter__()
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def start(self):
        self.disk = self.enter_context(programs.SmallDisk(self.folder / "small", mebibytes=1))
        self.shop = self.start_gunicorn("shop")
        self.second = self.start_gunicorn("second")
        self.nginx = self.enter_context(programs.Nginx(self.folder, self.site(), self.tls(), [self.shop.address], log_level="info"))
        self.rsyslog = self.enter_context(servers.Rsyslog(self.folder))
        behind = PAY.format(port=self.pay_port, server=self.pay_tls, trusted=self.trusted)
        self.haproxy = self.enter_context(servers.Haproxy(
            self.folder, {"app1": self.shop.address, "app2": self.second.address}, self.rsyslog.port,
            of_server="check inter 250 fall 2 rise 2", of_backend=["option redispatch", "timeout server 20s", "timeout check 5s"], behind=behind))
        self.visitors = [self.enter_context(servers.Traffic(port, pause=0.04))
                         for port in (self.nginx.port, self.haproxy.port, self.pay_port)]
        self.are_served()

    def start_gunicorn(self, name, port=None):
        return self.enter_context(programs.Gunicorn(self.folder, "--timeout", "600", "--graceful-timeout", "1", "--access-logfile",
                                                    str(self.folder / f"{name}-access.log"), port=port, name=name))

    def site(self):
        return SITE.format(disk=DISK.format(disk=self.disk.path) if self.disk.is_there else "")

    def tls(self):
        return TLS.format(shop_port=self.shop_tls, shop=self.shop_certificate.file, shop_key=self.shop_certificate.key,
                          pay_port=self.pay_tls, pay=self.pay_certificate.file, pay_key=self.pay_certificate.key)

    @property
    def logs(self):
        names = ("shop", "second")
        return [self.nginx.error_log, self.nginx.access_log, self.rsyslog.log,
                *(self.folder / f"{name}-{kind}.log" for name in names for kind in ("error", "access"))]

    @property
    def topology(self):
        return {"nginx": [str(self.nginx.configuration)], "haproxy": [str(self.folder / "haproxy.cfg")]}

    def configure_nginx(self, change=lambda site: site, upstream=None):
        self.nginx.configure(change(self.site()), self.tls(), [upstream or self.shop.address])
        self.nginx.reload()

    def restart(self, name):
        """The application is started again at its address, and has answered."""
        gone = getattr(self, name)
        gone.kill()
        setattr(self, name, self.start_gunicorn(name, gone.port))
        servers.wait_for(lambda: servers.get(gone.port) == 200, f"{name} answers again")

    def are_served(self, answers=10):
        for visitors in self.visitors:
            visitors.wait_for(answers, 200)

    def ask(self, path, times=12, at_once=1):
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(lambda _: servers.get(self.nginx.port, path), range(times)))

    def send(self, text):
        """What no browser would send."""
        with socket.create_connection(("127.0.0.1", self.nginx.port), timeout=10) as client:
            client.sendall(text)
            client.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                while client.recv(65536):
                    pass

    def visit_over_tls(self):
        """As a browser that believes in the shop's certificates while they are valid."""
        context = ssl.create_default_context(cafile=self.trusted)
        context.check_hostname = False
        connection = http.client.HTTPSConnection("127.0.0.1", self.shop_tls, timeout=10, context=context)
        with contextlib.closing(connection):
            try:
                connection.request("GET", "/")
                return connection.getresponse().status
            except OSError:
                return 0
