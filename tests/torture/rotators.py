"""Logs that a program rotates which we did not write: logrotate and svlogd, run as their users run them."""
import fcntl
import gzip
import os
import pathlib
import re
import signal
import subprocess
import termios
import time

from logs import KEPT, File, Log

NUMBER = re.compile(rb" \[error\] 1851#1851: \*(\d+) connect")
DIRECTIVES = ["rotate 400", "missingok"]


def open_text(path):
    return gzip.open(path) if path.endswith(".gz") else open(path, "rb")


def first_number(path):
    """Of the first numbered line in a file: by that a generation is known, whatever its file is called."""
    with open_text(path) as file:
        found = NUMBER.search(file.read(2000))
    return int(found[1]) if found else None


class LogrotateLog(Log):
    """The writer goes on while logrotate works. What it then finds in no file at all (written between the copy and the
    truncation, or to a file that was being compressed) nobody else could have read for certain: that is the control."""

    def __init__(self, folder, name, lines, random, *, directives, force=True, away="", **options):
        self.mode = next((each for each in ("copytruncate", "copy") if each in directives), "rename")
        self.waits = "compress" in directives and "delaycompress" not in directives  # until the writer has reopened
        kinds = ["rename"] * 4 + ["several"]
        if self.mode == "rename" and os.geteuid() == 0:  # others could not compress what they may not read
            kinds += ["forbid"]
        if self.mode == "rename" and not self.waits:
            kinds += ["late"] * 2
        super().__init__(folder, name, lines, random, away=away, kinds=kinds, nocreate="nocreate" in directives, **options)
        base = f"{folder.parent / folder.name}"
        self.flag, self.state, self.configuration = f"{base}.reopen", f"{base}.state", f"{base}.conf"
        script = [f"touch {self.flag}"]
        if self.waits:
            script.append(f"for i in $(seq 50); do [ ! -e {self.flag} ] || sleep 0.02; done")
        directives = DIRECTIVES + list(directives) + ([f"olddir {folder / away}"] if away else [])
        text = "\n".join([f"{self.path} {{", *directives, "postrotate", *script, "endscript", "}", ""])
        pathlib.Path(self.configuration).write_text(text)
        os.chmod(self.configuration, 0o644)
        self.force = force
        self.keeps_writer, self.fresh, self.end = False, [], 0
        if not force:  # what is new to logrotate is noted now, and rotated when it has grown
            subprocess.run(["logrotate", "--state", self.state, self.configuration], check=True, stdin=subprocess.DEVNULL)

    def run_logrotate(self):
        force = ["--force"] if self.force else []
        tool = subprocess.Popen(["logrotate", "--state", self.state, *force, self.configuration], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        while tool.poll() is None:
            if self.random.random() < 0.2 and self.descriptor is not None:
                self.write_one()
            if os.path.exists(self.flag):
                self.on_signal()
                os.remove(self.flag)
            time.sleep(self.random.random() * 0.003)
        said = tool.stdout.read()
        if tool.returncode and "already exists, skipping rotation" not in said:
            raise RuntimeError(f"logrotate failed for {self.configuration}: {said}")
        if os.path.exists(self.flag):
            self.on_signal()
            os.remove(self.flag)

    def write_one(self):
        line = self.new_line(self.file, self.descriptor)
        self.put(self.descriptor, line.text + b"\n")
        end = os.lseek(self.descriptor, 0, os.SEEK_CUR)
        line.offset = end - len(line.text) - 1
        if line.offset < self.end:
            self.file.lines.pop()
            self.begin_after_truncation([line])
        self.end = end

    def begin_after_truncation(self, lines):
        old = File(None)
        old.lines, self.file.lines = self.file.lines, lines
        self.keep(old)
        self.generation += 1
        self.end = 0

    def keep(self, file):
        self.rotations += 1
        if file.lines:  # an empty one is of no interest
            self.rotated.insert(0, file)
            self.fresh.append(file)
        elif file in self.locked:
            self.locked.remove(file)

    def on_signal(self):
        """What nginx does at SIGUSR1, when it gets to it."""
        if self.mode != "rename" or not self.is_moved():
            return
        if self.keeps_writer:
            self.forget_late()
            self.late = (self.descriptor, self.file)
        else:
            os.close(self.descriptor)
        self.keep(self.file)
        self.descriptor, self.file = None, File(self.path)
        if not self.nocreate or not self.leaves_path_empty():
            self.create()

    def is_moved(self):
        if self.descriptor is None:
            return False
        try:
            return os.stat(self.path).st_ino != os.fstat(self.descriptor).st_ino
        except FileNotFoundError:
            return True

    def rotate(self, keep_writer=False):
        self.forget_late()
        self.end_line()
        self.be_there()
        self.keeps_writer, self.fresh = keep_writer, []
        self.end = os.fstat(self.descriptor).st_size
        self.run_logrotate()
        if self.mode == "copytruncate" and os.fstat(self.descriptor).st_size < self.end:
            self.begin_after_truncation([])
        if self.mode == "copy":
            self.rotations += 1
        self.find_files()
        lost = sum(self.control(file) for file in self.fresh)
        self.rotated = [file for file in self.rotated if file.path]
        names = [os.path.basename(file.path or "nowhere") for file in self.fresh]
        return (f"logrotate, {self.mode}: {', '.join(names) or 'nothing to keep'}" + (", still written to" if self.late else "")
                + (f", {lost} lines in no file" if lost else "") + ("" if self.descriptor else ", the path stands empty"))

    def find_files(self):
        """Where every generation is now."""
        of_number = {file.lines[0].number: file for file in self.rotated if file.lines}
        self.others = []  # copies of what still stands at the path, and files without a line
        for entry in os.scandir(os.path.dirname(self.stem)):
            if entry.path == self.path or not entry.is_file() or not entry.name.startswith(self.name.split(".")[0]):
                continue
            file = of_number.get(first_number(entry.path))
            if file:
                file.path, file.is_packed = entry.path, entry.name.endswith(".gz")
            else:
                self.others.append(entry.path)

    def control(self, file):
        """Which of a finished generation's lines are in no file."""
        text = b""
        if file.path:
            with open_text(file.path) as source:
                text = source.read()
        elif file.lines and self.mode == "rename":
            raise RuntimeError(f"{self.path}: nothing is left of {file.lines[0]}")
        lost = 0
        for line in file.lines:
            if text[line.offset:line.offset + len(line.text) + 1] != line.text + b"\n":
                lost += 1
                line.may_be_lost = True
                line.is_cut = text[line.offset:line.offset + 1] != b""
        return lost

    def pack(self, arrived):
        return None

    def drop_oldest(self, arrived):
        super().drop_oldest(arrived)
        if len(self.rotated) > KEPT or self.mode == "copy":
            self.find_files()
            for path in sorted(self.others, key=os.path.getmtime)[:-KEPT]:
                os.remove(path)


class SvlogdLog(Log):
    """svlogd writes what it is given through a pipe into `current`, and calls that @TAI64N.s now and then."""
    kinds = ["rename"] * 4 + ["several"]

    def __init__(self, folder, name, lines, random, **options):
        folder.mkdir(exist_ok=True)
        (folder / "config").write_text("s30000\nn0\n")
        self.reader, self.pipe = os.pipe()
        self.scanned = set()
        self.svlogd = None
        super().__init__(folder, "current", lines, random, **options)

    def create(self, mode=0o644):
        self.descriptor = self.pipe
        self.file = File(self.path)
        self.svlogd = subprocess.Popen(["svlogd", "-l", "4000", "-b", "16384", str(self.folder)], stdin=self.reader,
                                       stderr=subprocess.DEVNULL)
        while not self.is_ready():
            time.sleep(0.001)

    def is_ready(self):
        """It catches SIGALRM, which would end it before, and has opened `current`, which stands executable without it."""
        status = pathlib.Path(f"/proc/{self.svlogd.pid}/status").read_text()
        catches = int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16) >> (signal.SIGALRM - 1) & 1
        try:
            return catches and not os.stat(self.path).st_mode & 0o100
        except FileNotFoundError:
            return False

    def close(self):
        if self.svlogd is None:
            return
        self.flush()
        self.stop(signal.SIGKILL)
        self.find_files()
        placed = self.scan(self.path)
        if len(placed) < len(self.file.lines):
            raise RuntimeError(f"svlogd has lost lines of {self.path}: {self.file.lines}")
        os.close(self.pipe)
        os.close(self.reader)
        self.svlogd = None

    def new_line(self, file, descriptor):
        line = self.lines.new(f"{self.folder.name}/{self.name}", longest=4000)  # longer ones it cuts in two at a rotation
        file.lines.append(line)
        return line

    @staticmethod
    def position(descriptor, appends):
        return 0

    def flush(self):
        """Until all that was written is in a file."""
        self.end_line()
        last = self.file.lines[-1].text + b"\n" if self.file.lines else b""
        while True:
            nothing = not int.from_bytes(fcntl.ioctl(self.reader, termios.FIONREAD, b"\0" * 4), "little")
            if nothing and os.path.exists(self.path) and (
                    not last or any(self.tail(path, len(last)) == last for path in (self.path, *self.new_files()))):
                break
            time.sleep(0.001)

    @staticmethod
    def tail(path, size):
        """Of a file that svlogd has just renamed: nothing; it is asked for again."""
        try:
            with open(path, "rb") as file:
                file.seek(max(os.fstat(file.fileno()).st_size - size, 0))
                return file.read()
        except FileNotFoundError:
            return b""

    def new_files(self):
        return sorted(str(path) for path in self.folder.glob("@*") if path.name not in self.scanned)

    def scan(self, path):
        """Where its lines stand; which there are."""
        with open(path, "rb") as source:
            text = source.read()
        offset, of_number = 0, {line.number: line for line in self.file.lines}
        lines = []
        for each in text.split(b"\n")[:-1]:
            lines.append(of_number[int(NUMBER.search(each)[1])])
            lines[-1].offset = offset
            offset += len(each) + 1
        return lines

    def find_files(self):
        for path in self.new_files():
            file = File(path)
            file.lines = self.scan(path)
            there = {line.number for line in file.lines}
            self.file.lines = [line for line in self.file.lines if line.number not in there]
            self.scanned.add(os.path.basename(path))
            self.rotated.insert(0, file)
            self.rotations += 1

    def is_empty(self):
        try:
            return os.path.getsize(self.path) == 0
        except FileNotFoundError:
            return False

    def stop(self, number):
        while self.svlogd.poll() is None:
            self.svlogd.send_signal(number)
            time.sleep(0.005)

    def rotate(self):
        self.flush()
        before = self.rotations
        kind = self.random.choice(("SIGALRM", "SIGALRM", "SIGALRM", "SIGKILL", "SIGTERM"))
        if kind == "SIGALRM":
            while not self.is_empty():
                self.svlogd.send_signal(signal.SIGALRM)
                time.sleep(0.005)
        else:
            self.stop(signal.Signals[kind])
            lines = self.file.lines
            self.create()
            self.file.lines = lines
            if kind == "SIGKILL":
                while not self.is_empty():
                    time.sleep(0.001)
        self.find_files()
        return f"{kind} to svlogd: {[os.path.basename(file.path) for file in self.rotated[:self.rotations - before]]}"

    def pack(self, arrived):
        return None
