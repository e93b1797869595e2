from __future__ import annotations

from pathlib import Path

from lipbuild.text.suggest import nearest


def similar_file(path: Path) -> str | None:
    """The name of the file beside a missing one that is most like it and ends alike; None where none is."""
    try:
        names = [other.name for other in path.parent.iterdir() if other.suffix == path.suffix]
    except (OSError, ValueError):
        return None
    return nearest(path.name, names)
