from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.api.load import load
from lipbuild.rules.check import Checked

if TYPE_CHECKING:
    import keras


def build(config: str | Path | Checked) -> keras.Model:
    """The untrained Keras model of a config. Its Lipschitz constant holds from the start.

    The data is read only where the config's preprocessing is to be taken from it.

    Args:
        config: The path of a config, or what `load` returned.

    Raises:
        lipbuild.errors.RefusedError: The config has errors.
        lipbuild.errors.UnusableError: The file cannot be read.
    """
    from lipbuild.build.model import build_model

    checked = config if isinstance(config, Checked) else load(config)
    assert checked.config is not None
    assert checked.graph is not None
    graph = checked.graph
    if not graph.is_fitted:
        from lipbuild.data.prepare import prepare

        graph = prepare(checked.config, graph).graph
    return build_model(graph, checked.config.name)
