"""An application that logs what clients send, as applications do: what frameworks escape is escaped, what they quote is quoted."""
import io
import json
import logging
import sys
import urllib.parse

PLAIN = logging.getLogger("django.request")
FLASK = logging.getLogger("app")
NAMED = logging.getLogger("shop.views")
for logger, form in ((PLAIN, "%(message)s"), (FLASK, "[%(asctime)s] %(levelname)s in %(module)s: %(message)s"),
                     (NAMED, "%(asctime)s %(levelname)s %(name)s %(message)s")):
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(form))
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
# A `text` that holds line feeds and is logged as it is makes whole lines of any program: nothing in the stream tells them apart.
RAW = False


def escaped(text):
    """As Django logs what clients sent."""
    return text.encode("unicode_escape").decode("ascii")


def one_line(text):
    return text if RAW else text.replace("\n", " ").replace("\r", " ")


def not_found(path, body):
    PLAIN.warning("Not Found: %s", escaped(path))


def forbidden(path, body):
    NAMED.warning("Forbidden (CSRF token missing.): %s", escaped(path))


def flask_error(path, body):
    try:
        raise KeyError(path)
    except KeyError:
        FLASK.exception("Exception on %s [%s]", one_line(path), "GET")


def own_error(path, body):
    logging.getLogger("gunicorn.error").error("cannot parse %r", body.decode("utf-8", "replace"))


def words(path, body):
    NAMED.info("search for %s", one_line(body.decode("utf-8", "replace")))


def plain_print(path, body):
    print("upload: %s" % one_line(body.decode("utf-8", "replace")), file=sys.stderr, flush=True)


def number(path, body):
    try:
        int(body.decode("utf-8", "replace"))
    except ValueError:
        NAMED.exception("bad quantity")


def multipart(path, body):
    name = body.partition(b'filename="')[2].partition(b'"\r\n')[0].decode("utf-8", "replace")
    NAMED.error("cannot store file %s: No space left on device", repr(name))


def parse(path, body):
    json.load(io.BytesIO(body))


def raise_key(path, body):
    raise KeyError(path)


def raise_words(path, body):
    raise ValueError(one_line(path))


KINDS = {
    "missing": not_found, "forbidden": forbidden, "flask": flask_error, "own": own_error, "words": words,
    "print": plain_print, "number": number, "file": multipart, "json": parse, "key": raise_key, "raise": raise_words
}


def application(environ, start_response):
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    kind, _, rest = path.lstrip("/").partition("/")
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if not body:
        body = urllib.parse.unquote_to_bytes(environ.get("QUERY_STRING", ""))
    if kind in KINDS:
        KINDS[kind](rest, body)
    start_response("404 Not Found" if kind == "missing" else "200 OK", [("Content-Type", "text/plain"),
                                                                        ("Content-Length", "3")])
    return [b"ok\n"]
