from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lipbuild.diagnostics.severity import Severity
from lipbuild.importing.change import Change
from lipbuild.outputs.shown import Shown
from lipbuild.rules.check import Accepted, Checked


@dataclass(frozen=True)
class Imported(Shown):
    """A config that was made from a model.

    Attributes:
        path: The config, or the run folder with the config and the weights.
        text: The config's text.
        checked: What the rules say of it. Where it is not `ok`, something is left for a person to decide.
        changes: How it differs from the model.
        weights: The model file with the weights; None where they were not kept.
    """

    path: Path
    text: str
    checked: Checked
    changes: tuple[Change, ...]
    weights: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """What was written, each change, and the errors that are left; for programs."""
        left = [d for d in self.checked.diagnostics if d.severity is Severity.ERROR]
        graph = self.checked.graph if isinstance(self.checked, Accepted) else None
        return {
            "path": str(self.path),
            "weights": None if self.weights is None else str(self.weights),
            "lipschitz": None if graph is None else graph.bound,
            "changes": [asdict(change) for change in self.changes],
            "errors": [{"rule": d.rule, "message": d.message, "help": d.help} for d in left],
        }
