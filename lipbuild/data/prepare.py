from __future__ import annotations

from dataclasses import dataclass, replace

from lipbuild.config.build_graph import build_graph
from lipbuild.config.config import Config
from lipbuild.config.target_scale import STANDARD
from lipbuild.data.config_data import load_dataset
from lipbuild.data.dataset import Dataset
from lipbuild.data.fit import fit, standard_scale
from lipbuild.errors import RefusedError
from lipbuild.network.graph import Graph
from lipbuild.network.shapes import ShapeError
from lipbuild.text.problem import Problem


@dataclass(frozen=True)
class Prepared:
    """A config that can be built and trained.

    Attributes:
        config: The config, with what its preprocessing takes from the training data filled in.
        graph: Its graph.
        dataset: Its data.
    """

    config: Config
    graph: Graph
    dataset: Dataset


def prepare(config: Config, graph: Graph, dataset: Dataset | None = None) -> Prepared:
    """Load the data of a config, and fit its preprocessing and the scale of its targets to the training part.

    What was fitted, and the columns of a table, are written out in the config that is returned, so that the resolved
    config of a run states them: nothing is fitted again, and columns are taken by name.

    Args:
        config: A config that has been checked.
        graph: Its graph. Its constants hold whatever preprocessing is fitted, those of the new one are at most as
            great; but they are in deviations of the target where those are to be fitted.
        dataset: Its data, where that is loaded already.

    Raises:
        RefusedError: The config has no data or no loss, or they do not fit each other.
        UnusableError: A file is missing.
    """
    dataset = dataset or load_dataset(config, graph)
    section = config.needed("data")
    read: dict[str, object] = {}
    if dataset.source is not None:
        read["source"] = dataset.source
    if section.mix is not None and dataset.mixed_source is not None:
        read["mix"] = section.mix.model_copy(update={"source": dataset.mixed_source})
    if read:
        section = section.model_copy(update=read)
        config = replace(config, data=section)
    if graph.is_fitted:
        return Prepared(config, graph, dataset)
    try:
        steps = fit(section.preprocess, dataset.train.features, dataset.train.indices)
    except ShapeError as error:
        raise RefusedError(f"{config.root.source.name}: {error.message}", error.help) from None
    update: dict[str, object] = {"preprocess": steps}
    if section.target_scale == STANDARD:
        update["target_scale"] = standard_scale(dataset.train.targets)
    config = replace(config, data=section.model_copy(update=update))
    problems: list[Problem] = []
    fitted = build_graph(config, problems.append, graph.input_shape)
    if fitted is None or problems:
        problem = problems[0]
        raise RefusedError(f"{config.root.source.name}: {problem.message}", problem.help)
    return Prepared(config, fitted, dataset)
