#!/usr/bin/env python3
"""The rooms of the product (cmake/RoomList.cmake) and what they include of each other.

usage: scripts/rooms.py            their names, one a line
       scripts/rooms.py --check    nothing, or what breaks the rules: a circle, an include that USES does not allow, a room in USES or a face that
                                   nobody outside needs, a header that is missing among the faces, an old picture in the docs
       scripts/rooms.py --draw     draws the picture in docs/architecture.md anew
"""
import re
import sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent
page = root / "docs/architecture.md"


def read_rooms():
    rooms = {}
    for name, body in re.findall(r"^triaged_room\((\w+)(.*?)\)", (root / "cmake/RoomList.cmake").read_text(), re.S | re.M):
        words = {"USES": [], "FACES": []}
        for word in body.split():
            if word in words:
                into = words[word]
            else:
                into.append(word)
        rooms[name] = (words["USES"], {f"{name}/{face}" for face in words["FACES"]})
    return rooms


def read_includes(rooms):
    """file -> the headers of rooms that it includes. tests/ROOM and tests/fuzz/ROOM belong to their room; other tests and bench to none."""
    includes = {}
    for folder in [*rooms, "tests", "bench"]:
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            headers = re.findall(r'^\s*#include "(\w+/[^"]+)"', path.read_text(), re.M)
            includes[path.relative_to(root).as_posix()] = [h for h in headers if h.split("/")[0] in rooms]
    return includes


def room_of(path):
    parts = path.removeprefix("tests/fuzz/").split("/")
    return parts[1] if parts[0] == "tests" else parts[0]


def reached_rooms(name, includes):
    """Whose headers the room's own files include, and what those include in turn."""
    reached, ahead = set(), [header for path, headers in includes.items() if room_of(path) == name for header in headers]
    while ahead:
        header = ahead.pop()
        if header not in reached:
            reached.add(header)
            ahead += includes.get(header, [])
    return {header.split("/")[0] for header in reached}


def needed_faces(includes):
    """What is included from outside, and what those headers include in turn."""
    todo = [h for path, headers in includes.items() for h in headers if room_of(path) != h.split("/")[0]]
    needed = set()
    while todo:
        header = todo.pop()
        if header not in needed:
            needed.add(header)
            todo += includes.get(header, [])
    return needed


def picture(rooms):
    """Each room with the rooms that it uses, without those that it reaches through another one."""
    def reached(name):
        return {name}.union(*(reached(used) for used in rooms[name][0]))

    lines = ["```mermaid", "graph LR"]
    for name, (uses, _) in rooms.items():
        lines += [f"  {name} --> {used}" for used in uses if not any(used in reached(o) for o in uses if o != used)]
    return "\n".join([*lines, "```"])


def with_picture(text, rooms):
    return re.sub(r"```mermaid\ngraph LR\n.*?```", lambda _: picture(rooms), text, count=1, flags=re.S)


def mistakes(rooms):
    earlier, in_order = set(), True
    for name, (uses, _) in rooms.items():
        for used in uses:
            if used not in earlier:
                in_order = False
                yield f"cmake/RoomList.cmake: {name} uses {used}, which does not stand before it"
        earlier.add(name)
    includes = read_includes(rooms)
    for path, headers in includes.items():
        room = room_of(path)
        for header in headers:
            other = header.split("/")[0]
            if header not in includes:
                yield f"{path}: there is no {header}"
            elif room in rooms and other != room and other not in rooms[room][0]:
                yield f"{path}: {room} may not include {header}: {other} is not among what it uses"
    for name, (uses, _) in rooms.items():
        reached = reached_rooms(name, includes)
        for used in uses:
            if used not in reached:
                yield f"cmake/RoomList.cmake: {name} includes nothing of {used}: it need not be among what it uses"
    needed = needed_faces(includes)
    for name, (_, faces) in rooms.items():
        for header in sorted(needed - faces):
            if header.startswith(name + "/"):
                yield f"cmake/RoomList.cmake: {header} is included from outside, but it is no face of {name}"
        for header in sorted(faces - needed):
            yield f"cmake/RoomList.cmake: nobody outside includes {header}: it need not be a face"
    text = page.read_text()
    yield from (f"docs/architecture.md: no row is about {name}/" for name in rooms if f"\n| `{name}/` |" not in text)
    if in_order and (with_picture(text, rooms) != text or picture(rooms) not in text):
        yield "docs/architecture.md: the picture of the rooms is old: scripts/rooms.py --draw"


def main():
    rooms = read_rooms()
    if sys.argv[1:] == ["--check"]:
        found = list(mistakes(rooms))
        for mistake in found:
            print(mistake)
        return bool(found)
    if sys.argv[1:] == ["--draw"]:
        page.write_text(with_picture(page.read_text(), rooms))
        return 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    print("\n".join(rooms))
    return 0


sys.exit(main())
