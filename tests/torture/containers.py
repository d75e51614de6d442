"""Logs of containers: what containerd and docker put around a line, and how kubelet and docker rotate."""
import datetime
import gzip
import json
import os

from logs import Log

LONGEST_PART = 16 * 1024  # of a line, for containerd and docker alike


def stamp():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


class ContainerLog(Log):
    kinds = ["rename"] * 4 + ["several", "late", "late"]

    @property
    def source(self):
        return {"containers": {"paths": [self.glob], "timezone": "UTC"}}

    def as_written(self, line):
        starts = range(0, len(line.text), LONGEST_PART)
        return b"".join(self.as_part(line.text[at:at + LONGEST_PART], at == starts[-1]) for at in starts)


class KubeletLog(ContainerLog):
    """The log of a pod, and the link to it below containers/. kubelet renames it, the runtime opens a new one when it is asked
    to, and what was rotated before is compressed."""

    def __init__(self, folder, name, lines, random, **options):
        pod = "pods/shop_web-1_0a1b2c3d-0000-4000-8000-000000000001/nginx"
        (folder / pod).mkdir(parents=True)
        (folder / "containers").mkdir()
        link = folder / "containers" / f"web-1_shop_nginx-{random.randbytes(32).hex()}.log"
        link.symlink_to(folder / pod / "0.log")
        super().__init__(folder, f"{pod}/0.log", lines, random, glob="containers/*.log", **options)

    def as_part(self, part, is_last):
        return f"{stamp()} stderr {'F' if is_last else 'P'} ".encode() + part + b"\n"

    def next_name(self):
        self.stamp += 1
        return f"{self.stem}.20261121-{self.stamp // 3600:02}{self.stamp // 60 % 60:02}{self.stamp % 60:02}"

    def pack(self, arrived):
        """All but the newest."""
        plain = [file for file in self.rotated[1:] if not file.is_packed]
        if not plain:
            return None
        for file in plain:
            with open(file.path, "rb") as source, gzip.open(file.path + ".tmp", "wb") as target:
                target.write(source.read())
            os.chmod(file.path + ".tmp", 0o644)
            os.rename(file.path + ".tmp", file.path + ".gz")
            os.remove(file.path)
            file.path, file.is_packed = file.path + ".gz", True
        return f"compress {', '.join(os.path.basename(file.path) for file in plain)}"


class DockerLog(ContainerLog):
    """The driver json-file, with max-file and without compress."""

    def __init__(self, folder, name, lines, random, **options):
        number = random.randbytes(32).hex()
        (folder / number).mkdir(parents=True)
        super().__init__(folder, f"{number}/{number}-json.log", lines, random, glob="*/*-json.log", **options)

    def as_part(self, part, is_last):
        entry = {"log": part.decode("utf-8", "replace") + "\n" * is_last, "stream": "stderr", "time": stamp()}
        return json.dumps(entry, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"

    def pack(self, arrived):
        return None
