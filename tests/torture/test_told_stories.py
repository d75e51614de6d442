"""Stories that once went wrong, step by step: each is one rotation at the worst moment."""
import os
import signal

import pytest

from daemon import find_binary
from run import report
from story import Story


class ToldStory(Story):
    """One log, whose steps the test says. Afterwards every line must have arrived, once."""

    def __init__(self, folder, shape):
        super().__init__(1, folder, find_binary(), kills=0, rotations=0, names=[shape])
        self.log = self.logs[0]

    def step(self):
        raise AssertionError("only the test says what happens")

    def write(self, count):
        self.note(self.log.write(count), self.log)

    def write_and_wait(self, count):
        self.write(count)
        self.wait_for(self.numbers_of(self.log))

    def rotate_away(self, **how):
        self.note(self.log.rotate(**how), self.log)

    def kill(self):
        self.end(signal.SIGKILL)


@pytest.fixture
def tell(folder):
    """Runs the steps, which are a function of the story, and judges."""
    def run(shape, steps):
        story = ToldStory(folder, shape)
        begin = story.begin

        def begin_and_go_on():
            begin()
            steps(story)
        story.begin = begin_and_go_on
        found = story.run()
        assert not found, report(story, found)
        return story
    return run


@pytest.mark.parametrize("shape", ["nocreate", "logrotate-nocreate"])
def test_generations_of_a_path_that_stands_empty_at_the_start(tell, shape):
    def steps(story):
        story.write_and_wait(20)
        story.kill()
        story.rotate_away()
        story.write(20)  # a file that nobody has ever seen
        unseen = story.numbers_of(story.log)
        story.log.leaves_empty = True
        story.rotate_away()
        story.be_running()
        story.wait_for(unseen)
    tell(shape, steps)


@pytest.mark.parametrize("halfway", [False, True])
def test_start_between_the_copy_and_the_truncation(tell, halfway):
    def steps(story):
        story.write_and_wait(20)
        story.kill()
        story.log.copy(False)
        story.write(200)

        def start():
            story.be_running()
            story.wait_until_ready()
            return ""
        story.log.copy(False, between=start, halfway=halfway)
        story.write(5)
    tell("copies", steps)


AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="logrotate must read what triaged may not")


@pytest.mark.parametrize("rotations", [1, 2])
@pytest.mark.parametrize("shape", ["plain", pytest.param("logrotate-create", marks=AS_ROOT),
                                   pytest.param("logrotate-compress", marks=AS_ROOT)])
def test_file_that_may_be_read_again_only_after_its_rotation(tell, shape, rotations):
    def steps(story):
        story.write_and_wait(20)
        story.kill()
        story.log.forbid()
        story.write(20)
        story.be_running()
        story.wait_until_ready()
        for _ in range(rotations):
            story.rotate_away()
            story.write(5)
        story.log.unlock()
        story.write(20)
    tell(shape, steps)


# What these tools call a rotated file: svlogd and multilog, logrotate with dateext, Python's and others' ascending numbers.
@pytest.mark.parametrize("shape", ["current", "svlogd", "seconds", "logrotate-dateext-extension", "ascending", "plain", "olddir",
                                   "logrotate-olddir"])
def test_generation_that_came_and_went_while_the_daemon_was_down(tell, shape):
    def steps(story):
        for _ in range(3):
            story.write_and_wait(5)
            story.rotate_away()
        story.write_and_wait(20)
        story.kill()
        story.write(10)
        story.rotate_away()
        story.write(20)
        story.rotate_away()
        story.write(10)
    tell(shape, steps)


def test_ascending_numbers_while_the_writer_still_writes_to_the_renamed_file(tell):
    def steps(story):
        for _ in range(12):
            story.write(50)
            story.rotate_away(keep_writer=True)
            for _ in range(5):
                story.note(story.log.write_late(), story.log)
            story.wait_for(story.numbers_of(story.log))
    tell("ascending", steps)


def test_what_was_moved_to_where_nobody_searches_is_said(tell):
    def steps(story):
        story.write_and_wait(20)
        story.kill()
        story.write(20)
        for line in story.log.file.lines[-20:]:
            line.may_be_lost = True
        story.rotate_away()
        os.rename(f"{story.log.path}.1", story.folder / "elsewhere")
        story.log.rotated.clear()
    story = tell("plain", steps)
    assert any(story.log.path in line and "gone" in line for line in story.daemon.said().splitlines()), story.daemon.said()
