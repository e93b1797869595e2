from __future__ import annotations

from typing import TYPE_CHECKING

from lipbuild.api.load import ConfigLike, load
from lipbuild.building.keras_settings import keras_settings

if TYPE_CHECKING:
    import keras


@keras_settings()
def build(config: ConfigLike) -> keras.Model:
    """The untrained Keras model of a config. Its Lipschitz constant holds from the start.

    The data is read only where the config's preprocessing is to be taken from it.

    Args:
        config: The path of a config, a config as a mapping, or what `load` returned.

    Raises:
        lipbuild.errors.RefusedError: The config has errors.
        lipbuild.errors.UnusableError: The file cannot be read.
    """
    from lipbuild.building.model import build_model

    checked = load(config)
    graph = checked.graph
    if not graph.is_fitted:
        from lipbuild.data.prepare import prepare

        graph = prepare(checked.config, graph).graph
    return build_model(graph, checked.config.name)
