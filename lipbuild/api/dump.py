from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lipbuild.rules.check import Checked


def dump(config: Mapping[str, Any] | Checked, path: str | Path | None = None) -> str:
    """A config as YAML text.

    Args:
        config: A config as a mapping, which is written as it is: reading the text gives the same values. Or what
            `load` returned, which is written with every parent, option, variable and default filled in.
        path: Where the text is written too.

    Returns:
        The text.

    Raises:
        lipbuild.errors.RefusedError: The config that was loaded has errors.
        lipbuild.errors.UnusableError: A value in the mapping is of a type that a config does not have, or the
            file cannot be written.
    """
    from lipbuild.config.dump import dump_config
    from lipbuild.config.tree import tree_text

    if isinstance(config, Checked):
        accepted = config.raise_for_errors()
        text = dump_config(accepted.config, accepted.graph, [found.rule for found in accepted.suppressed])
    else:
        text = tree_text(config).text
    if path is not None:
        from lipbuild.training.files import write_text

        write_text(Path(path), text)
    return text
