"""A shop whose every page has a fault of its own. What a page does is what real applications do by mistake."""
import os
import resource
import signal
import socket
import sys
import time


PRICES = {"book": 12}


def cart(query):
    return PRICES[query.removeprefix("sku=")]


def pay(query):
    return int(query.removeprefix("amount="))


def fail(path, query):
    if path == "/cart":
        return cart(query)
    if path == "/pay":
        return pay(query)
    if path == "/bug":
        return 1 / 0
    if path == "/recursion":
        return fail(path, query)
    if path == "/exit":
        sys.exit(1)
    if path == "/crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if path == "/killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if path == "/slow":
        time.sleep(float(query))
    if path == "/database":
        socket.create_connection(("127.0.0.1", int(query)))  # nobody listens there
    if path == "/hanging-service":
        with socket.create_connection(("127.0.0.1", int(query)), timeout=0.3) as service:
            service.recv(1)
    if path == "/full-disk":
        with open("/dev/full", "w") as file:
            file.write("an order")
    if path == "/memory":
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 64 * 2**20, resource.RLIM_INFINITY))
        return bytearray(2**30)
    if path == "/hog":
        return b"x" * (int(query) * 2**20)  # touched, so that the kernel has to give it
    if path == "/descriptors":
        resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
        return [open("/dev/null") for _ in range(64)]
    return None


def application(environ, start_response):
    path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
    fail(path, query)
    headers = [("Content-Type", "text/plain")]
    if path == "/big-header":
        headers.append(("Set-Cookie", "basket=" + "x" * 16_000))
    start_response("200 OK", headers)
    if path == "/export":
        return [b"x" * 2**20] * int(query)
    return [b"a shop\n"]
