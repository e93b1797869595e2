from __future__ import annotations

from lipbuild.config.config import Config
from lipbuild.config.sections import DataSection, TrainSection
from lipbuild.data.dataset import Dataset
from lipbuild.data.load import load_raw, match_shape
from lipbuild.data.split import split_data
from lipbuild.network.graph import Graph


def load_dataset(config: Config, graph: Graph) -> Dataset:
    """The data of a config, in the shape that its network takes and encoded for its loss.

    Raises:
        RefusedError: The config has no data or no loss, or they do not fit each other.
        UnusableError: A file is missing.
    """
    data, train = require_sections(config)
    raw = match_shape(load_raw(data, config.folder), graph.input_shape)
    units = graph.output_nodes[0].shape[0]
    assert units is not None
    return split_data(raw, data, train.loss, units)


def require_sections(config: Config) -> tuple[DataSection, TrainSection]:
    """The sections that a training needs besides the network.

    Raises:
        RefusedError: One of them is missing.
    """
    data = config.needed("data", "add `data:` to train it")
    return data, config.needed("train", "add `train:` to train it")
