"""Log files and everything that rotation, by whatever tool, does to them. Each method does one thing and returns what it did.

The writer is one process that never tells anybody anything: what it has written is remembered in `lines`, for the oracle.
"""
import gzip
import os
import subprocess
import time

from lines import HEADER

KEPT = 12  # rotated files; older ones are deleted once all that was in them has arrived

RENAMED = ["rename"] * 4 + ["several", "late", "late", "unreadable", "forbid"]
COPIED = ["copy"] * 3 + ["refill"] * 2 + ["gap", "interrupted"]


class File:
    """One generation of a log, under whatever name."""

    def __init__(self, path):
        self.path = path
        self.lines = []
        self.is_packed = False
        self.is_copied = False  # the truncated original is written on: this one is finished


class Log:
    """`names`: how rotated files are called (see next_name); `away`: the folder below this one into which they go;
    `nocreate`: the path stands empty for a while after a rotation."""
    kinds = RENAMED + COPIED + ["truncate", "recreate", "deleted"]

    def __init__(self, folder, name, lines, random, *, names="shift", away="", header=False, appends=True, nocreate=False,
                 glob=None, kinds=None):
        self.folder, self.name, self.lines, self.random = folder, name, lines, random
        (folder / away).mkdir(exist_ok=True, parents=True)
        self.path = str(folder / name)
        self.stem = str(folder / away / name)
        self.glob = str(folder / (glob or name))
        self.away = away
        self.names, self.header, self.appends, self.nocreate = names, header, appends, nocreate
        self.kinds = kinds or self.kinds
        self.rotated = []  # newest first
        self.stamp = 0
        self.generation = 0
        self.rest = b""  # of an unterminated line
        self.descriptor = None
        self.late = None  # (descriptor, file) of a rotated file that is still written to
        self.rotations = 0
        self.locked = []  # files that nobody else may read
        self.create()

    @property
    def source(self):
        """Of the configuration."""
        rotated = {"rotated": [str(self.folder / self.away / "*")]} if self.away else {}
        return {"file": {"paths": [self.glob], "format": "nginx.error", "timezone": "UTC", **rotated}}

    # Writing

    def as_written(self, line):
        """The bytes of the line in the file."""
        return line.text + b"\n"

    def create(self, mode=0o644):
        flags = os.O_CREAT | os.O_WRONLY | (os.O_APPEND if self.appends else 0)
        previous = os.umask(0)
        self.descriptor = os.open(self.path, flags, mode)
        os.umask(previous)
        self.file = File(self.path)
        self.generation += 1
        if self.header:
            os.write(self.descriptor, HEADER)

    def be_there(self):
        if self.descriptor is None:
            self.create()

    def close(self):
        if self.descriptor is not None:
            os.close(self.descriptor)
        self.descriptor = None

    @staticmethod
    def put(descriptor, text):
        while text:
            text = text[os.write(descriptor, text):]

    @staticmethod
    def position(descriptor, appends):
        return os.fstat(descriptor).st_size if appends else os.lseek(descriptor, 0, os.SEEK_CUR)

    def new_line(self, file, descriptor):
        line = self.lines.new(f"{self.folder.name}/{self.name}, file {self.generation}")
        line.offset = self.position(descriptor, self.appends)
        file.lines.append(line)
        return line

    def write(self, count):
        self.end_line()
        self.be_there()
        first = self.lines.next_number
        text = b""
        start = self.position(self.descriptor, self.appends)
        for _ in range(count):
            line = self.new_line(self.file, self.descriptor)
            line.offset = start + len(text)
            text += self.as_written(line)
            if len(text) > 200_000 or self.random.random() < 0.3:
                self.put(self.descriptor, text)
                start, text = start + len(text), b""
        self.put(self.descriptor, text)
        return f"write {first}..{self.lines.next_number - 1}"

    def begin_line(self):
        self.end_line()
        self.be_there()
        line = self.new_line(self.file, self.descriptor)
        written = self.as_written(line)
        cut = self.random.randrange(1, len(written))
        self.put(self.descriptor, written[:cut])
        self.rest = written[cut:]
        return f"begin {line.number}, {cut} of {len(written)} bytes"

    def end_line(self):
        if self.rest:
            self.put(self.descriptor, self.rest)
        self.rest = b""
        return "end the line"

    def write_late(self):
        """A program that was not told of the rotation."""
        if self.late is None:
            return None
        descriptor, file = self.late
        if self.rest_late:
            self.put(descriptor, self.rest_late)
            self.rest_late = b""
        line = self.new_line(file, descriptor)
        self.put(descriptor, self.as_written(line))
        return f"write {line.number} late"

    def forget_late(self):
        if self.late is not None:
            if self.rest_late:
                self.put(self.late[0], self.rest_late)
            os.close(self.late[0])
        self.late, self.rest_late = None, b""

    rest_late = b""

    # Rotation

    def next_name(self):
        self.stamp += 1
        if self.names == "shift":  # logrotate: the newest is .1
            for at in reversed(range(len(self.rotated))):
                self.give_name(self.rotated[at], at + 2)
            return f"{self.stem}.1"
        if self.names == "ascending":  # the oldest is .1
            return f"{self.stem}.{self.stamp}"
        if self.names == "seconds":  # dateformat -%Y%m%d-%s
            return f"{self.stem}-20261121-{1795200000 + self.stamp}"
        if self.names == "tai64n":  # svlogd and multilog
            return f"{os.path.dirname(self.stem)}/@{(1 << 62) + 1795200000 + self.stamp // 3:016x}{self.stamp:08x}.s"
        return f"{self.stem}-20261121-{self.stamp // 3600:02}{self.stamp // 60 % 60:02}{self.stamp % 60:02}"

    def give_name(self, file, number):
        ending = os.path.splitext(file.path)[1] if file.is_packed else ""
        path = f"{self.stem}.{number}{ending}"
        os.rename(file.path, path)
        file.path = path

    def move_away(self):
        path = self.next_name()
        os.rename(self.path, path)
        self.file.path = path
        self.rotated.insert(0, self.file)
        self.rotations += 1

    def rotate(self, mode=0o644, keep_writer=False):
        """Rename and create. With `keep_writer` a program goes on writing into the renamed file for a while, also the rest
        of a line that it has begun."""
        self.forget_late()
        if not keep_writer:
            self.end_line()
        self.be_there()
        self.move_away()
        old, old_file = self.descriptor, self.file
        if keep_writer:
            self.late, self.rest_late, self.rest = (old, old_file), self.rest, b""
        else:
            os.close(old)
        self.descriptor, self.file = None, File(self.path)
        done = f"rotate to {os.path.basename(old_file.path)}" + (", still written to" if keep_writer else "")
        if self.nocreate and self.leaves_path_empty():
            return done + ", the path stands empty"
        self.create(mode)
        return done

    leaves_empty = None  # by chance

    def leaves_path_empty(self):
        return self.random.random() < 0.6 if self.leaves_empty is None else self.leaves_empty

    def rotate_unreadable(self):
        done = self.rotate(mode=0)
        self.be_there()
        return done + ", the new file" + self.forbid()

    def forbid(self):
        self.be_there()
        os.fchmod(self.descriptor, 0)
        self.locked.append(self.file)
        return " may not be read"

    def unlock(self):
        for file in self.locked:
            os.chmod(file.path, 0o644)
        self.locked = []
        return "may be read again"

    def copy(self, truncate_to_more, gap=0, between=lambda: "", halfway=None):
        """copytruncate; `gap` lines are written between the copy and the truncation, and nobody can read them. `between`
        happens before the truncation, `halfway` through the copy or after it, else by chance."""
        self.forget_late()
        self.end_line()
        path = self.next_name()
        old = File(path)
        old.lines, self.file.lines = self.file.lines, []
        chunk_size = self.random.choice((100, 4096, 1 << 20))
        half = os.path.getsize(self.path) // 2
        when = self.random.choice((0, half, None)) if halfway is None else half if halfway else None
        between_done = None
        with open(self.path, "rb") as source, open(path, "wb") as target:
            os.fchmod(target.fileno(), 0o644)
            while chunk := source.read(chunk_size if halfway is None else 1000):
                if between_done is None and when is not None and target.tell() >= when:
                    between_done = between()
                target.write(chunk)
                target.flush()
        if between_done is None:
            between_done = between()
        for _ in range(gap):
            line = self.new_line(self.file, self.descriptor)
            line.may_be_lost = True
            self.put(self.descriptor, self.as_written(line))
        if gap:
            time.sleep(self.random.random() * 0.2)
        self.file.lines = []
        self.rotated.insert(0, old)
        self.rotations += 1
        size = os.path.getsize(self.path)
        os.ftruncate(self.descriptor, 0)
        self.generation += 1
        done = f"copy to {os.path.basename(path)} and truncate {size} bytes, {gap} lines in between{between_done}"
        if truncate_to_more and size < 50_000:
            while self.position(self.descriptor, True) <= size:
                self.write(10)
            done += ", refill past that"
        return done

    def truncate(self, arrived):
        """Without a copy: what has not been read yet is lost."""
        self.forget_late()
        self.end_line()
        for line in self.file.lines:
            line.may_be_lost = not arrived([line.number])
        lost = sum(line.may_be_lost for line in self.file.lines)
        self.file.lines = []
        os.ftruncate(self.descriptor, 0)
        self.generation += 1
        self.rotations += 1
        return f"truncate, {lost} lines may be lost"

    def delete_and_recreate(self):
        """REQUIRES: everything has arrived. With nobody else holding it, the next file gets its inode."""
        self.forget_late()
        self.end_line()
        self.close()
        os.remove(self.path)
        self.rotations += 1
        self.create()
        return f"delete and recreate, inode {os.fstat(self.descriptor).st_ino}"

    def delete_while_open(self):
        """REQUIRES: the daemon has the file open and stays alive until what follows has arrived. Returns the open file's
        writer, for lines that only the daemon will ever see."""
        self.forget_late()
        self.end_line()
        os.remove(self.path)
        lines = []
        for _ in range(self.random.randrange(1, 6)):
            line = self.new_line(self.file, self.descriptor)
            self.put(self.descriptor, self.as_written(line))
            lines.append(line.number)
        return lines

    def create_after_deletion(self):
        self.close()
        self.rotations += 1
        self.create()

    def pack(self, arrived):
        """Compresses a finished rotated file, as logrotate does with and without delaycompress."""
        at = self.random.choice((0, 0, 1, 1, 1, 2))
        if at >= len(self.rotated):
            return None
        file = self.rotated[at]
        if file.is_packed or file in self.locked or (self.late and self.late[1] is file):
            return None
        if not self.may_pack(file, arrived):
            return None
        plain = file.path
        if self.random.random() < 0.5:
            with open(plain, "rb") as source, open(plain + ".gz", "wb") as raw, gzip.GzipFile(
                    os.path.basename(plain), "wb", 6, raw, os.stat(plain).st_mtime) as target:
                target.write(source.read())
            ending = ".gz"
        else:
            subprocess.run(["zstd", "-q", plain, "-o", plain + ".zst"], check=True)
            ending = ".zst"
        status = os.stat(plain)
        os.utime(plain + ending, ns=(status.st_atime_ns, status.st_mtime_ns))
        os.chmod(plain + ending, 0o644)
        os.remove(plain)
        file.path, file.is_packed = plain + ending, True
        return f"compress {os.path.basename(file.path)}"

    @staticmethod
    def may_pack(file, arrived):
        return True

    def drop_oldest(self, arrived):
        """Retention: the oldest files go, once everything in them is known to have been read."""
        while len(self.rotated) > KEPT:
            oldest = self.rotated[-1]
            if oldest in self.locked:
                return
            if not arrived([line.number for line in oldest.lines if not line.may_be_lost]):
                return
            os.remove(oldest.path)
            self.rotated.pop()


