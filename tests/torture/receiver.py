"""The webhook's other end: records everything that arrives, whatever it answers, and fails in four ways when told to."""
import http.server
import json
import socket
import threading
import time


GONE = -1  # in place of an answer


class Receiver:
    """`mood`: well, failing (500), hanging, closing (takes the request, says nothing) or refusing (nobody listens)."""

    def __init__(self):
        self.mood = "well"
        self.lock = threading.Lock()
        self.arrived = []  # (idempotency key, what it answered or GONE, incident)
        self.taken = set()  # entities of incidents that were answered with 200
        receiver = self

        class Answer(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.receive(self.headers.get("Idempotency-Key"), body, self.is_client_gone())
                if status in (0, GONE):
                    self.close_connection = True
                    return
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    self.close_connection = True  # the daemon was killed meanwhile

            def is_client_gone(self):
                """It was killed before anybody looked at what it had sent, so it cannot have heard the answer."""
                try:
                    return self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
                except BlockingIOError:
                    return False
                except OSError:
                    return True

            def log_message(self, *_):
                pass

        self.answer = Answer
        self.port = 0
        self.listen()

    def listen(self):
        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128
            open_connections = set()

            def process_request(self, request, client_address):
                self.open_connections.add(request)
                super().process_request(request, client_address)

            def shutdown_request(self, request):
                self.open_connections.discard(request)
                super().shutdown_request(request)

            def handle_error(self, *_):
                pass  # a killed client

        deadline = time.monotonic() + 10
        while True:
            try:
                self.server = Server(("127.0.0.1", self.port), self.answer)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def set_mood(self, mood):
        if mood == self.mood:
            return
        if self.mood == "refusing":
            self.listen()
        self.mood = mood
        if mood == "refusing":
            self.stop()

    def stop(self):
        if self.mood == "stopped":
            return
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.server.open_connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def receive(self, key, body, is_client_gone):
        mood = self.mood
        answer = GONE if is_client_gone else {"failing": 500, "closing": 0, "hanging": 0}.get(mood, 200)
        incident = json.loads(body)
        with self.lock:
            self.arrived.append((key, answer, incident))
            if answer == 200:
                self.taken.add(incident["entity"]["value"])
        if mood == "hanging":
            time.sleep(2)  # longer than the daemon waits
        return answer

    def has(self, number):
        return not self.missing([number])

    def missing(self, numbers):
        with self.lock:
            return [number for number in numbers if str(number) not in self.taken]
