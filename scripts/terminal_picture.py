#!/usr/bin/python3
"""Runs a command on a terminal of its own and prints what it shows as an SVG picture, colours included.

usage: scripts/terminal_picture.py COMMAND [ARGUMENT...] >docs/images/NAME.svg

The picture in README.md is made so from the real output:
  scripts/terminal_picture.py build/release/triaged scan samples/stale-upstream/nginx-*.log >docs/images/diagnosis.svg
"""
import html
import os
import pty
import re
import sys

COLUMNS = 104
FONT, CELL_WIDTH, CELL_HEIGHT, MARGIN, BAR = 14, 8.43, 20, 18, 34
INK = {"30": "#6e7681", "31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff",
       "36": "#7cd4e6", "37": "#e6edf3", "90": "#6e7681"}
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")


def output_of(command):
    """Everything that `command` writes to its terminal. Its standard error is left out."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS=str(COLUMNS))
        os.execvp("/bin/sh", ["/bin/sh", "-c", f'stty cols {COLUMNS} rows 60; exec "$@" 2>/dev/null', "sh", *command])
    output = b""
    try:
        while chunk := os.read(terminal, 65536):
            output += chunk
    except OSError:  # Linux says "input/output error" when the last writer has closed the terminal
        pass
    os.waitpid(child, 0)
    return output.decode().replace("\r\n", "\n")


def pieces_of(row):
    """(style, text) of one row, in which ANSI colours set the style."""
    weight, ink, opacity, begin = "normal", "#e6edf3", "1", 0
    for escape in [*ESCAPE.finditer(row), None]:
        text = row[begin:escape.start() if escape else len(row)]
        if text:
            yield f'fill="{ink}" font-weight="{weight}" opacity="{opacity}"', text
        if escape is None:
            return
        begin = escape.end()
        for code in escape[1].split(";"):
            if code in ("", "0"):
                weight, ink, opacity = "normal", "#e6edf3", "1"
            elif code == "1":
                weight = "bold"
            elif code == "2":
                opacity = "0.62"
            elif code in INK:
                ink = INK[code]


def picture_of(rows, title):
    height = BAR + 2 * MARGIN + len(rows) * CELL_HEIGHT
    width = int(2 * MARGIN + COLUMNS * CELL_WIDTH)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
           f'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{FONT}">')
    yield f'<rect width="{width}" height="{height}" rx="10" fill="#0d1117"/>'
    yield f'<text x="{MARGIN}" y="{BAR - 10}" fill="#8b949e">$ {html.escape(title)}</text>'
    yield f'<path d="M0 {BAR}h{width}" stroke="#30363d"/>'
    for number, row in enumerate(rows):
        y, column = BAR + MARGIN + (number + 0.75) * CELL_HEIGHT, 0
        for style, text in pieces_of(row):
            shown = text.strip()
            if shown:  # the place and the length are given, so that no font of the reader's can shift a column
                x = MARGIN + (column + len(text) - len(text.lstrip())) * CELL_WIDTH
                yield (f'<text x="{x:.1f}" y="{y:.1f}" textLength="{len(shown) * CELL_WIDTH:.1f}" xml:space="preserve" '
                       f'{style}>{html.escape(shown)}</text>')
            column += len(text)
    yield "</svg>"


def main(command):
    if not command:
        sys.exit(__doc__)
    rows = output_of(command).rstrip("\n").split("\n")
    shown = " ".join([os.path.basename(command[0]), *command[1:]])
    print("\n".join(picture_of(rows, shown)))


if __name__ == "__main__":
    main(sys.argv[1:])
