from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lipbuild.exporting.gate import Difference
from lipbuild.guard.promises import KernelNorm
from lipbuild.outputs.shown import Shown


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
        shares: The share of the real inputs with a radius above 0, by the arithmetic that C may compute in.
        ran: Whether it was run: code is not where no compiler is at hand.
    """

    format: str
    path: Path
    differences: tuple[Difference, ...]
    norms: tuple[KernelNorm, ...]
    bound: float
    status: str
    report: Path
    ran: bool = True
    shares: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As `lipbuild export --format json` prints it."""
        return {
            "format": self.format,
            "path": str(self.path),
            "report": str(self.report),
            "lipschitz": self.bound,
            "certificate": self.status,
            "differences": [asdict(difference) for difference in self.differences],
        }

    @property
    def difference(self) -> float:
        """The greatest difference of any output from the plain network's, on real inputs."""
        return next(d.greatest for d in self.differences if d.inputs == "real")
