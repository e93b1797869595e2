"""Other data than a run's, of the same kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from lipbuild.config.config import Config
from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.data.config_data import output_units, require_sections
from lipbuild.data.contract.contract import Contract, part_digest
from lipbuild.data.contract.identities import identify, label_bytes, mixed_labels
from lipbuild.data.contract.known import in_shape
from lipbuild.data.contract.labels import targets_by_name
from lipbuild.data.dataset import Dataset
from lipbuild.data.labels import read_targets
from lipbuild.data.learn_fill import fill_as_stated, learn_fill
from lipbuild.data.load import load_raw
from lipbuild.data.parts import MIXED, PARTS, Parts
from lipbuild.data.split import make_dataset
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.network.graph import Graph

# The fields of a source that only a training needs: those that divide it, and the weights of its samples.
_OF_TRAINING = ("test", "validation", "split", "weight")


def load_other(
    config: Config, graph: Graph, contract: Contract | None, path: Path
) -> tuple[Dataset, int | None]:
    """All samples of another file as a test part, and how many of them the training learnt from; None if nobody knows.

    Args:
        config: The config of a run, whose source says how the file is read.
        graph: Its graph.
        contract: Its contract, which knows columns and classes by their names.
        path: The file or the folder.

    Raises:
        RefusedError: The data does not fit, or has a class that the training had not.
        UnusableError: The file is missing, or the source is not one that a path names.
    """
    data, train = require_sections(config)
    section = data.model_copy(update={"source": source_of(data.source, path), "mix": None, "cache": None})
    raw = load_raw(section, Path.cwd())
    # Without a contract the run's config has what fills.
    raw = learn_fill(raw, np.arange(0)) if contract is None else fill_as_stated(raw, contract.fill)
    raw = in_shape(raw, section.source, contract, graph)
    units, task = output_units(graph), train.loss.task
    if contract is None:
        targets = read_targets(raw.labels, task, units, raw.class_names)
        labels = label_bytes(targets)
    else:
        classes = contract.class_names
        targets, labels = targets_by_name(raw.labels, task, units, raw.class_names, classes)
        if classes and (targets.values == -1).any():
            first = int(np.argmax(targets.values == -1))
            name = raw.names[first] if raw.names else contract.numbered(first)
            raise RefusedError(
                f"{path}: {name} is of the class `{labels[first].decode()}`, which the training had not",
                f"the classes are {', '.join(classes[:20])}",
            )
    everything = np.arange(len(raw.labels), dtype=np.int64)
    none = everything[:0]
    dataset = make_dataset(raw, section, train.loss, units, targets, Parts(none, None, everything))
    if contract is None or contract.key is None:
        return dataset, None
    samples = identify(raw.inputs, labels, contract.key).samples
    dataset = replace(dataset, digests={"test": part_digest(samples)})
    learnt = np.isin(samples, contract.of_part(PARTS[0]))
    if MIXED in contract.digests:
        as_mixed = identify(raw.inputs, mixed_labels(labels), contract.key).samples
        learnt |= np.isin(as_mixed, contract.of_part(MIXED))
    return dataset, int(learnt.sum())


def source_of(source: SourceSpec, path: Path, *, whole: bool = True) -> SourceSpec:
    """The same source of another file.

    Args:
        source: The source.
        path: The other file or folder.
        whole: Whether it is taken as a whole, whatever the source keeps apart.

    Raises:
        UnusableError: There is no such file, or the source is not one that a path names.
    """
    fields = type(source).model_fields
    if "path" not in fields:
        raise UnusableError(
            f"{path}: the data of this run is `{source.source_name}`, which no path names",
            "name each file by `--set data.source…`, or train on a source of files",
        )
    if not path.exists():
        raise UnusableError(f"{path}: there is no such file or folder")
    undivided = {field: None for field in _OF_TRAINING if field in fields and whole}
    other = source.model_copy(update={"path": str(path.resolve()), **undivided})
    if whole:
        other.goes_by(None)
    return other