class LinkedLog(Log):
    """As in /var/log/containers: the name is a link, and rotation lets it point at the next file."""
    kinds = RENAMED

    def __init__(self, folder, name, lines, random, **options):
        self.pod = folder / "pod"
        folder.mkdir(exist_ok=True)
        self.pod.mkdir(exist_ok=True)
        self.targets = 0
        super().__init__(folder, name, lines, random, **options)

    def create(self, mode=0o644):
        self.targets += 1
        target = self.pod / f"{self.targets}.log"
        link = self.path
        self.path = str(target)
        super().create(mode)
        self.path = link
        self.file.path = str(target)
        fresh = link + ".tmp"
        os.symlink(target, fresh)
        os.replace(fresh, link)

    def move_away(self):
        self.rotated.insert(0, self.file)
        self.rotations += 1


class StrftimeLog(Log):
    """cronolog, Apache's rotatelogs, a program with %Y%m%d in its file's name: a file has its last name from the beginning.
    With `folders` it is the folder that carries the date."""
    kinds = ["rename"] * 3 + ["several", "late", "unreadable"]

    def __init__(self, folder, name, lines, random, *, folders=False, **options):
        self.folders = folders
        super().__init__(folder, name, lines, random, **options)

    def create(self, mode=0o644):
        self.stamp += 1
        date = f"20261121-{self.stamp // 3600:02}{self.stamp // 60 % 60:02}{self.stamp % 60:02}"
        self.path = str(self.folder / (f"{date}/{self.name}" if self.folders else f"error-{date}.log"))
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        super().create(mode)

    def move_away(self):
        self.rotated.insert(0, self.file)
        self.rotations += 1

    @staticmethod
    def may_pack(file, arrived):
        """A compressed file is not what the glob says: nobody could know that one which was never seen has lines for us."""
        return any(arrived([line.number]) for line in file.lines)
