from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lipbuild.api.load import ConfigLike, check
from lipbuild.errors import RefusedError

if TYPE_CHECKING:
    from lipbuild.data.report.data_report import DataReport


def describe_data(config: ConfigLike, overrides: Sequence[str] = (), samples: int = 5000) -> DataReport:
    """Look at the data of a config: shapes, ranges, classes, NaN, equal samples, distances between classes.

    Only its `data` section has to be right.

    Args:
        config: The path of the config, the config as a mapping, or what `check` returned.
        overrides: `path=value` options laid over it, as `--set` takes them.
        samples: How many samples are compared for the distances between classes.

    Raises:
        lipbuild.errors.RefusedError: The section is wrong or missing, or the labels cannot be read.
        lipbuild.errors.UnusableError: A file is missing or cannot be read.
    """
    from lipbuild.data.report.describe import describe

    checked = check(config, overrides)
    if checked.config is None or checked.config.data is None:
        if "data" in (checked.config.keys if checked.config is not None else {"data"}):
            checked.raise_for_errors()
        raise RefusedError(f"{checked.source.name}: the config has no `data` section", "add `data:`")
    return describe(checked.config, samples)
