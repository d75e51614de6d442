"""What a user without rights needs, in a folder that it may enter: a clone may stand below one that only its owner may."""
import atexit
import functools
import os
import pathlib
import shutil
import tempfile

NOBODY = 65534


@functools.lru_cache
def folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="triaged-published-"))
    path.chmod(0o755)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@functools.lru_cache
def published(path):
    """A copy of a program or a folder that everybody may read. As somebody else than root there is no other user to run it
    as, and it is `path` itself."""
    path = pathlib.Path(path)
    if os.geteuid() != 0:
        return path
    copy = folder() / str(path.resolve()).strip("/").replace("/", "-")
    if path.is_dir():
        shutil.copytree(path, copy)
    else:
        shutil.copy(path, copy)
    for each in (copy, *copy.rglob("*")):
        each.chmod(0o755 if each.is_dir() or os.access(path, os.X_OK) and each == copy else 0o644)
    return copy
