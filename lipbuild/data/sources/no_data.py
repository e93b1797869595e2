from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from lipbuild.config.sources.no_data import NoData
from lipbuild.errors import RefusedError


def load_none(spec: NoData, folder: Path, seed: int) -> NoReturn:
    """Refuse: there is nothing to read.

    Raises:
        RefusedError: Always.
    """
    raise RefusedError(
        "`source: none` holds no data",
        "say where the data comes from, such as `csv: {path: data.csv, target: kind}`",
    )
