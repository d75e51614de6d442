"""The other ends of the sinks: they record what arrives and are as strict about it as the real ones."""
import http.server
import json
import re
import socket
import ssl
import threading
import time

from waiting import wait_for


class HttpReceiver:
    """Records every POST. Answers the statuses of `answers` first, then 200."""

    def __init__(self, answers=()):
        self.answers = list(answers)
        self.requests = []  # (headers, body)
        self.arrived = []  # when each of them came, seconds since the epoch
        receiver = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.arrived.append(time.time())
                receiver.requests.append((dict(self.headers), body))
                status, text = receiver.answer(body)
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After", "1")
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def answer(self, body):
        return (self.answers.pop(0), "try again") if self.answers else (200, self.accept(body))

    def accept(self, body):
        return ""


class WebhookReceiver(HttpReceiver):
    def incidents(self):
        """Every incident received, refused and repeated ones included, in order."""
        return [json.loads(body) for _, body in list(self.requests)]

    def keys(self):
        return [headers["Idempotency-Key"] for headers, _ in list(self.requests)]

    def opened(self):
        """What a receiver that honours idempotency keys has seen open: one incident a key."""
        by_key = dict(zip(self.keys(), self.incidents()))
        return [incident for incident in by_key.values() if incident["change"] == "opened"]

    def wait_for_opened(self):
        return wait_for(self.opened, "an incident is opened")[0]


class HttpsReceiver(WebhookReceiver):
    def __init__(self, key, certificate):
        super().__init__()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = self.url.replace("http://", "https://")


class SlackReceiver(HttpReceiver):
    """Slack's incoming webhook: https://docs.slack.dev/reference/block-kit/blocks, answers `ok` or says what is wrong."""

    def __init__(self):
        super().__init__()
        self.messages = []

    def answer(self, body):
        message = json.loads(body)
        wrong = wrong_with(message)
        if wrong:
            self.messages.append({"wrong": wrong})
            return 400, "invalid_blocks: " + wrong
        self.messages.append(message)
        return 200, "ok"


LIMITS = {"header": 150, "section": 3000, "context": 3000, "field": 2000, "fallback": 40000}


def wrong_with(message):
    """What Slack would refuse in `message`; an empty text when it takes it."""
    blocks = message.get("blocks", [])
    if not message.get("text") and not blocks:
        return "no_text"
    if len(message.get("text", "")) > LIMITS["fallback"]:
        return "msg_too_long"
    if len(blocks) > 50:
        return f"{len(blocks)} blocks"
    return next(filter(None, map(wrong_with_block, blocks)), "")


def wrong_with_block(block):
    kind = block.get("type")
    if kind == "divider":
        return ""
    if kind == "header":
        return wrong_with_text(block.get("text"), {"plain_text"}, LIMITS["header"])
    if kind == "section":
        fields = block.get("fields", [])
        if len(fields) > 10 or not ("text" in block or fields):
            return "section with too many fields, or with nothing"
        texts = [wrong_with_text(field, {"plain_text", "mrkdwn"}, LIMITS["field"]) for field in fields]
        if "text" in block:
            texts.append(wrong_with_text(block["text"], {"plain_text", "mrkdwn"}, LIMITS["section"]))
        return next(filter(None, texts), "")
    if kind == "context":
        elements = block.get("elements", [])
        if not 1 <= len(elements) <= 10:
            return f"context with {len(elements)} elements"
        return next(filter(None, (wrong_with_text(e, {"plain_text", "mrkdwn"}, LIMITS["context"]) for e in elements)), "")
    return f"block of type {kind!r}"


def wrong_with_text(text, kinds, longest):
    if not isinstance(text, dict) or text.get("type") not in kinds or not isinstance(text.get("text"), str):
        return f"not a text object of {kinds}: {text!r}"
    if not 1 <= len(text["text"]) <= longest:
        return f"text of {len(text['text'])} characters, at most {longest}"
    return ""


RFC_5424 = re.compile(
    rb"<(?P<priority>\d{1,3})>1 "
    rb"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) (?P<host>[\x21-\x7e]{1,255}) "
    rb"(?P<application>[\x21-\x7e]{1,48}) (?P<process>[\x21-\x7e]{1,128}) (?P<kind>[\x21-\x7e]{1,32}) "
    rb'(?P<data>-|(?:\[[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}(?: [\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}='
    rb'"(?:[^"\\\]]|\\["\\\]])*")*\])+)(?: (?:\xef\xbb\xbf)?(?P<text>.*))?', re.DOTALL)


class SyslogReceiver:
    """A UDP socket that understands RFC 5424 and nothing else."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"udp://127.0.0.1:{self.socket.getsockname()[1]}"
        self.messages = []
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()

    def run(self):
        while datagram := self.socket.recv(65536):
            parsed = RFC_5424.fullmatch(datagram)
            fields = {name: (value or b"").decode() for name, value in parsed.groupdict().items()} if parsed else {}
            self.messages.append(fields or {"wrong": datagram})
