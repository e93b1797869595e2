from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lipbuild.rules.check import Checked
from lipbuild.rules.check import check as apply_rules
from lipbuild.source.load import read


def check(config: str | Path, overrides: Sequence[str] = ()) -> Checked:
    """Apply every rule to a config.

    Args:
        config: The path of the config.
        overrides: `path=value` options laid over it, as `--set` takes them.

    Returns:
        The config, its graph and the diagnostics; `ok` tells whether a network can be built.

    Raises:
        lipbuild.errors.UnusableError: The file cannot be read.
    """
    return apply_rules(read(Path(config)), overrides)


def load(config: str | Path, overrides: Sequence[str] = ()) -> Checked:
    """Read a config that must be right.

    Args:
        config: The path of the config.
        overrides: `path=value` options laid over it, as `--set` takes them.

    Raises:
        lipbuild.errors.RefusedError: It has errors; the message shows them.
        lipbuild.errors.UnusableError: The file cannot be read.
    """
    checked = check(config, overrides)
    checked.raise_for_errors()
    return checked
