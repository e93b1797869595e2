"""The export of a trained network, past the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.build.plain import plain_model
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.export.format import Format, Outputs, run_keras
from lipbuild.export.formats import FORMATS, formats_of
from lipbuild.export.gate import (
    NORM_TOLERANCE,
    OUTPUT_TOLERANCE,
    Difference,
    KernelNorm,
    check_bound,
    check_norms,
    check_outputs,
    kernel_norms,
)
from lipbuild.export.gate_report import gate_report
from lipbuild.export.metadata import COVERED, NONE, REDERIVED, VOID, metadata
from lipbuild.export.options import ExportOptions
from lipbuild.export.probes import Samples, probes
from lipbuild.export.proof import Proof, needed_weights, prove
from lipbuild.export.radius_check import check_radii
from lipbuild.export.radius_constants import RadiusConstants, radius_constants
from lipbuild.export.radius_head import with_radius
from lipbuild.export.read_back import ReadBack, read_back, same_everywhere
from lipbuild.export.run_certificate import RunCertificate
from lipbuild.export.served import Served
from lipbuild.spec.graph import Graph
from lipbuild.training.files import write_json, write_whole


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


@dataclass(frozen=True)
class Exported:
    """One export that was written.

    Attributes:
        format: Its format.
        path: Where it is.
        difference: The greatest difference of any output from the trained model's, on real inputs.
        differences: The same for each kind of inputs.
        norms: The norms of the kernels in the file.
        bound: The Lipschitz constant proved from the file's own weights, as they stand for numbers.
        status: What the run's certificate means for it: `covered`, `re-derived`, `none` or `void`.
        report: Where the gate's report is.
    """

    format: str
    path: Path
    differences: tuple[Difference, ...]
    norms: tuple[KernelNorm, ...]
    bound: float
    status: str
    report: Path

    @property
    def difference(self) -> float:
        """The greatest difference of any output from the trained model's, on real inputs."""
        return next(d.greatest for d in self.differences if d.inputs == "real")


def export_model(
    source: Source, formats: Sequence[str], output: Path, options: ExportOptions, *, overwrite: bool = False
) -> list[Exported]:
    """Write a trained network as plain files, each of which has to pass the gate before it appears.

    Each file is written under another name, run in its own runtime on real, random and extreme inputs, and read
    back: its outputs must be the trained model's, and the constant proved from the weights in the file at most
    that of the certificate, or of the trained weights where there is no certificate.

    Args:
        source: What is exported.
        formats: Names of formats.
        output: The file or folder for a single format whose ending fits, otherwise the folder that they go to,
            each under the model's name.
        options: How.
        overwrite: Whether what is there may be replaced.

    Raises:
        RefusedError: An export did not pass.
        UnusableError: Something is in the way, the place cannot be written, or a package is not installed.
    """
    plain = plain_model(source.model, source.graph)
    check_norms(kernel_norms(plain, source.graph))
    paths = {name: export_path(output, name, source.model.name, alone=len(formats) == 1) for name in formats}
    for path in paths.values():
        if path.exists() and not overwrite:
            raise UnusableError(f"{path}: there is something already", "name another place, or use `--force`")
    return _Export(source, plain, options).write(paths)


