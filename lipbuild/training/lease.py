"""Who a run folder belongs to while a training writes there.

The owner has a file `lease.json` in the folder and renews it. Nothing is locked, since locks are not to be relied on
over networks: a lease is made by a creation that fails where there is one, and taken over by a rename. Process numbers
mean little beside other containers, and clocks differ: a random token tells owners apart, and how old a lease is by
the file system's own clock tells whether its owner lives.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import uuid4

from lipbuild.errors import HeldError, UnusableError
from lipbuild.reading.file import open_file
from lipbuild.training.partial import is_partial, partial_path
from lipbuild.training.run_folder import RunFolder

# How often an owner gives a sign of life, and how many may be missing before it is presumed dead.
BEAT_SECONDS = 10.0
MISSED_BEATS = 3
_BEAT_VARIABLE = "LIPBUILD_BEAT_SECONDS"
# Whatever a lease says that is longer was not written by this program.
_LONGEST_BEAT = 3600.0
# After a rename over an expired lease: whoever did the same at that moment has done it by then, and the last one owns.
_SETTLED_SECONDS = 0.5

_held: dict[Path, Lease] = {}


@dataclass(frozen=True)
class _Process:
    """What tells a process from all others, where the system says it.

    Attributes:
        host: The name of its machine.
        boot: Which start of the machine it belongs to.
        namespace: In which namespace its number counts: containers have their own.
        number: Its number.
        born: When it was started, in ticks of the kernel.
    """

    host: str
    boot: str | None
    namespace: str | None
    number: int
    born: str | None

    @staticmethod
    def own() -> _Process:
        boot = namespace = None
        with contextlib.suppress(OSError):
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
            namespace = str(Path("/proc/self/ns/pid").readlink())
        return _Process(socket.gethostname(), boot, namespace, os.getpid(), _born(os.getpid()))

    def is_dead(self) -> bool:
        """Whether it is known to have ended: only of a process that this one could see."""
        here = _Process.own()
        if None in (here.namespace, self.born):
            return False
        if (self.host, self.boot, self.namespace) != (here.host, here.boot, here.namespace):
            return False
        try:
            os.kill(self.number, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        born = _born(self.number)
        return born is not None and born != self.born


def _born(number: int) -> str | None:
    """When the kernel started a process; `ended` where it only waits for its parent to take note; None if unknown."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *others = fields.rpartition(")")[2].split()
    return "ended" if state in "ZX" else others[18]


@dataclass(frozen=True)
class _Seen:
    """A lease as it was read.

    Attributes:
        data: What the file holds, which every sign of life changes.
        modified: When it was written last, by the clock of the file system.
    """

    data: bytes
    modified: float

    @property
    def record(self) -> dict[str, Any]:
        """What it says; nothing where it has just been made, or is damaged."""
        try:
            found = json.loads(self.data)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def token(self) -> str:
        """The owner's token."""
        return str(self.record.get("token", ""))

    @property
    def expires_after(self) -> float:
        """How many seconds after its last sign of life the owner is presumed dead."""
        seconds = self.record.get("beat_seconds")
        if not isinstance(seconds, (int, float)) or not 0 < seconds < _LONGEST_BEAT:
            seconds = BEAT_SECONDS
        return MISSED_BEATS * float(seconds)

    def is_dead(self) -> bool:
        """Whether the owner's process is known to have ended."""
        try:
            return _Process(**self.record["owner"]).is_dead()
        except (KeyError, TypeError, OverflowError):
            return False

    def owner(self) -> str:
        """The owner in words."""
        record = self.record
        process = record.get("owner")
        if not isinstance(process, dict):
            return "one that has just started"
        return f"process {process.get('number')} on {process.get('host')}, since {record.get('since')}"


def _read(path: Path) -> _Seen | None:
    try:
        # Over a network it is opening a file that asks the server for its present state.
        with open_file(path) as file:
            return _Seen(file.read(10_000), os.fstat(file.fileno()).st_mtime)
    except FileNotFoundError:
        return None


class Lease:
    """The ownership of a run folder, which a thread renews until it is given back.

    Args:
        run: The folder.
        token: What tells this owner from all others.
        made: The folders that were made for it, innermost first.
    """

    def __init__(self, run: RunFolder, token: str, made: list[Path]) -> None:
        self.token = token
        self._run = run
        self._made = made
        self._key = Path(os.path.abspath(run.path))  # noqa: PTH100
        self._since = _now()
        self._owner = vars(_Process.own())
        self._beat_seconds = _beat_seconds()
        self._file: int | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def write(self, path: Path) -> None:
        """Make the file of the lease.

        Args:
            path: Where; there must be none.

        Raises:
            OSError: There is one, or it cannot be made.
        """
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            self._beat()
        except OSError:
            path.unlink(missing_ok=True)
            raise

    def start(self) -> None:
        """Begin to renew it."""
        _held[self._key] = self
        self._thread.start()

    def _renew(self) -> None:
        while not self._ended.wait(self._beat_seconds):
            # A server that is away may come back.
            with contextlib.suppress(OSError):
                self._beat()

    def _beat(self) -> None:
        """Write the time into the file that was made, and never into another's: under its name may be a later one."""
        record = {
            "token": self.token,
            "owner": self._owner,
            "since": self._since,
            "beat": _now(),
            "beat_seconds": self._beat_seconds,
        }
        assert self._file is not None
        os.pwrite(self._file, json.dumps(record, indent=2).encode() + b"\n", 0)
        os.fsync(self._file)

    def check(self) -> None:
        """Let a file be written if the folder still belongs to this process.

        Raises:
            HeldError: It does not.
            OSError: The lease cannot be read.
        """
        seen = _read(self._run.lease)
        if seen is not None and seen.token == self.token:
            return
        now = f"belongs to another training now: {seen.owner()}" if seen is not None else "has lost its lease"
        raise HeldError(
            f"{self._run.path}: it {now}; this one was presumed dead, and has written nothing since",
            "repeat the command after the other one has ended",
        )

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        _held.pop(self._key, None)
        self.give_up()

    def give_up(self) -> None:
        """Remove the lease, if it is still this owner's."""
        with contextlib.suppress(OSError):
            seen = _read(self._run.lease)
            if seen is not None and seen.token == self.token:
                self._run.lease.unlink()
        if self._file is not None:
            os.close(self._file)
            self._file = None
        with contextlib.suppress(OSError):
            # Of a training that came to nothing, nothing stays.
            for folder in self._made:
                folder.rmdir()


