"""Every place where a client's text gets into a log, by what it sends to get it there.

A carrier turns a text into one or more requests. Its `clean` takes out what would make the server see another request: the forged text and its twin must
be treated alike, or a difference between them says nothing.
"""
import base64
import dataclasses
import re
import urllib.parse
from typing import Callable

from grammar import twin, wordless

HOST = b"Host: shop.example.com\r\n"
AGENT = b"User-Agent: Mozilla/5.0\r\n"


def coded(text):
    return urllib.parse.quote_from_bytes(text, safe="/.-_~").encode()


def barely_coded(text):
    """As little as nginx accepts: quotes and bytes above 127 stay."""
    return re.sub(rb"[\x00-\x20%?#\x7f]", lambda found: b"%%%02X" % found.group()[0], text)


def get(target, headers=b"", method=b"GET"):
    return method + b" " + target + b" HTTP/1.1\r\n" + HOST + headers + b"\r\n"


def post(target, body, headers=b""):
    return get(target, headers + b"Content-Length: %d\r\n" % len(body), b"POST") + body


def anything(text):
    return text


def header_text(text):
    """What a header may hold."""
    return re.sub(rb"[\r\n\0]+", b"\t", text).strip(b" \t") or b"x"


def printable(text):
    """What a strict server takes in a header."""
    return re.sub(rb"[^\x20-\x7e\x80-\xff]+", b" ", text).strip() or b"x"


def user_name(text):
    return re.sub(rb"[:\0]+", b" ", text) or b"x"


def no_zero(text):
    return text.replace(b"\0", b" ")


def path_text(text):
    """No parent folders, no doubled slashes: those make another path of it."""
    return re.sub(rb"\.\.+", b".", re.sub(rb"/[/.]*(?=/)", b"", no_zero(text)))


def name_text(text):
    return re.sub(rb"[\0\"\r\n]+", b" ", text)


def no_colon_host(text):
    return re.sub(rb"[^!-~]+|[/\\@\[\]?#]", b"_", text)[:250] or b"x"


def server_name(text):
    return re.sub(rb"[^\x01-\x7e]", b"", text)[:250].lstrip(b".") or b"x"


@dataclasses.dataclass(frozen=True)
class Carrier:
    name: str
    build: Callable  # text -> a list of (request, ends the connection)
    clean: Callable = anything
    kept: bytes = b""
    swap: Callable = twin
    room: int = 6000
    weight: int = 4

    def requests(self, parts, as_twin):
        text = self.clean(b"".join(part for _, part in parts))
        return self.build(self.swap(text, self.kept) if as_twin else text)


def in_path(prefix, name, code=coded, **more):

    def build(text):
        return [(get(prefix + code(text), AGENT), False)]

    return Carrier(name, build, path_text, b"/.", room=2400, **more)


def in_query(prefix, name, code=coded, **more):
    return Carrier(name, lambda text: [(get(prefix + b"?q=" + code(text), AGENT), False)], anything, room=2400, **more)


def in_header(header, name, target=b"/", clean=header_text, **more):
    return Carrier(name, lambda text: [(get(target, header + b": " + text + b"\r\n"), False)], clean, **more)


def in_body(target, name, before=b"", ends=False, **more):
    return Carrier(name, lambda text: [(post(target, before + text), ends)], no_zero, room=70000, **more)


def basic(text):
    return b"Authorization: Basic " + base64.b64encode(text + b":secret") + b"\r\n"


def halves(text):
    middle = len(text) // 2
    return text[:middle], text[middle:]


def two_headers(text, target=b"/", clean=header_text):
    first, second = halves(text)
    return [(get(target, b"Referer: " + clean(first) + b"\r\nUser-Agent: " + clean(second) + b"\r\n"), False)]


def two_paths(text, target=b"/static/"):
    first, second = halves(text)
    return [(get(target + coded(first or b"x")), False), (get(target + coded(second)), False)]


def multipart(text, target):
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="' + text + b'"\r\n\r\nx\r\n--b--\r\n'
    return [(post(target, body, b"Content-Type: multipart/form-data; boundary=b\r\n"), False)]


def raw(name, build, **more):
    """Not a request that a server accepts: it hangs up."""
    return Carrier(name, lambda text: [(build(text), True)], anything, swap=wordless, room=3000, **{"weight": 1, **more})


