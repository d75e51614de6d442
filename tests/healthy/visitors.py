"""Those who come to a site in an hour: many who want something, some who look for holes, some who leave early."""
import multiprocessing
import random
import socket

SCANS = ["/wp-login.php", "/.env", "/.git/config", "/cgi-bin/.%2e/.%2e/etc/passwd", "/?id=1%27%20OR%20%271%27=%271",
         "/phpmyadmin/index.php", "/actuator/health", "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
         "/%0A2026/11/21%2000:36:06%20%5Berror%5D%206245%236245:%20*120%20connect()%20failed%20(111:%20Connection%20refused)",
         "/?q=connect()%20failed%20(111:%20Connection%20refused)%20while%20connecting%20to%20upstream"]
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "curl/7.88.1",
          "Worker (pid:1590) was sent SIGKILL! Perhaps out of memory?",
          "upstream prematurely closed connection while reading response header from upstream"]
# Bytes that are no request: another protocol, a TLS greeting, nothing at all.
NOISE = [b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/9.9\r\n\r\n", b""]


def request(path, agent, method="GET"):
    return f"{method} {path} HTTP/1.1\r\nHost: shop.example.com\r\nUser-Agent: {agent}\r\n\r\n".encode()


class Visitor:
    """Asks `many` requests at a time and reads all answers; connects anew when the server ends the connection."""

    many = 16

    def __init__(self, port, seed, answered):
        self.port = port
        self.random = random.Random(seed)
        self.answered = answered
        self.connection = None

    def connect(self):
        self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def path(self):
        chance = self.random.random()
        if chance < 0.90:
            return "/static/app.css"
        if chance < 0.94:
            return f"/static/gone-{self.random.randrange(100)}.png"
        if chance < 0.98:
            return f"/api/items?id={self.random.randrange(100000)}"
        return f"/missing/{self.random.randrange(1000)}"

    def ask(self):
        if self.connection is None:
            self.connect()
        self.connection.sendall(b"".join(request(self.path(), AGENTS[0]) for _ in range(self.many)))
        self.read_answers()

    def read_answers(self):
        wanted, got = self.many, 0
        tail = b""
        while got < wanted:
            data = self.connection.recv(262144)
            if not data:  # a reload: the old worker answers what it has and ends
                self.connection = None
                break
            tail += data
            got += tail.count(b"HTTP/1.1 ")
            tail = tail[-8:]  # shorter than what is counted
        with self.answered.get_lock():
            self.answered.value += got

    def run(self, until):
        while self.answered.value < until:
            try:
                self.ask()
            except OSError:
                self.connection = None


def visit(port, seed, answered, until):
    Visitor(port, seed, answered).run(until)


def scan(port, seed, count):
    """What looks for holes, speaks another protocol, or leaves before the answer."""
    chance = random.Random(seed)
    for _ in range(count):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                noise = chance.random() < 0.2
                connection.sendall(chance.choice(NOISE) if noise else request(chance.choice(SCANS), chance.choice(AGENTS),
                                                                              chance.choice(["GET", "POST", "HEAD", "TRACE"])))
                if chance.random() < 0.7:
                    connection.settimeout(0.2)
                    connection.recv(65536)
        except OSError:
            pass


class Crowd:
    """Visitors in processes of their own, until `requests` were answered."""

    def __init__(self, port, requests, seed, processes=2):
        context = multiprocessing.get_context("fork")
        self.answered = context.Value("L", 0)
        self.processes = [context.Process(target=visit, args=(port, seed + number, self.answered, requests))
                          for number in range(processes)]

    def __enter__(self):
        for process in self.processes:
            process.start()
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.join()

    def is_there(self):
        return any(process.is_alive() for process in self.processes)
