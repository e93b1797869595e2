from __future__ import annotations

from dataclasses import replace

from lipbuild.config.config import Config
from lipbuild.config.sections import DataSection, TrainSection
from lipbuild.data.contract.about import about
from lipbuild.data.contract.contract import make_contract, numbered
from lipbuild.data.contract.copies import first_copies, given_parts, keep_together, unknown_to
from lipbuild.data.contract.identities import Identities, identify, label_bytes
from lipbuild.data.contract.key import Key, random_key
from lipbuild.data.dataset import Dataset
from lipbuild.data.labels import Targets, read_targets
from lipbuild.data.learn_fill import has_gaps, learn_fill
from lipbuild.data.load import load_raw, match_shape, naming_file
from lipbuild.data.mix import load_mixed
from lipbuild.data.parts import PARTS
from lipbuild.data.raw import RawData
from lipbuild.data.split import make_dataset, split_indices
from lipbuild.network.graph import Graph


def load_dataset(config: Config, graph: Graph, key: Key | None = None) -> Dataset:
    """The data of a config, in the shape that its network takes and encoded for its loss, in parts drawn by its seed.

    Args:
        config: The config.
        graph: Its graph.
        key: What the digests of a contract are made with; without one there is no contract.

    Raises:
        RefusedError: The config has no data or no loss, or they do not fit each other.
        UnusableError: A file is missing.
    """
    data, train = require_sections(config)
    raw = match_shape(load_raw(data, config.folder), graph.input_shape)
    units = output_units(graph)
    with naming_file(data, config.folder):
        targets = read_targets(raw.labels, train.loss.task, units, raw.class_names)
    parts = split_indices(raw, data, targets)
    key_or_other = key or random_key()
    identities = _identify(raw, targets, key_or_other)
    parts, left_out = keep_together(parts, first_copies(identities.values), given_parts(raw, data))
    had_gaps = has_gaps(raw)
    raw = learn_fill(raw, parts.train)
    if had_gaps:
        # A row may have become equal to another one, which was drawn for itself.
        identities = _identify(raw, targets, key_or_other)
        parts, more = keep_together(parts, first_copies(identities.values), PARTS)
        left_out += more
    mixed = load_mixed(data, config.folder, raw, targets.class_names, train.loss.task, units)
    left = [(left_out, "")]
    if mixed is not None:
        others = mixed.identify(key_or_other)
        taken = unknown_to(others.values[mixed.training], identities.values, parts)
        left.append((int((~taken).sum()), "mixed "))
        parts = replace(parts, mixed=len(raw.labels) + mixed.training[taken]).checked(
            ": each is equal to a sample of the validation or the test part", "mix in other samples"
        )
        identities = identities.followed_by(others)
    dataset = make_dataset(raw, data, train.loss, units, targets, parts, mixed)
    dataset = replace(dataset, notes=tuple(_left_out(*one) for one in left if one[0]))
    if key is None:
        return dataset
    said = about(raw, data.source, config.folder, train.loss.task, targets.class_names, data.mix)
    names = raw.names
    if mixed is not None and (names or mixed.raw.names):
        own = names or [numbered(said, number) for number in range(len(raw.labels))]
        names = (*own, *map(mixed.name_of, range(len(mixed.labels))))
    contract = make_contract(said, identities, parts, names)
    return replace(dataset, contract=contract, digests=contract.digests)


def _left_out(count: int, more: str) -> str:
    words = f"1 {more}sample is" if count == 1 else f"{count:,} {more}samples are"
    return f"{words} left out of the training, as equal ones stand in the validation or the test part"


def _identify(raw: RawData, targets: Targets, key: Key) -> Identities:
    return identify(raw.inputs, label_bytes(targets), key)


def output_units(graph: Graph) -> int:
    """The number of a network's outputs."""
    units = graph.output_nodes[0].shape[0]
    assert units is not None
    return units


def require_sections(config: Config) -> tuple[DataSection, TrainSection]:
    """The sections that a training needs besides the network.

    Raises:
        RefusedError: One of them is missing.
    """
    data = config.needed("data", "add `data:` to train it")
    return data, config.needed("train", "add `train:` to train it")
