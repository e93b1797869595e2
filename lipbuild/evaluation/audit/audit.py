from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lipbuild.evaluation.audit.finding import Finding
from lipbuild.outputs.shown import Shown

VERSION = 1


@dataclass(frozen=True)
class AuditedLayer:
    """One layer of an audited model.

    Attributes:
        name: Its name; `outer/inner` within a nested model.
        kind: Its class.
        shape: What it makes of one sample; None where that is not known.
        upper: A proved upper bound of its own constant at inference; None where there is none.
        lower: A constant that it is proved to reach; 0 where none was looked for.
        reason: Why there is no bound; empty where there is one, and for a merge of layers that has one.
        findings: What the design rules say of it.
    """

    name: str
    kind: str
    shape: tuple[int | None, ...] | None
    upper: float | None
    lower: float
    reason: str
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """As `lipbuild audit --format json` writes it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "shape": None if self.shape is None else list(self.shape),
            "upper": self.upper,
            "lower": self.lower,
            "reason": self.reason,
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(frozen=True)
class HeldData:
    """Data that was held against the contract of a training.

    Attributes:
        path: The file or the folder.
        parts: The number of samples of each part that are there.
        notes: What is new, changed or gone, in words; empty where nothing is.
    """

    path: str
    parts: dict[str, int]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Audit(Shown):
    """What is known of the Lipschitz constant of a trained model.

    Attributes:
        layers: Its layers, in an order in which they can be computed.
        lipschitz: The proved constant of the whole at inference, L2; None where there is none.
        reason: Why there is none.
        origin: The package that it was made by, where that is neither Keras nor lipbuild.
        data: What was found of the data of its training; None where none was given.
        contradictions: Where an export is something else than it says of itself.
    """

    layers: tuple[AuditedLayer, ...]
    lipschitz: float | None
    reason: str
    origin: str = ""
    data: HeldData | None = None
    contradictions: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As `lipbuild audit --format json` writes it."""
        return {
            "format": "lipbuild.audit",
            "version": VERSION,
            "norm": "L2",
            "lipschitz": self.lipschitz,
            "reason": self.reason,
            "origin": self.origin,
            "contradictions": list(self.contradictions),
            "layers": [layer.as_json() for layer in self.layers],
            **({"data": asdict(self.data)} if self.data is not None else {}),
        }
