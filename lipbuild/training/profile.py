"""Where the time of a training goes: by phase, and by operation in some profiled steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipbuild.training.listeners.listener import Listener, Plan

# The first steps compile and fill caches.
_SKIPPED = 5
_PROFILED = 20
# Operations that hold others, whose time would be counted twice.
_HOLDERS = (
    "While",
    "If",
    "Case",
    "PartitionedCall",
    "StatefulPartitionedCall",
    "StatelessIf",
    "StatelessWhile",
)


@dataclass(frozen=True)
class Profile:
    """Where the time went.

    Attributes:
        folder: TensorFlow's profile, for TensorBoard.
        steps: The number of steps in it.
        operations: The seconds of each kind of operation in it, on all threads, the greatest first; on a GPU those
            of its kernels.
        phases: The seconds of each phase of the whole training.
    """

    folder: Path
    steps: int
    operations: Mapping[str, float]
    phases: Mapping[str, float]


class Profiler(Listener):
    """Lets TensorFlow profile some steps after the first few. Whatever lies between them is profiled too."""

    def __init__(self) -> None:
        self._seen = 0
        self._running = False
        self._steps = 0

    def start(self, plan: Plan) -> None:
        """Remember where it goes."""
        self._folder = plan.run.profile
        self._phases = plan.phases
        steps = (plan.epochs - plan.first_epoch) * plan.steps
        # Of a training of a few steps at least the last one is profiled.
        self._skipped = min(_SKIPPED, max(steps - 1, 0))

    def step(self, epoch: int, step: int) -> None:
        """Start and stop in time."""
        import tensorflow as tf

        if self._running:
            self._steps += 1
            if self._steps == _PROFILED:
                self.end()
        elif self._steps == 0:
            self._seen += 1
            if self._seen == self._skipped:
                tf.profiler.experimental.start(str(self._folder))
                self._running = True

    def end(self, problem: str = "") -> None:
        """Stop, if it runs still."""
        import tensorflow as tf

        if self._running:
            tf.profiler.experimental.stop()
            self._running = False

    def profile(self) -> Profile:
        """What was found."""
        return Profile(self._folder, self._steps, _operations(self._folder), dict(self._phases.seconds))


def _operations(folder: Path) -> dict[str, float]:
    """The seconds of each kind of operation in the last profile of a folder."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    found = sorted(folder.rglob("*.xplane.pb"))
    if not found:
        return {}
    space = xplane_pb2.XSpace()
    space.ParseFromString(found[-1].read_bytes())
    devices = [plane for plane in space.planes if plane.name.startswith("/device:GPU")]
    picoseconds: Counter[str] = Counter()
    for plane in devices or [plane for plane in space.planes if plane.name == "/host:CPU"]:
        for line in plane.lines:
            for event in line.events:
                kind = _kind(plane.event_metadata[event.metadata_id].name, on_device=bool(devices))
                if kind:
                    picoseconds[kind] += event.duration_ps
    return {kind: value * 1e-12 for kind, value in picoseconds.most_common()}


def _kind(name: Any, *, on_device: bool) -> str:
    """The kind of operation that an event is, or nothing if it is none. TensorFlow names them `name:Kind`."""
    if on_device:
        return str(name)
    label, colon, kind = str(name).rpartition(":")
    if not colon or not label or not kind.isidentifier() or " " in label or "::" in str(name):
        return ""
    kind = kind.removeprefix("_Mkl").removeprefix("_")
    return "" if kind in _HOLDERS else kind
