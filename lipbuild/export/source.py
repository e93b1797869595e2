from __future__ import annotations

from dataclasses import dataclass

import keras

from lipbuild.export.probes import Samples
from lipbuild.export.run_certificate import RunCertificate
from lipbuild.spec.graph import Graph


@dataclass(frozen=True)
class Source:
    """What an export is made from.

    Attributes:
        model: The trained model.
        graph: The graph that it was built from.
        task: `multiclass`, `binary` or `regression`.
        inputs: Real inputs to compare on.
        units: What one unit of a distance between inputs is.
        classes: The names of the classes; empty for regression.
        certificate: The run's certificate, if it has one.
        voided_by: The soundness rules that its config silences. Where there is one nothing is certified.
    """

    model: keras.Model
    graph: Graph
    task: str
    inputs: Samples
    units: str = "the units of the data"
    classes: tuple[str, ...] = ()
    certificate: RunCertificate | None = None
    voided_by: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """`logits` or `values`; the nodes' own names where there are several outputs."""
        if len(self.graph.outputs) > 1:
            return self.graph.outputs
        return ("values",) if self.task == "regression" else ("logits",)
