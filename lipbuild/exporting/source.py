from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from lipbuild.building.without_preprocessing import without_preprocessing
from lipbuild.certifying.stated_columns import Move
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.config.config import Config
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.config.sources.tables import TableSpec
from lipbuild.data.contract.contract import Contract
from lipbuild.data.dataset import Dataset
from lipbuild.data.inputs.images import describe_images
from lipbuild.exporting.probes import Samples
from lipbuild.exporting.run_certificate import RunCertificate
from lipbuild.network.graph import Graph


@dataclass(frozen=True)
class Source:
    """What an export is made from.

    Attributes:
        model: The trained model.
        plain: Its plain form, whose weights are what is exported.
        graph: The graph that it was built from.
        task: `multiclass`, `binary` or `regression`.
        inputs: Real inputs to compare on.
        units: What one unit of a distance between inputs is.
        classes: The names of the classes; empty for regression.
        certificate: The run's certificate, if it has one.
        voided_by: The soundness rules that its config silences. Where there is one nothing is certified.
        columns: What each number of a sample is; None where they have no names.
        images: How image files became inputs in the training; None where there were none.
        targets: What each number to predict is; empty where they have no names, and for classes.
        preprocessing: What happens to the data before the network: each step as an object with one key, its kind.
        prepared: Whether that is left out: the model takes what the preprocessing makes.
        moves: The changes of single columns whose effect is stated; none of other data than a table.
        tolerances: By how much columns may be off, where the config says it.
        radius: How far an input of a regression may move for the intervals of its values; None where that is not said.
        contract: The contract of the data that it was trained on; None where there is none.
    """

    model: keras.Model
    plain: keras.Model
    graph: Graph
    task: str
    inputs: Samples
    units: str = "the units of the data"
    classes: tuple[str, ...] = ()
    certificate: RunCertificate | None = None
    voided_by: tuple[str, ...] = ()
    columns: tuple[InputColumn, ...] | None = None
    images: Mapping[str, Any] | None = None
    targets: tuple[InputColumn, ...] = ()
    preprocessing: tuple[Mapping[str, Any], ...] = ()
    prepared: bool = False
    moves: tuple[Move, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()
    radius: float | None = None
    contract: Contract | None = None

    @property
    def outputs(self) -> tuple[str, ...]:
        """`logits` or `values`; the nodes' own names where there are several outputs."""
        if len(self.graph.outputs) > 1:
            return self.graph.outputs
        return ("values",) if self.task == "regression" else ("logits",)


def columns_of(config: Config, dataset: Dataset | None = None) -> tuple[InputColumn, ...] | None:
    """What each number of a sample is, as a run's config or else its data says; None where they have no names."""
    source = config.needed("data").source
    columns = source.input_columns()
    if columns is None and dataset is not None and dataset.source is not None:
        columns = dataset.source.input_columns()
    return None if columns is None else tuple(columns)


def images_of(config: Config, graph: Graph) -> dict[str, Any] | None:
    """How image files became inputs in the training of a config; None where there were none."""
    return describe_images(config.needed("data").source, graph.input_shape)


def targets_of(config: Config) -> tuple[InputColumn, ...]:
    """The columns of a table that a regression predicts; none of other data, and for classes."""
    source = config.needed("data").source
    if not isinstance(source, TableSpec) or config.needed("train").loss.task != "regression":
        return ()
    return tuple(InputColumn(name, (source.units or {}).get(name)) for name in source.targets_list)


def preprocessing_of(config: Config) -> tuple[Mapping[str, Any], ...]:
    """The steps of a config's preprocessing, `{kind: {argument: value}}` each, as JSON has them."""
    data = config.tree.get("data")
    steps = data.get("preprocess") if isinstance(data, Mapping) else None
    return tuple({step: {}} if isinstance(step, str) else dict(step) for step in steps or ())


def prepared(source: Source, promised: float) -> Source:
    """A source without its preprocessing: it takes what that makes. Itself where there is none.

    Args:
        source: The source.
        promised: The constant that the config promises without its preprocessing.
    """
    divided = without_preprocessing(source.model, source.plain, source.graph)
    if divided is None:
        return source
    return replace(
        source,
        model=divided.model,
        plain=divided.plain,
        graph=replace(divided.graph, lipschitz=promised),
        inputs=np.asarray(divided.prepare.predict(source.inputs, verbose=0, batch_size=256), np.float32),
        units="what the preprocessing makes of the data",
        prepared=True,
    )