class _Export:
    """The export of one network to several formats."""

    def __init__(self, source: Source, plain: keras.Model, options: ExportOptions) -> None:
        self.source = source
        self.plain = plain
        self.options = options
        self.constants: RadiusConstants | None = None
        graph = source.graph
        self.proof = prove(plain, graph, {w.path: np.asarray(w) for w in plain.weights})
        model, outputs = plain, _output_names(graph, source.task)
        if options.with_radius:
            model = self._with_radius()
            outputs = tuple(model.output)
        self.served = Served(model, outputs)
        self.probes = probes(source.inputs)
        names = _output_names(graph, source.task)
        self.expected: dict[str, Outputs] = {
            kind: run_keras(source.model, x, names) for kind, x in self.probes.items()
        }

    def _with_radius(self) -> keras.Model:
        if self.source.voided_by:
            raise RefusedError(
                "no radius can be computed in a network whose config silences "
                + ", ".join(f"`{rule}`" for rule in self.source.voided_by),
                "mend what the rule found, and train again",
            )
        self.constants = radius_constants(self.proof).widened(NORM_TOLERANCE)
        return with_radius(
            self.plain, self.constants, task=self.source.task, semantics=self.options.semantics
        )

    def write(self, paths: Mapping[str, Path]) -> list[Exported]:
        """Write each format."""
        kinds = formats_of(self.options.quantize)
        if self.options.with_radius and any(kinds[name].rounds for name in paths):
            raise RefusedError(
                "a file whose weights are kept in fewer bits computes no radius: its arithmetic has no proved error",
                "leave out `--with-radius` or `--quantize`",
            )
        return [self._write(kinds[name], path) for name, path in paths.items()]

    def _write(self, kind: Format, path: Path) -> Exported:
        exported: list[Exported] = []
        report_path = path.with_name(f"{path.name}.gate.json")

        def write(temporary: Path) -> None:
            kind.write(self.served, temporary)
            proof, same = self._prove(kind, temporary)
            status = self._status(kind, same)
            stamp = self._metadata(kind, proof, status)
            kind.stamp(temporary, stamp)
            differences = self._compare(kind, temporary, proof)
            exported.append(
                Exported(kind.name, path, tuple(differences), proof.norms, proof.bound, status, report_path)
            )
            report = gate_report(
                exported[0], kind, temporary, stamp, self._certified, self._tolerance(kind), same=same
            )
            write_json(report_path, report)

        write_whole(path, write)
        return exported[0]

    @property
    def _certified(self) -> float:
        """What a file's own constant may be: the certificate's, or that of the trained weights proved alike."""
        certificate = self.source.certificate
        return max(self.proof.bound, certificate.lipschitz if certificate is not None else 0.0)

    def _prove(self, kind: Format, path: Path) -> tuple[Proof, bool]:
        """What is proved of the file's own weights, and whether they are the trained ones bit for bit."""
        graph, model = self.source.graph, self.served.model
        needed = list(needed_weights(graph).values())
        found = read_back(model, kind.weights(path), needed, rounds=kind.rounds)
        same = same_everywhere(found, model)
        weights: dict[str, NDArray[np.floating[Any]]] = {
            w.path: found[w.path].values if w.path in found else np.asarray(w) for w in self.plain.weights
        }
        # The same bits have the same proof.
        proof = self.proof if same else prove(self.plain, graph, weights, rounded=kind.rounds)
        if not kind.rounds:
            check_norms(list(proof.norms))
            check_bound(kind.name, proof.bound, self._certified, same=same)
        if self.constants is not None and not self._radius_holds(found, proof):
            raise RefusedError(
                f"the converter to {kind.name} changed what the radius rests on: nothing was exported",
                "export it without `--with-radius`, or in another format",
            )
        return proof, same

    def _radius_holds(self, found: Mapping[str, ReadBack], proof: Proof) -> bool:
        """Whether the radius in the file is computed from constants that its own weights keep."""
        assert self.constants is not None
        plain = {weight.path for weight in self.plain.weights}
        table = [weight.path for weight in self.served.model.weights if weight.path not in plain]
        return all(path in found and found[path].same for path in table) and self.constants.covers(
            radius_constants(proof)
        )

    def _status(self, kind: Format, same: bool) -> str:
        if self.source.voided_by or (kind.rounds and self.options.quantize == "int8"):
            return VOID
        if not same:
            return REDERIVED
        return COVERED if self.source.certificate is not None else NONE

    def _tolerance(self, kind: Format) -> float:
        return self.options.rounded_tolerance if kind.rounds else OUTPUT_TOLERANCE

    def _compare(self, kind: Format, path: Path, proof: Proof) -> list[Difference]:
        def exported(inputs: Samples) -> Outputs:
            found = kind.predict(path, inputs)
            if self.options.with_radius:
                check_radii(kind.name, found, inputs, proof)
            return found

        return check_outputs(kind.name, exported, self.expected, self.probes, self._tolerance(kind))

    def _metadata(self, kind: Format, proof: Proof, status: str) -> dict[str, Any]:
        source, options = self.source, self.options
        certificate: dict[str, Any] = {"status": status}
        if source.certificate is not None:
            certificate["sha256"] = source.certificate.sha256
        if source.voided_by:
            certificate["silenced_rules"] = list(source.voided_by)
        elif status == VOID:
            certificate["reason"] = "the runtime rounds what passes between layers to 8 bits"
        return metadata(
            model=source.model.name,
            input_name=self.served.input,
            shape=self.served.input_shape[1:],
            units=source.units,
            preprocessing=(),
            outputs=self.served.outputs,
            classes=source.classes,
            promised=source.graph.lipschitz,
            proved=None if status == VOID else proof.bound,
            certificate=certificate,
            quantization=options.quantize if kind.rounds else "none",
            semantics=options.semantics if options.with_radius else None,
        )


def _output_names(graph: Graph, task: str) -> tuple[str, ...]:
    """`logits` or `values`; the nodes' own names where there are several outputs."""
    if len(graph.outputs) > 1:
        return graph.outputs
    return ("values",) if task == "regression" else ("logits",)


def export_path(output: Path, format_name: str, model_name: str, *, alone: bool) -> Path:
    """Where an export of a format goes.

    Raises:
        UnusableError: The output has the ending of another format.
    """
    suffix = FORMATS[format_name].suffix
    if alone and (output.suffix == suffix or not suffix) and not (suffix == "" and output.is_dir()):
        return output
    if alone and suffix and output.suffix and not output.is_dir():
        raise UnusableError(
            f"{output}: a `{format_name}` export ends in `{suffix}`", f"name it `{output.stem}{suffix}`"
        )
    return output / (f"{model_name}{suffix}" if suffix else f"{model_name}_{format_name}")
