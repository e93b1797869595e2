"""What the gate found, as it is written beside an export."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lipbuild.exporting.exported import Exported
from lipbuild.exporting.kind import Kind
from lipbuild.exporting.metadata import MEANINGS


def gate_report(
    exported: Exported,
    kind: Kind,
    written: Path,
    stamp: Mapping[str, Any],
    certified: float,
    tolerance: float,
    besides: str,
    *,
    same: bool,
) -> dict[str, Any]:
    """The report of an export that passed, ready for JSON.

    Args:
        exported: The export.
        kind: Its format.
        written: The file or folder, under whatever name it has now.
        stamp: The metadata in the file.
        certified: What its own constant was held against.
        tolerance: What its outputs were held against on the data.
        besides: By what else they may differ; empty for nothing.
        same: Whether it holds the trained weights bit for bit.
    """
    return {
        **stamp,
        "format": exported.format,
        "file": exported.path.name,
        "sha256": content_digest(written),
        "runtime": kind.runtime,
        "outputs_compared": {
            "tolerance": tolerance,
            "relative_to": "1, or the input's norm over that of the largest real input if that is more",
            **({"besides": besides} if besides else {}),
            "greatest_difference": {
                d.inputs: {"samples": d.samples, "difference": d.greatest} for d in exported.differences
            },
        },
        "weights": "bit for bit the trained ones" if same else "rounded",
        "kernels": [{"layer": k.layer, "norm": k.norm, "allowed": k.allowed} for k in exported.norms],
        "lipschitz": {**stamp["lipschitz"], "at_most": certified if math.isfinite(certified) else None},
        "certificate": {**stamp["certificate"], "meaning": MEANINGS[exported.status]},
    }


def content_digest(path: Path) -> str:
    """SHA-256 of a file, or of a folder: of each file's relative path and content, in order."""
    digest = hashlib.sha256()
    if path.is_file():
        digest.update(path.read_bytes())
        return digest.hexdigest()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        name = file.relative_to(path).as_posix().encode()
        content = file.read_bytes()
        digest.update(len(name).to_bytes(8, "little") + name + len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()
