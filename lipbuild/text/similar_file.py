from __future__ import annotations

from pathlib import Path

from lipbuild.text.suggest import nearest


def similar_file(path: Path) -> str | None:
    """The most similar name beside a missing file, with the same ending; None if there is none."""
    try:
        names = [other.name for other in path.parent.iterdir() if other.suffix == path.suffix]
    except (OSError, ValueError):
        return None
    return nearest(path.name, names)
