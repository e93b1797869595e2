from __future__ import annotations

from pathlib import Path


def trial_folder(folder: Path, number: int) -> Path:
    """The run folder of a trial in the folder of its sweep."""
    return folder / "trials" / f"{number:04}"
