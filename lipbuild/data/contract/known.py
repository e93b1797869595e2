"""The data of a run, as its contract knows it."""

from __future__ import annotations

from dataclasses import replace

from lipbuild.config.config import Config
from lipbuild.config.sources.input_column import told_apart
from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.data.config_data import output_units, require_sections
from lipbuild.data.contract.contract import Contract, part_digest
from lipbuild.data.contract.hold import check, find
from lipbuild.data.contract.identities import identify
from lipbuild.data.contract.key import VARIABLE
from lipbuild.data.contract.labels import targets_by_name
from lipbuild.data.contract.reading import check_images
from lipbuild.data.dataset import Dataset
from lipbuild.data.inputs.images import describe_images
from lipbuild.data.learn_fill import fill_as_stated
from lipbuild.data.load import load_raw, match_shape
from lipbuild.data.mix import load_mixed
from lipbuild.data.raw import RawData
from lipbuild.data.split import make_dataset
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.network.graph import Graph


def load_known(config: Config, graph: Graph, contract: Contract, *, known_only: bool = False) -> Dataset:
    """The data of a run, each sample in the part and at the place that it had in the training.

    Args:
        config: The config of the run.
        graph: Its graph.
        contract: Its contract.
        known_only: Whether samples that are new or changed are left out, and those that are gone done without.

    Raises:
        RefusedError: Samples are new, changed or gone, a column is missing, or the data does not fit.
        UnusableError: A file is missing, or the key of the contract.
    """
    if contract.key is None:
        raise UnusableError(
            "the data contract of this run was made with a key of the user's, so that without it nobody knows which "
            "sample is in which part",
            f"name its file by the environment variable `{VARIABLE}`",
        )
    data, train = require_sections(config)
    raw = fill_as_stated(load_raw(data, config.folder), contract.fill)
    raw = in_shape(raw, data.source, contract, graph)
    units = output_units(graph)
    targets, labels = targets_by_name(
        raw.labels, train.loss.task, units, raw.class_names, contract.class_names
    )
    identities = identify(raw.inputs, labels, contract.key)
    mixed = load_mixed(data, config.folder, raw, contract.class_names, train.loss.task, units)
    if mixed is not None:
        identities = identities.followed_by(mixed.identify(contract.key))

    def name_of(number: int) -> str:
        after = number - len(raw.labels)
        if mixed is not None and after >= 0:
            return mixed.name_of(after)
        return raw.names[number] if raw.names else contract.numbered(number)

    found = find(contract, identities.samples, name_of)
    note = check(found, contract, name_of, known_only=known_only)
    digests = {name: part_digest(identities.samples[part]) for name, part in found.parts.named()}
    dataset = make_dataset(raw, data, train.loss, units, targets, found.parts, mixed)
    return replace(dataset, contract=contract, digests=digests, notes=(note,) if note else ())


def in_shape(raw: RawData, source: SourceSpec, contract: Contract | None, graph: Graph) -> RawData:
    """The data in the shape that a network takes, if its columns and its decoder are those of the training.

    Raises:
        RefusedError: They are others, or a sample has another shape.
    """
    if contract is not None:
        check_images(contract, describe_images(source, raw.sample_shape))
    wanted = contract.columns if contract is not None else ()
    if wanted and raw.columns != wanted:
        named, found = told_apart(wanted, raw.columns)
        raise RefusedError(
            f"the network was trained with the columns {named}, and those of the data are {found}",
            "leave `features`, `categories`, `fill` and `units` as they were in the training",
        )
    return match_shape(raw, graph.input_shape)
