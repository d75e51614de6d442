"""Those who send requests: many at a time over connections that stay, one by one where a server hangs up, HTTP/2, TLS, ssh."""
import logging
import socket
import ssl
import struct

import paramiko

logging.getLogger("paramiko").setLevel(logging.CRITICAL)

TIMEOUT = 10


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Answers:
    """Reads HTTP/1 answers one after the other from a connection: statuses; 0 when it ended instead."""

    def __init__(self, connection):
        self.connection = connection
        self.data = b""

    def fill(self):
        try:
            more = self.connection.recv(262144)
        except OSError:
            more = b""
        self.data += more
        return bool(more)

    def next(self):
        while True:
            while (end := self.data.find(b"\r\n\r\n")) < 0:
                if not self.fill():
                    return 0
            head = self.data[:end]
            status = int(head[9:12]) if head[9:12].isdigit() else 0
            if status != 100:
                break
            self.data = self.data[end + 4:]
        lower = head.lower()
        at = lower.find(b"content-length:")
        if at >= 0:
            length = int(lower[at + 15:].split(b"\r\n", 1)[0])
            while len(self.data) < end + 4 + length:
                if not self.fill():
                    return status
            self.data = self.data[end + 4 + length:]
        elif b"transfer-encoding: chunked" in lower:
            while (last := self.data.find(b"\r\n0\r\n\r\n", end)) < 0:
                if not self.fill():
                    return status
            self.data = self.data[last + 7:]
        else:
            self.data = self.data[end + 4:] if status in (204, 304) else b""
        return status


def ask_many(port, requests, many=32):
    """`requests` are (bytes, ends the connection); their statuses."""
    statuses, connection = [], None
    while len(statuses) < len(requests):
        group = []
        for data, ends in requests[len(statuses):len(statuses) + many]:
            if ends and group:
                break
            group.append(data)
            if ends:
                break
        alone = len(group) == 1 and requests[len(statuses)][1]
        if alone and connection:
            connection.close()
            connection = None
        try:
            if connection is None:
                connection = connect(port)
                answers = Answers(connection)
            connection.sendall(b"".join(group))
        except OSError:
            pass
        got = 0
        for _ in group:
            status = answers.next()
            if status == 0 and got:
                break
            statuses.append(status)
            got += 1
            if status == 0:
                break
        if alone or status == 0:
            connection.close()
            connection = None
    if connection:
        connection.close()
    return statuses


def length_prefixed(text):
    """HPACK's string of that text, not compressed."""
    if len(text) < 127:
        return bytes([len(text)]) + text
    rest, coded = len(text) - 127, b"\x7f"
    while rest >= 128:
        coded += bytes([rest % 128 + 128])
        rest //= 128
    return coded + bytes([rest]) + text


def http2_headers(stream, fields, ends=True):
    block = b"".join(b"\0" + length_prefixed(name) + length_prefixed(value) for name, value in fields)
    frames = []
    for at in range(0, len(block), 16384) or [0]:
        piece = block[at:at + 16384]
        flags = (1 if ends and at == 0 else 0) | (4 if at + 16384 >= len(block) else 0)
        frames.append(
            struct.pack(">I", len(piece))[1:] + bytes([1 if at == 0 else 9, flags]) + struct.pack(">I", stream) + piece)
    return b"".join(frames)


def ask_http2(port, requests, many=20):
    """Each request is a list of header fields; prior knowledge, one connection for so many. 1 means that the stream was reset, 0 that all ended."""
    statuses = []
    while len(statuses) < len(requests):
        group = requests[len(statuses):len(statuses) + many]
        statuses += http2_connection(port, group)
    return statuses


def http2_connection(port, group):
    got = {}
    with connect(port) as connection:
        connection.settimeout(5)
        try:
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
            for number, fields in enumerate(group):
                stream = 2 * number + 1
                connection.sendall(http2_headers(stream, fields))
                data = read_stream(connection, stream, got)
                if not data:
                    got.setdefault(stream, 0)
                    break
        except OSError:
            got.setdefault(2 * len(got) + 1, 0)
    return [got[stream] for stream in sorted(got)]


def read_stream(connection, stream, got):
    """Frames until `stream` has ended; False when the connection has."""
    while True:
        head = read_exactly(connection, 9)
        if not head:
            return False
        length, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
        about = int.from_bytes(head[5:], "big") & 0x7fffffff
        payload = read_exactly(connection, length) if length else b""
        if kind == 4 and not flags & 1:
            connection.sendall(b"\0\0\0\4\1\0\0\0\0")
        elif kind == 7:
            got[stream] = 0
            return False
        elif about == stream and kind == 3:
            got[stream] = 1
            return True
        elif about == stream and kind in (0, 1):
            if kind == 1:
                got.setdefault(stream, 200 + (payload[:1] or b"\0")[0])  # HPACK's index of the status will do
            if kind == 0 and length:
                connection.sendall(b"\0\0\4\10\0\0\0\0\0" + struct.pack(">I", length))
            if flags & 1:
                return True


def read_exactly(connection, length):
    data = b""
    while len(data) < length:
        more = connection.recv(length - len(data))
        if not more:
            return b""
        data += more
    return data


def client_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


CONTEXT = client_context()


def ask_tls(port, requests):
    """Each request is a server name and what is said once the connection is there."""
    statuses = []
    for name, data in requests:
        try:
            with connect(port) as plain, CONTEXT.wrap_socket(plain, server_hostname=name) as connection:
                connection.sendall(data)
                statuses.append(Answers(connection).next())
        except (OSError, ValueError):
            statuses.append(0)
    return statuses


def knock_with_ssh(port, users):
    """Names users who are not there, as nobody's own client would: OpenSSH's refuses most of these names. 1: no such user; 0: the server hung up."""
    statuses = []
    for user in users:
        try:
            with connect(port) as plain:
                transport = paramiko.Transport(plain)
                try:
                    transport.start_client(timeout=TIMEOUT)
                    transport.auth_none(user.decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape"))
                except paramiko.BadAuthenticationType:
                    statuses.append(1)
                except (paramiko.SSHException, EOFError):
                    statuses.append(0)
                finally:
                    transport.close()
        except OSError:
            statuses.append(0)
    return statuses