RAW = [
    raw("raw-line", lambda text: text + b"\r\n\r\n"),
    raw("raw-line-behind-method", lambda text: b"GET " + text + b"\r\n\r\n"),
    raw("raw-version", lambda text: b"GET / " + text + b"\r\n" + HOST + b"\r\n"),
    raw("raw-headers", lambda text: b"GET /static/y HTTP/1.1\r\n" + HOST + b"Connection: close\r\n" + text + b"\r\n\r\n"),
    raw("raw-host", lambda text: b"GET / HTTP/1.1\r\nHost: " + text + b"\r\nConnection: close\r\n\r\n"),
    raw("two-hosts",
        lambda text: b"GET / HTTP/1.1\r\n" + HOST + b"Host: " + header_text(text) + b"\r\nConnection: close\r\n\r\n"),
    raw(
        "raw-length", lambda text: b"POST / HTTP/1.1\r\n" + HOST + b"Connection: close\r\nContent-Length: x" + header_text(
            text) + b"\r\n\r\n"),
    raw(
        "raw-encoding", lambda text: b"POST / HTTP/1.1\r\n" + HOST + b"Connection: close\r\nTransfer-Encoding: x" +
        header_text(text) + b"\r\n\r\n"),
    raw("absolute", lambda text: b"GET http://" + text + b"/ HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"),
]

