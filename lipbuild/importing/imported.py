from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lipbuild.importing.change import Change
from lipbuild.rules.check import Checked


@dataclass(frozen=True)
class Imported:
    """A config that was made from a model.

    Attributes:
        path: The config, or the run folder with the config and the weights.
        text: The config's text.
        checked: What the rules say of it. Where it is not `ok`, something is left for a person to decide.
        changes: How its network differs from the model.
        weights: The model file with the weights; None where they were not kept.
    """

    path: Path
    text: str
    checked: Checked
    changes: tuple[Change, ...]
    weights: Path | None = None
