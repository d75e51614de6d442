"""The real programs, with the settings that a fault needs."""
import os
import pathlib
import signal
import subprocess

import servers

HERE = pathlib.Path(__file__).resolve().parent

JSON_LOG = """
              log_format json escape=json '{"time":"$time_iso8601","remote_addr":"$remote_addr","request":"$request",'
                '"status":$status,"body_bytes_sent":$body_bytes_sent,"request_time":$request_time,'
                '"upstream_addr":"$upstream_addr","upstream_status":"$upstream_status",'
                '"upstream_connect_time":"$upstream_connect_time","upstream_header_time":"$upstream_header_time",'
                '"upstream_response_time":"$upstream_response_time","host":"$host"}';"""


class Gunicorn(servers.Program):
    """Gunicorn with the faulty shop; `starts=False` when the fault is that it does not come up."""

    def __init__(self, folder, *options, application="faulty_shop:application", chdir=HERE, port=None, starts=True,
                 name="gunicorn", **environment):
        self.port = port or servers.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.error_log = folder / f"{name}-error.log"
        super().__init__(name, [
            "/usr/bin/gunicorn", "--bind", self.address, "--workers", "2", "--chdir", str(chdir),
            "--error-logfile", str(self.error_log), *options, application], folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment})
        if starts:
            self.wait_until_listening(self.port)


class Nginx(servers.Program):
    """nginx with one site: `http` stands beside it, `site` in it; upstream `shop_app` is there when addresses are given."""

    def __init__(self, folder, site, http="", upstreams=()):
        self.port = servers.free_port()
        self.folder = folder
        self.error_log = folder / "nginx-error.log"
        self.access_log = folder / "nginx-access.json.log"
        self.configuration = folder / "nginx.conf"
        self.scratch = folder / "nginx-scratch"
        self.scratch.mkdir()
        self.configure(site, http, upstreams)
        super().__init__("nginx", ["/usr/sbin/nginx", "-p", str(folder), "-e", str(self.error_log),
                                   "-c", str(self.configuration)], folder)
        self.wait_until_listening(self.port)

    def configure(self, site, http="", upstreams=()):
        servers_of_group = "".join(f"server {upstream};" for upstream in upstreams)
        group = f"upstream shop_app {{ {servers_of_group} }}" if upstreams else ""
        scratch = self.scratch
        self.configuration.write_text(f"""
            {"user root;" if os.geteuid() == 0 else ""}
            daemon off; worker_processes 1; pid {scratch}/nginx.pid; error_log {self.error_log} warn;
            events {{ worker_connections 128; }}
            http {{
              {JSON_LOG}
              access_log {self.access_log} json;
              client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy; fastcgi_temp_path {scratch}/fastcgi;
              uwsgi_temp_path {scratch}/uwsgi; scgi_temp_path {scratch}/scgi;
              {group}
              {http}
              server {{ listen 127.0.0.1:{self.port}; server_name shop.example.com; {site} }}
            }}""")

    def reload(self):
        self.signal(signal.SIGHUP)


def certificate(folder, name="shop.example.com"):
    """A self-signed certificate and its key."""
    key, certificate_file = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-keyout", str(key), "-out", str(certificate_file)], check=True, capture_output=True)
    return certificate_file, key