NGINX = [
    in_path(b"/static/", "path", weight=14),
    in_path(b"/static/", "path-barely-coded", barely_coded),
    in_path(b"/down/", "path-down", weight=6),
    in_path(b"/denied/", "path-denied"),
    in_path(b"/rewritten/", "path-rewritten"),
    in_path(b"/tried/", "path-tried", weight=1),
    in_path(b"/indexed/", "path-indexed"),
    in_query(b"/static/x", "query", weight=2),
    in_query(b"/down/x", "query-down", barely_coded, weight=2),
    in_header(b"User-Agent", "agent"),
    in_header(b"User-Agent", "agent-down", b"/down/x"),
    in_header(b"Referer", "referrer", b"/static/x", weight=2),
    in_header(b"Referer", "referrer-down", b"/down/x"),
    in_header(b"X-Forwarded-For", "forwarded", weight=6),
    in_header(b"Cookie", "cookie", weight=1),
    Carrier("host", lambda text: [(b"GET /down/x HTTP/1.1\r\nHost: " + text + b"\r\n\r\n", False)], no_colon_host,
            swap=wordless, weight=2),
    Carrier("user", lambda text: [(get(b"/private/x", basic(text)), False)], user_name, weight=8),
    Carrier(
        "user-known",
        lambda text: [(get(b"/private/x", b"Authorization: Basic " + base64.b64encode(b"known:" + text) + b"\r\n"), False)],
        anything, weight=1),
    Carrier("user-ignored", lambda text: [(get(b"/static/x", basic(text)), False)], user_name),
    Carrier("two-headers", two_headers, header_text, weight=2),
    Carrier("two-paths", two_paths, path_text, b"/.", weight=3),
    Carrier(
        "body-too-large", lambda text: [
            (b"POST /small/" + coded(text) + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n123456789", True)
        ], path_text, b"/.", room=2400, weight=1),
    *RAW,
]

TLS_NAME = [
    Carrier("server-name", lambda text: [(text, get(b"/down/x", b"Connection: close\r\n"))], server_name, swap=wordless)
]

GUNICORN = [
    in_path(b"/missing/", "path-missing", weight=6),
    in_path(b"/forbidden/", "path-forbidden"),
    in_path(b"/flask/", "path-flask"),
    Carrier("path-key", lambda text: [(get(b"/key/" + coded(text)), True)], path_text, b"/.", room=2400),
    Carrier("path-raise", lambda text: [(get(b"/raise/" + coded(text)), True)], path_text, b"/.", room=2400),
    in_query(b"/words/", "query"),
    in_body(b"/own", "body-own"),
    in_body(b"/words", "body-words"),
    in_body(b"/print", "body-print"),
    in_body(b"/number", "body-number", b"x"),
    in_body(b"/json", "body-json", b"x", ends=True, weight=1),
    Carrier("file-name", lambda text: multipart(text, b"/file"), name_text),
    in_header(b"User-Agent", "agent", clean=printable),
    in_header(b"Referer", "referrer", clean=printable),
    in_header(b"X-Forwarded-For", "forwarded", clean=printable),
    Carrier("user", lambda text: [(get(b"/", basic(text)), False)], user_name, weight=6),
    Carrier("user-alone", lambda text: [(get(b"/", b"Authorization: Basic " + base64.b64encode(text) + b"\r\n"), False)],
            user_name, weight=2),
    Carrier("two-headers", lambda text: two_headers(text, clean=printable), printable, weight=2),
]

# Also what can be forged as docs/formats.md says: between two records of FastCGI's standard error a third one.
PHP_AMBIGUOUS = [
    *(in_body(b"/php-" + kind, f"php-{kind.decode()}", weight=6) for kind in (b"log", b"warning", b"stderr", b"raise")),
    *(in_query(b"/php-" + kind, f"php-{kind.decode()}-query", weight=2) for kind in (b"log", b"raise")),
    Carrier("php-user", lambda text: [(get(b"/php-none", basic(text)), False)], user_name),
    in_path(b"/php-log/", "php-path"),
]


def no_record_of_scripts(carrier):

    def clean(text):
        return carrier.clean(text).replace(b"FastCGI sent", b"FastCGI said")

    return dataclasses.replace(carrier, clean=clean)


PHP = [no_record_of_scripts(carrier) for carrier in PHP_AMBIGUOUS]

BEHIND_NGINX = [
    *(in_path(b"/uwsgi/" + kind + b"/", f"uwsgi-path-{kind.decode()}")
      for kind in (b"missing", b"forbidden", b"flask", b"key", b"raise")),
    *(in_body(b"/uwsgi/" + kind, f"uwsgi-body-{kind.decode()}") for kind in (b"words", b"print", b"number")),
    *(in_path(b"/gunicorn/" + kind + b"/", f"gunicorn-path-{kind.decode()}") for kind in (b"missing", b"flask")),
    Carrier("uwsgi-user", lambda text: [(get(b"/uwsgi/", basic(text)), False)], user_name),
    in_header(b"User-Agent", "uwsgi-agent", b"/uwsgi/", printable),
]

HAPROXY = [
    in_path(b"/x/", "path"),
    in_path(b"/down/", "path-down"),
    in_path(b"/denied/", "path-denied", weight=1),
    in_query(b"/", "query"),
    in_header(b"User-Agent", "agent", clean=printable, weight=10),
    in_header(b"User-Agent", "agent-down", b"/down/x", printable, weight=6),
    in_header(b"User-Agent", "agent-denied", b"/denied/x", printable),
    in_header(b"Referer", "referrer", clean=printable),
    in_header(b"X-Forwarded-For", "forwarded", clean=printable),
    Carrier("cookie", lambda text: [(get(b"/", b"Cookie: session=" + text + b"\r\n"), False)],
            lambda text: re.sub(rb"[;, ]+", b"_", printable(text))),
    in_header(b"Host", "second-host", clean=printable, weight=1),
    Carrier("host", lambda text: [(b"GET / HTTP/1.1\r\nHost: " + text + b"\r\n\r\n", False)], no_colon_host, swap=wordless),
    Carrier("two-headers", lambda text: two_headers(text, clean=printable), printable, weight=2),
    *RAW[:5],
]

HTTP2_FIELDS = {
    b":method": b"GET", b":scheme": b"http", b":path": b"/down/x", b":authority": b"shop.example.com",
    b"user-agent": b"Mozilla/5.0"
}


def http2(name, field, clean=anything, swap=wordless, prefix=b"", weight=4, kept=b""):
    return Carrier(
        name, lambda text: [([(key, prefix + text if key == field else value) for key, value in HTTP2_FIELDS.items()] +
                             ([] if field in HTTP2_FIELDS else [(field, text)]), False)], clean, kept, swap, room=3000,
        weight=weight)


HTTP2 = [
    http2("h2-method", b":method"),
    http2("h2-scheme", b":scheme"),
    http2("h2-path", b":path", prefix=b"/static/"),
    http2("h2-authority", b":authority"),
    http2("h2-agent", b"user-agent"),
    http2("h2-cookie", b"cookie"),
    http2("h2-forwarded", b"x-forwarded-for"),
    Carrier("h2-path-coded", lambda text: [([*{**HTTP2_FIELDS, b":path": b"/static/" + coded(text)}.items()], False)],
            path_text, b"/.", room=2400, weight=8),
    Carrier("h2-name", lambda text: [([*HTTP2_FIELDS.items(), (text or b"x", b"1")], False)], anything, swap=wordless,
            room=3000),
]

def no_record_end(text):
    """Of sshd's, CR LF in its file: there is no telling which one is a client's."""
    return re.sub(rb"\r+\n", b"\n", user_name(text))


def ssh(clean):
    return [Carrier("ssh-user", lambda text: [(b"x" + text, False)], clean, room=4000)]


SSH, SSH_FOR_SYSLOG = ssh(user_name), ssh(no_record_end)


@dataclasses.dataclass(frozen=True)
class Stream:
    """One client after the other at one port, so that a log has the same order each time."""
    name: str
    speaks: str  # http1, http1-slow, http2, tls, ssh
    port: int
    carriers: list
    share: float
