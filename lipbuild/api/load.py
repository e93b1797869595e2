from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lipbuild.errors import UnusableError
from lipbuild.rules.check import Accepted, Checked
from lipbuild.rules.check import check as apply_rules
from lipbuild.text.load import read

# What a config can be given as: its path, itself as Python values, or what `check` or `load` returned.
ConfigLike = str | Path | Mapping[str, Any] | Checked


def check(config: ConfigLike, overrides: Sequence[str] = ()) -> Checked:
    """Apply every rule to a config.

    Args:
        config: The path of the config, or the config as a mapping. Findings in a mapping point into its YAML
            text; relative paths in it start from the working directory.
        overrides: `path=value` options laid over it, as `--set` takes them.

    Returns:
        The config, its graph and the diagnostics; `ok` tells whether a network can be built.

    Raises:
        lipbuild.errors.UnusableError: The file cannot be read, or a value in the mapping is of a type that a
            config does not have.
    """
    if isinstance(config, Checked):
        return apply_rules(config.source, (*config.overrides, *overrides)) if overrides else config
    if isinstance(config, Mapping):
        from lipbuild.config.tree import tree_text

        return apply_rules(tree_text(config), overrides)
    if not isinstance(config, (str, Path)):
        raise UnusableError(
            f"a config is needed, and this is a `{type(config).__name__}`",
            "give its path, a mapping, or what `lipbuild.load` returned",
        )
    return apply_rules(read(Path(config)), overrides)


def load(config: ConfigLike, overrides: Sequence[str] = ()) -> Accepted:
    """Read a config that must be right.

    Args:
        config: The path of the config, or the config as a mapping.
        overrides: `path=value` options laid over it, as `--set` takes them.

    Returns:
        The config and its graph, and the findings that are not errors.

    Raises:
        lipbuild.errors.RefusedError: It has errors; the message shows them.
        lipbuild.errors.UnusableError: The file cannot be read, or a value in the mapping is of a type that a
            config does not have.
    """
    return check(config, overrides).raise_for_errors()
