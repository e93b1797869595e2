from __future__ import annotations

from lipbuild.rules.context import Context


def promised(context: Context) -> float | None:
    """The constant that is promised of the network with its preprocessing, as far as it can be told.

    Where there is no graph because something is wrong with a layer, the config's own promise still holds, unless there
    is a preprocessing, whose constant is then not known.
    """
    config = context.config
    if context.graph is not None:
        return context.graph.lipschitz
    if config.model is None or (config.data is not None and config.data.preprocess):
        return None
    return config.model.lipschitz
