from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lipbuild.errors import UnusableError

if TYPE_CHECKING:
    from lipbuild.api.given import RunLike
    from lipbuild.reporting.compare.comparison import Comparison


def compare(runs: Sequence[RunLike]) -> Comparison:
    """Hold runs side by side: what was measured, and what differs between their configs.

    Args:
        runs: The run folders, or what `train` returned, two or more.

    Returns:
        The comparison; its `html()` is a page with the curves overlaid.

    Raises:
        lipbuild.errors.RefusedError: This lipbuild refuses the config of a run.
        lipbuild.errors.UnusableError: There are fewer than two, or one is not a run folder.
    """
    from lipbuild.api.given import run_path
    from lipbuild.reporting.compare.compare_runs import compare_runs

    if len(runs) < 2:
        raise UnusableError("one run cannot be compared", "name two or more run folders")
    return compare_runs([run_path(run) for run in runs])
