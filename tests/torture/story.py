"""One run: random writing, rotating, killing, reloading and failing, from a seed; then the comparison of what was written
with what arrived."""
import os
import random
import signal
import time

from daemon import Daemon, EndedByItself
from lines import Lines
from oracle import Difference, differences
from receiver import Receiver
import shapes

# Seconds in which nothing arrives; a machine may be busy with other things.
PATIENCE = float(os.environ.get("TORTURE_PATIENCE", 60))


class Stuck(Exception):
    pass


class Story:
    def __init__(self, seed, folder, binary, kills, rotations, names=(), tell=lambda story: None, is_slow=False):
        self.seed, self.folder, self.tell = seed, folder, tell
        self.wanted_kills, self.wanted_rotations = kills, rotations
        self.random = random.Random(seed)
        self.steps = []
        self.started = time.monotonic()
        self.kills = self.stops = self.reloads = self.failures = 0
        self.receiver = Receiver()
        self.lines = Lines(self.random)
        folder.chmod(0o755)
        self.logs = [shapes.make(name, folder, self.lines, self.random) for name in names or shapes.HAND_MADE]
        self.daemon = Daemon(binary, folder, self.receiver.port, [log.source for log in self.logs], is_slow)
        self.mood_until = 0.0

    @property
    def rotations(self):
        return sum(log.rotations for log in self.logs)

    def arrived(self, numbers):
        return not self.receiver.missing(numbers)

    def note(self, what, log=None):
        if what:
            where = f"{log.folder.name}: " if log else ""
            self.steps.append(f"{time.monotonic() - self.started:9.3f} {where}{what}")

    def run(self):
        """The differences found: none when all is well."""
        try:
            try:
                self.begin()
                while self.kills < self.wanted_kills or self.rotations < self.wanted_rotations:
                    self.step()
                self.finish()
            except Stuck as stuck:
                self.note(str(stuck))
            self.close_logs()
            return differences(self.lines.written, self.receiver.arrived, self.daemon.lost_bytes())
        except EndedByItself as ended:
            return [Difference("crash", 0, ended)]
        finally:
            if self.daemon.is_running and self.daemon.process.poll() is None:
                self.daemon.process.kill()
                self.daemon.process.wait()
            self.close_logs()
            self.receiver.set_mood("refusing")

    def close_logs(self):
        for log in self.logs:
            log.forget_late()
            log.close()

    def begin(self):
        """A file that was rotated before it was ever seen is nobody's business, so each is seen once."""
        for log in self.logs:
            self.note(log.write(2), log)
        self.daemon.start()
        self.wait_for(list(self.lines.written))

    def step(self):
        self.tell(self)
        self.daemon.check()
        self.mind_the_receiver()
        log = self.random.choice(self.logs)
        if log.locked and self.random.random() < 0.3:
            self.note(log.unlock(), log)
        do = self.random.random()
        if do < 0.45:
            count = self.random.choice((1, 1, 1, 2, 2, 3, 3, 8, 8, 30, 100))
            self.note(log.write(count), log)
        elif do < 0.50:
            self.note(log.begin_line(), log)
        elif do < 0.55:
            self.note(log.write_late(), log)
        elif do < 0.63:
            self.note(log.pack(self.arrived), log)
        elif do < 0.66:
            self.reload()
        elif self.random.random() < self.share_of_rotations():
            self.rotate(log)
            log.drop_oldest(self.arrived)
        else:
            self.end_or_start()
        if self.random.random() < 0.7:
            time.sleep(self.random.choice((0.001, 0.01, 0.03, 0.1, 0.2)) * self.random.random())

    def share_of_rotations(self):
        """So that there have been enough kills and enough rotations at about the same time. (A kill is two steps.)"""
        rotations = max(self.wanted_rotations - self.rotations, 1)
        return rotations / (rotations + 2 * max(self.wanted_kills - self.kills, 1))

    def rotate(self, log):
        kinds = ["rename"] if log.locked else log.kinds
        if len(log.locked) > 1:
            return
        kind = self.random.choice(kinds)
        log.be_there()
        if kind == "rename":
            self.note(log.rotate(), log)
        elif kind == "several":
            for _ in range(self.random.randrange(2, 5)):
                self.note(log.rotate(), log)
                if self.random.random() < 0.7:
                    self.note(log.write(self.random.randrange(1, 4)), log)
        elif kind == "late":
            if log.file.lines:
                self.note(log.rotate(keep_writer=True), log)
        elif kind == "unreadable":
            self.note(log.rotate_unreadable(), log)
        elif kind == "forbid":
            self.note("the file" + log.forbid(), log)
            if self.random.random() < 0.6:
                self.end_or_start()
        elif kind in ("copy", "refill"):
            self.note(log.copy(kind == "refill"), log)
        elif kind == "gap":
            self.note(log.copy(False, self.random.randrange(1, 4)), log)
        elif kind == "interrupted":
            self.note(log.copy(self.random.random() < 0.3, 0, self.start_between), log)
        elif kind == "truncate":
            self.note(log.truncate(self.arrived), log)
        elif kind == "recreate":
            self.recreate(log)
        elif kind == "deleted":
            self.delete_while_open(log)

    def start_between(self):
        """A daemon that begins, or ends, while something is half done."""
        self.end_or_start()
        if self.random.random() < 0.5:
            time.sleep(self.random.random() * 0.3)
        return ", triaged runs since then" if self.daemon.is_running else ", triaged is down since then"

    def numbers_of(self, log):
        log.end_line()
        return [line.number for line in log.file.lines if not line.may_be_lost]

    def recreate(self, log):
        self.be_running()
        self.receiver.set_mood("well")
        self.wait_for(self.numbers_of(log))
        self.end(signal.SIGKILL)
        self.note(log.delete_and_recreate(), log)

    def delete_while_open(self, log):
        """Nothing may come between, neither a kill nor a reload: nobody could find that file again."""
        self.be_running()
        self.receiver.set_mood("well")
        self.wait_until_ready()
        self.note(log.write(1), log)
        self.wait_for(self.numbers_of(log))
        numbers = log.delete_while_open()
        self.note(f"delete while open, then write {numbers}", log)
        self.wait_for(numbers)
        log.create_after_deletion()

    def be_running(self):
        if not self.daemon.is_running:
            self.daemon.mend()
            self.note("start")
            self.daemon.start()

    def wait_until_ready(self):
        while not self.daemon.is_ready():
            self.daemon.check()
            time.sleep(0.01)

    def end(self, number):
        self.note(signal.Signals(number).name)
        self.daemon.end(number)
        if number == signal.SIGKILL:
            self.kills += 1
        else:
            self.stops += 1

    def end_or_start(self):
        if not self.daemon.is_running:
            return self.be_running()
        self.end(signal.SIGTERM if self.random.random() < 0.1 else signal.SIGKILL)
        if self.random.random() < 0.6:
            self.be_running()

    def reload(self):
        if not self.daemon.is_running:
            return
        self.wait_until_ready()
        kind = self.random.choice(("same", "rules", "settings", "mistake"))
        self.note(f"reload, {kind}")
        self.daemon.mend()
        self.daemon.reload(kind)
        self.reloads += 1

    def mind_the_receiver(self):
        if self.receiver.mood != "well":
            if time.monotonic() > self.mood_until:
                self.note("the receiver is well")
                self.receiver.set_mood("well")
        elif self.random.random() < 0.01:
            mood = self.random.choice(("failing", "hanging", "closing", "refusing"))
            self.note(f"the receiver is {mood}")
            self.receiver.set_mood(mood)
            self.mood_until = time.monotonic() + self.random.random() * 0.7
            self.failures += 1

    def wait_for(self, numbers):
        deliveries, deadline = None, 0
        while True:
            still = self.receiver.missing(numbers)
            if not still:
                return
            if len(self.receiver.arrived) != deliveries:
                deliveries, deadline = len(self.receiver.arrived), time.monotonic() + PATIENCE
            if time.monotonic() > deadline:
                raise Stuck(f"waited in vain for {still[:10]}")
            self.daemon.check()
            time.sleep(0.01)

    def let_all_arrive(self):
        self.receiver.set_mood("well")
        for log in self.logs:
            log.end_line()
            log.forget_late()
            if log.locked:
                log.unlock()
        self.be_running()
        self.wait_for([line.number for line in self.lines.written.values() if not line.may_be_lost])

    def finish(self):
        """Lets everything end well, and looks once more whether anything comes twice."""
        self.note("the end")
        self.let_all_arrive()
        time.sleep(3)  # a rescan
        self.end(signal.SIGKILL)
        self.be_running()
        time.sleep(3)  # a rescan, and an update of what was counted twice
        self.daemon.end(signal.SIGTERM)
