"""Programs without a run: what the tests and the searches of `tests/benchmarks` write, compile and run."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.exporting.c_code.compilers import COMPILERS
from lipbuild.exporting.c_code.known_inputs import known_answers
from lipbuild.exporting.c_code.moves import Moves
from lipbuild.exporting.c_code.radius import Semantics
from lipbuild.exporting.c_code.source import Sources
from lipbuild.exporting.c_code.subject import Subject

COMPILER = next((name for name in COMPILERS if shutil.which(name)), "")
needs_compiler = pytest.mark.skipif(not COMPILER, reason="no C compiler is installed")


def sources_of(subject: Subject, name: str = "net", **more: Any) -> Sources:
    """A program with the least that it can say of itself."""
    metadata = {
        "tool": "lipbuild",
        "model": name,
        "input": {"shape": [], "units": "1", "preprocessing": [], "preprocessing_inside": True},
        "classes": [],
        "lipschitz": {"proved": subject.certified.lipschitz},
        "certificate": {"status": "none"},
        "radius": {"meaning": "the label", "size": 0.1},
        "arithmetic": {"name": subject.arithmetic.name, "assumes": "IEEE 754"},
        **more,
    }
    return Sources(name, subject, known_answers(subject, 1.0), metadata)


def written(subject: Subject, folder: Path, name: str = "net") -> Path:
    """Its two files; the code's path."""
    sources = sources_of(subject, name)
    (folder / f"{name}.h").write_text(sources.header())
    (folder / f"{name}.c").write_text(sources.source())
    return folder / f"{name}.c"


def saying(subject: Subject, semantics: Semantics, size: float, sizes: Sequence[float]) -> Subject:
    """The program that also says what holds while its first inputs are off by so much."""
    within = subject.certified.within([Tolerance(str(i), i, t) for i, t in enumerate(sizes)])
    stated = {"lipschitz": subject.certified.lipschitz.hex(), "tolerance": within.as_statement()}
    return subject.saying(Moves.of(stated, None if subject.radius is not None else size), semantics)
