#!/usr/bin/env python3
"""Prints every text of the program that a user may read, with its place and kind, so that they can be read in one go:
log lines, errors, help of the command line, meanings of options, HELP of metrics, texts of pages. STYLE: plain words, a
subject and an active verb, what to do next.

usage: scripts/strings.py [KIND…]      kinds: log error help option metric page text; default: all of them
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LITERAL = r'"(?:[^"\\\n]|\\.)*"'
COMMENT_OR_TEXTS = re.compile(
    rf'(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<raw>R"(?P<mark>[a-z]*)\((?P<inside>.*?)\)(?P=mark)")|'
    rf"(?P<char>'(?:[^'\\\n]|\\.)')|(?P<texts>{LITERAL}(?:\s+{LITERAL})*)",
    re.S,
)
PAGES = re.compile(r"^(admin/pages|values/html|knowledge/faces/render_html)")
OPTIONS = re.compile(r"_options?\.cpp$|^sinks/.*_(sink|target)\.cpp$|^sinks/make_sink\.cpp$")
SQL = re.compile(r"^(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA|BEGIN|COMMIT|ROLLBACK|WITH|REPLACE)\b")
STYLE_SHEET = re.compile(r"\{[a-z-]+:[^ ]")


def rooms():
    """The folders of the program, as cmake/RoomList.cmake has them."""
    return re.findall(r"^triaged_room\((\w+)", (ROOT / "cmake/RoomList.cmake").read_text(), re.M)


def joined(texts):
    """Adjacent literals are one text."""
    return "".join(part[1:-1] for part in re.findall(LITERAL, texts)).replace('\\"', '"').replace("\\n", "\n")


def is_for_people(text):
    """Words with a blank between them, and no statement for SQLite or a browser."""
    words = re.findall(r"[A-Za-z]{2,}", text)
    return len(words) > 1 and " " in text.strip() and not SQL.match(text) and not STYLE_SHEET.search(text)


def kind_of(path, before):
    """By the call that the text is an argument of, and by its file."""
    if re.search(r"spdlog::(trace|debug|info|warn|error|critical)\([^;]*$", before):
        return "log"
    if PAGES.match(path):
        return "page"
    if re.search(r"\b(gauge|counter|Metric)\s*[({][^;]*$", before) or path.endswith("_metrics.cpp"):
        return "metric"
    if path.startswith("cli/command_line"):
        return "help"
    if re.search(r"\b(error|report|refused|Problem|fail_with|warn|failure|unknown_because)\s*[({][^;]*$", before):
        return "error"
    if OPTIONS.search(path) and re.search(r"[,{(]\s*$", before):
        return "option"
    return "text"


def texts_of(path):
    source = (ROOT / path).read_text()
    for found in COMMENT_OR_TEXTS.finditer(source):
        if found["comment"] or found["char"]:
            continue
        text = found["inside"] if found["raw"] else joined(found["texts"])
        begin = source.rfind("\n", 0, found.start()) + 1
        if re.match(r"\s*(#include|static_assert|extern)", source[begin : found.start()]) or not is_for_people(text):
            continue
        line = source.count("\n", 0, found.start()) + 1
        yield line, kind_of(path, source[max(0, found.start() - 300) : found.start()]), " ".join(text.split())


def main():
    wanted = set(sys.argv[1:])
    if wanted & {"-h", "--help"}:
        print(__doc__.strip())
        return
    for room in rooms():
        for file in sorted((ROOT / room).rglob("*.?pp")):
            path = str(file.relative_to(ROOT))
            for line, kind, text in texts_of(path):
                if not wanted or kind in wanted:
                    print(f"{path}:{line}: {kind}: {text}")


if __name__ == "__main__":
    main()