def lease_over(path: Path) -> Lease | None:
    """The lease that this process holds on the run folder in which a file is to be written, if it is in one."""
    if not _held:
        return None
    absolute = Path(os.path.abspath(path))  # noqa: PTH100
    return next((_held[folder] for folder in absolute.parents if folder in _held), None)


def give_up_leases() -> None:
    """Give back every run folder that belongs to this process, which is about to end."""
    for lease in list(_held.values()):
        lease.give_up()


def refuse_held(run: RunFolder) -> None:
    """Refuse a run folder that belongs to another training. Nothing is taken, and nothing waited for.

    Raises:
        HeldError: It does.
    """
    with contextlib.suppress(OSError):
        seen = _read(run.lease)
        if seen is not None and not seen.is_dead() and _age(run, seen) <= seen.expires_after:
            raise _held_by_another(run, seen)


def take(run: RunFolder) -> Lease:
    """Make a run folder this process's own, and remove what a killed owner left half written.

    An owner that is known to have ended is followed at once. One that gives no sign of life is followed when its lease
    has expired and it is silent for another beat.

    Args:
        run: The folder, which is made where there is none.

    Returns:
        The lease, renewed until it is left as a context.

    Raises:
        HeldError: It belongs to another training.
        UnusableError: It cannot be written.
    """
    try:
        made = [folder for folder in (run.path, *run.path.parents) if not folder.exists()]
        run.path.mkdir(parents=True, exist_ok=True)
        lease = Lease(run, uuid4().hex, made)
        try:
            before = _acquire(run, lease)
        except BaseException:
            lease.give_up()
            raise
        lease.start()
        _clean(run, before)
        return lease
    except OSError as error:
        place = error.filename or run.path
        raise UnusableError(f"{place}: it cannot be written: {error.strerror or error}") from None


def _acquire(run: RunFolder, lease: Lease) -> str:
    """Make the lease's file, and return the token of the dead owner that it takes over from, if any."""
    while True:
        with contextlib.suppress(FileExistsError):
            lease.write(run.lease)
            return ""
        seen = _read(run.lease)
        if seen is None:
            continue
        if not _is_free(run, seen):
            raise _held_by_another(run, seen)
        temporary = partial_path(run.lease, lease.token)
        lease.write(temporary)
        if _read(run.lease) != seen:
            temporary.unlink()
            raise _held_by_another(run, _read(run.lease) or seen)
        temporary.replace(run.lease)
        time.sleep(_SETTLED_SECONDS)
        found = _read(run.lease)
        if found is None or found.token != lease.token:
            raise _held_by_another(run, found or seen)
        return seen.token


def _is_free(run: RunFolder, seen: _Seen) -> bool:
    """Whether the owner of a lease is dead, or must be presumed to be."""
    if seen.is_dead():
        return True
    if _age(run, seen) <= seen.expires_after:
        return False
    # It may have slept, and its machine with it.
    time.sleep(seen.expires_after / MISSED_BEATS)
    return _read(run.lease) == seen


def _age(run: RunFolder, seen: _Seen) -> float:
    """How long ago a lease was written, by the clock of the file system, which is the same for all machines."""
    probe = partial_path(run.lease)
    file = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        os.write(file, b"\n")
        os.fsync(file)
        return max(os.fstat(file).st_mtime - seen.modified, 0.0)
    finally:
        os.close(file)
        probe.unlink(missing_ok=True)


def _held_by_another(run: RunFolder, seen: _Seen) -> HeldError:
    last = ""
    with contextlib.suppress(OSError):
        last = f", its last sign of life {_age(run, seen):.0f} s ago"
    return HeldError(
        f"{run.path}: it belongs to another training, {seen.owner()}{last}",
        f"wait for its end, or end it; if it is dead, the same command takes over {seen.expires_after:.0f} s after "
        "its last sign of life",
    )


def _clean(run: RunFolder, token: str) -> None:
    """Remove half-written files of a killed writer: the previous owner, or one that has been idle for long."""
    now = run.lease.stat().st_mtime
    places = (run.path, run.state.parent)
    for path in (path for place in places for path in place.glob(".*") if is_partial(path)):
        with contextlib.suppress(OSError):
            left = token and token in path.name
            if left or now - path.stat().st_mtime > MISSED_BEATS * BEAT_SECONDS:
                path.unlink()


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _beat_seconds() -> float:
    """`BEAT_SECONDS`, unless the variable says otherwise."""
    try:
        seconds = float(os.environ.get(_BEAT_VARIABLE, ""))
    except ValueError:
        return BEAT_SECONDS
    return seconds if 0 < seconds < _LONGEST_BEAT else BEAT_SECONDS
