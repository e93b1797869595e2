from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lipbuild.exporting.gate import Difference
from lipbuild.guard.promises import KernelNorm
from lipbuild.outputs.shown import Shown


@dataclass(frozen=True)
class Radii:
    """What an arithmetic leaves of the radii of the real inputs.

    Attributes:
        arithmetic: Its name.
        certified: The share of the inputs that have one.
        lost: By which share it is on average below the radius in exact arithmetic, where that is above 0.
    """

    arithmetic: str
    certified: float
    lost: float


@dataclass(frozen=True)
class Exported(Shown):
    """One export that was written.

    Attributes:
        format: Its format.
        path: Where it is.
        differences: How its outputs compare with those of the run's plain network, for each kind of inputs.
        norms: The norms of the kernels in the file.
        bound: The Lipschitz constant proved from the file's own weights, as they stand for numbers;
            infinite where none is.
        status: What the run's certificate means for it: `covered`, `partial`, `re-derived`, `none` or `void`.
        report: Where the gate's report is.
        radii: Of C what each arithmetic that it may compute in leaves of them; none of another format.
        compiled: Of C each command that compiled it, whose program was run; None of another format.
        cppcheck: Of C whether cppcheck looked at it; None of another format.
    """

    format: str
    path: Path
    differences: tuple[Difference, ...]
    norms: tuple[KernelNorm, ...]
    bound: float
    status: str
    report: Path
    radii: tuple[Radii, ...] = ()
    compiled: tuple[str, ...] | None = None
    cppcheck: bool | None = None

    @property
    def ran(self) -> bool:
        """Whether it was run: code is not where no compiler is at hand."""
        return self.compiled is None or bool(self.compiled)

    def as_json(self) -> dict[str, Any]:
        """As `lipbuild export --format json` prints it."""
        return {
            "format": self.format,
            "path": str(self.path),
            "report": str(self.report),
            "lipschitz": self.bound,
            "certificate": self.status,
            "differences": [asdict(difference) for difference in self.differences],
            "compiled": None if self.compiled is None else list(self.compiled),
            "cppcheck": self.cppcheck,
            "radii": [asdict(one) for one in self.radii],
        }

    @property
    def difference(self) -> float:
        """The greatest difference of any output from the plain network's, on real inputs."""
        return next(d.greatest for d in self.differences if d.inputs == "real")
