"""The application behind Gunicorn: a shop that answers quickly and never fails by itself."""


def application(environ, start_response):
    path = environ["PATH_INFO"]
    status = "404 Not Found" if path.startswith("/missing") else "200 OK"
    body = b"order taken\n" if environ["REQUEST_METHOD"] == "POST" else b"a shop\n"
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
