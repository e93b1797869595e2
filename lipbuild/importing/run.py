"""A folder like that of a run, with imported weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lipbuild.building.plain import plain_model
from lipbuild.config.dump import dump_config
from lipbuild.importing.carry import carry_weights
from lipbuild.importing.change import Change
from lipbuild.importing.convert import Converted
from lipbuild.importing.saved_graph import SavedGraph
from lipbuild.rules.check import Accepted
from lipbuild.saved.saved import Stored
from lipbuild.training.environment import describe_environment
from lipbuild.training.files import write_files, write_json, write_text, write_whole
from lipbuild.training.run_folder import RunFolder


def write_run(
    converted: Converted,
    accepted: Accepted,
    saved: SavedGraph,
    weights: Mapping[str, Stored],
    changes: Sequence[Change],
    origin: str,
    path: Path,
    *,
    orthogonal: bool = True,
) -> Path:
    """Write the config, the network with the weights, and what was changed; all of it once all of it is there.

    Args:
        converted: A config.
        accepted: What the rules say of it: there are no errors.
        saved: The saved model.
        weights: Its weights by layer.
        changes: What was changed.
        origin: What the model is called.
        path: The folder.
        orthogonal: Whether kernels of plain Keras are made orthogonal, or only divided by their norms.

    Returns:
        The model file.
    """
    config, graph = accepted.config, accepted.graph
    origins = {layer.name: layer.place.layer for layer in converted.translated if not layer.place.argument}
    model = carry_weights(graph, config.name, saved, weights, origins, orthogonal=orthogonal)

    def write(place: Path) -> None:
        folder = RunFolder(place)
        write_text(folder.config, converted.text)
        write_text(folder.resolved, dump_config(config, graph, beside=path))
        write_json(folder.environment, describe_environment(config.seed, config.folder))
        write_json(place / "import.json", {"model": origin, "changes": [vars(change) for change in changes]})
        write_whole(folder.plain, plain_model(model, graph).save)
        write_whole(folder.model, model.save)

    write_files(path, write)
    return RunFolder(path).model
