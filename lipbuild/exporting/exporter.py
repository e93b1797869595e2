"""One network on its way to several formats."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.building.optimized import optimized_model
from lipbuild.certifying.inference import forward
from lipbuild.certifying.stated_columns import state_columns
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.errors import RefusedError
from lipbuild.exporting.exported import Exported
from lipbuild.exporting.form import Form
from lipbuild.exporting.format import Format, run_keras
from lipbuild.exporting.gate import (
    NORM_TOLERANCE,
    RESOLUTION,
    Difference,
    Limits,
    absolute_limits,
    check_bound,
    check_norms,
    check_outputs,
    check_plain,
    float32_limits,
)
from lipbuild.exporting.gate_report import gate_report
from lipbuild.exporting.hostile import at_boundary, hostile
from lipbuild.exporting.interval_head import with_intervals
from lipbuild.exporting.kind import Kind
from lipbuild.exporting.metadata import (
    COVERED,
    NONE,
    PARTIAL,
    REDERIVED,
    VOID,
    columns_metadata,
    metadata,
    radius_metadata,
)
from lipbuild.exporting.options import ExportOptions
from lipbuild.exporting.probes import Samples, probes
from lipbuild.exporting.proof import Proof, prove
from lipbuild.exporting.radius_check import check_certified, check_intervals, check_radii
from lipbuild.exporting.radius_constants import RadiusConstants, radius_constants, scaling_layer
from lipbuild.exporting.radius_head import with_radius
from lipbuild.exporting.read_back import ReadBack, read_back
from lipbuild.exporting.served import Served
from lipbuild.exporting.source import Source
from lipbuild.exporting.statement import VERIFIED, Statement, statement_of
from lipbuild.guard.promises import Weights, layers_with_kernels, needed_weights, weights_of
from lipbuild.runtimes.compiled import compiled_model
from lipbuild.runtimes.runtime import Outputs, Predict
from lipbuild.runtimes.self_test import inputs_of_test, self_test
from lipbuild.training.files import write_files, write_json
from lipbuild.verifier.exports.files import files_digest, has_files_digest
from lipbuild.verifier.verify import verify_export

# What the errors in a radius are multiplied by, for what formats make of operations: means are sums and products there.
# Where a small network has scales, each of which becomes several operations, the first is not enough.
_ERRORS = (1.0 + 2.0**-4, 4.0)
# How many samples of each kind kernels are given that are slow, and how many products these may take.
_ROWS, _PRODUCTS = 32, 4e9


class Exporter:
    """Writes one network, and lets each file appear only after it has passed the gate.

    Args:
        source: The network and where it is from.
        options: How it is exported.
        proof: What is proved of its plain form.

    Raises:
        RefusedError: It cannot compute the radius asked for, or its plain form computes something else.
    """

    def __init__(self, source: Source, options: ExportOptions, proof: Proof) -> None:
        self.source = source
        self.plain = plain = source.plain
        self.options = options
        self.weights: Weights = weights_of(plain)
        self.proof = proof
        self._tests: dict[Served, dict[str, Any]] = {}
        self.exact = self._with_radius() if options.with_radius else Form(Served(plain, source.outputs))
        self.probes = probes(source.inputs)
        self.expected: dict[str, Outputs] = {
            kind: run_keras(plain, x, source.outputs) for kind, x in self.probes.items()
        }
        trained = {kind: run_keras(source.model, x, source.outputs) for kind, x in self.probes.items()}
        kernels = len({node.name for node in layers_with_kernels(source.graph, self.weights).values()})
        check_plain(self.expected, trained, self.probes, source.graph.lipschitz, kernels)

    def write(self, kind: Format, path: Path) -> Exported:
        """Write one file.

        Its kernels are folded where the format is for serving; should such a file not pass, it is written
        without.

        Raises:
            RefusedError: It did not pass.
            UnusableError: It cannot be written, or a package is not installed.
        """
        if self.options.with_radius and self._in_integers(kind):
            raise RefusedError(
                "a file with 8-bit weights cannot compute a radius: its arithmetic has no proved error",
                "leave out `--with-radius`, or use `--quantize float16`",
            )
        if kind.absolute is not None and self.options.optimize and not self.options.with_radius:
            fast = optimized_model(self.source.model, self.source.graph, self.plain, kind.absolute)
            if fast.folds:
                with suppress(RefusedError):
                    return self._write(kind, path, Form(Served(fast.model, self.source.outputs), fast))
        if not self.options.with_radius:
            return self._write(kind, path, self.exact)
        with suppress(RefusedError):
            return self._write(kind, path, self.exact)
        *others, last = self._other_forms
        for form in others:
            with suppress(RefusedError):
                return self._write(kind, path, form)
        return self._write(kind, path, last)

    @cached_property
    def _other_forms(self) -> list[Form]:
        """What a file with a radius can hold else, where a format makes something of the first that does not verify."""
        assert self.exact.constants is not None
        scaled = [self._with_radius(_ERRORS[-1])] if self.exact.constants.measured is not None else []
        return [*scaled, self._with_radius(scaled=False), self._with_radius(_ERRORS[-1], scaled=False)]

    def _write(self, kind: Format, path: Path, form: Form) -> Exported:
        exported: list[Exported] = []
        first = form
        report = f"{path.name}.gate.json"
        limits = self.limits(kind)

        def write(folder: Path) -> None:
            temporary = folder / path.name
            form = first
            kind.write(form.served, temporary)
            if kind.rounds and form.constants is not None:
                form = self._of_rounded(kind, temporary, form, form.constants)
                kind.write(form.served, temporary)
            proof, same = self._prove(kind, temporary, form)
            status = self._status(kind, same)
            statement = self._stated(kind, temporary, form, proof, same=same)
            bound = statement.lipschitz or proof.bound
            tested = self._self_test(kind, form, temporary)
            stamp = self._metadata(kind, form, proof, bound, status, statement, tested)
            kind.stamp(temporary, stamp)
            differences = tuple(self._compare(kind, temporary, proof, limits))
            if statement.statement is not None and status != VOID:
                self._verify(kind, temporary, statement)
            made = Exported(kind.name, path, differences, proof.norms, bound, status, path.with_name(report))
            found = gate_report(
                *(made, kind, temporary, stamp, self.certified, float(limits["real"].max())),
                self.besides(kind),
                same=same,
            )
            write_json(folder / report, found)
            exported.append(made)

        write_files(path.parent, write)
        return exported[0]

    @property
    def certified(self) -> float:
        """What a file's own constant may be: the certificate's, or that of the trained weights."""
        certificate = self.source.certificate
        if certificate is None or self.source.prepared:
            return self.proof.bound
        return max(self.proof.bound, certificate.lipschitz)

    def _prove(self, kind: Format, path: Path, form: Form) -> tuple[Proof, bool]:
        """What is proved of the file's own weights, and whether they are the trained ones bit for bit."""
        found = self._found(kind, path, form)
        same = form.holds_the_same(found)
        # The same bits have the same proof.
        proof = self.proof
        if not same:
            weights = form.plain_weights(found, self.weights)
            proof = prove(self.plain, self.source.graph, weights)
        if not kind.rounds:
            check_norms(proof.norms)
            check_bound(kind.name, proof.bound, self.certified, same=same)
        if form.constants is not None and not self._radius_holds(form, form.constants, found, proof):
            raise RefusedError(
                f"the converter to {kind.name} changed what the radius rests on: nothing was exported",
                "export it without `--with-radius`, or in another format",
            )
        return proof, same

    def _found(self, kind: Format, path: Path, form: Form) -> dict[str, ReadBack]:
        needed = needed_weights(self.weights)
        return read_back(form.served.model, kind.weights(path), needed, rounds=kind.rounds)

    def _of_rounded(self, kind: Format, path: Path, form: Form, constants: RadiusConstants) -> Form:
        """A form whose radius is computed from what is proved of the rounded weights in its file."""
        weights = form.plain_weights(self._found(kind, path, form), self.weights)
        proof = prove(self.plain, self.source.graph, weights)
        return self._computing(radius_constants(proof, self.tolerances, constants.measured), form.errors)

    def _stated(self, kind: Format, path: Path, form: Form, proof: Proof, *, same: bool) -> Statement:
        """What is proved of the file as the verifier reads it; of the trained bits what is proved of those.

        Raises:
            RefusedError: More than is certified, or nothing of kernels that were folded.
        """
        if proof.certified is None or self._in_integers(kind) or kind.name not in VERIFIED:
            reason = proof.unread or "the verifier does not read files of this kind"
            return Statement({"files": files_digest(path)} if has_files_digest(path) else {}, None, reason)
        moves = () if self.source.prepared else self.source.moves
        statement = statement_of(path, dict.fromkeys(form.served.outputs, ""), moves, self.tolerances)
        own = statement.lipschitz
        if own is None:
            if form.optimized is not None:
                raise RefusedError(
                    f"the {kind.name} export could not be verified: {statement.reason}: nothing was exported",
                    "export it with `--no-optimize`",
                )
            return statement
        if not kind.rounds:
            check_bound(kind.name, own, self.certified, same=False)
        # Identical weights carry one constant, whatever a format makes of the operations.
        return statement.raised(self.certified) if same and own <= self.certified else statement

    def _verify(self, kind: Format, path: Path, statement: Statement) -> None:
        """Let a file through that the verifier accepts, and that computes what the verifier has read.

        Raises:
            RefusedError: It does not.
        """
        failures = verify_export(path).failures
        if failures:
            raise RefusedError(
                f"the {kind.name} export is not verified: {failures[0].where}: {failures[0].message}: nothing was "
                "exported",
                "export it in another format, and report it please",
            )
        network, [result] = statement.network, self.source.outputs
        assert network is not None
        few = {inputs: samples[: self._rows] for inputs, samples in self.probes.items()}
        expected = {inputs: {result: found[result][: self._rows]} for inputs, found in self.expected.items()}
        limits = {inputs: limit[: self._rows] for inputs, limit in self.limits(kind).items()}

        def read(inputs: Samples) -> Outputs:
            return {result: forward(network, inputs)}

        check_outputs(f"{kind.name} (as it is verified)", read, expected, few, limits)

    @property
    def tolerances(self) -> tuple[Tolerance, ...]:
        """By how much columns may be off, if the file takes columns: none of what preprocessing makes of them."""
        return self.source.tolerances if self.source.moves and not self.source.prepared else ()

    def _with_radius(self, errors: float = _ERRORS[0], *, scaled: bool = True) -> Form:
        if self.source.voided_by:
            raise RefusedError(
                "no radius can be computed in a network whose config silences "
                + ", ".join(f"`{rule}`" for rule in self.source.voided_by),
                "fix what the rule found, and train again",
            )
        task, semantics = self.source.task, self.options.semantics
        # Of classes in float32 the distance of another input is itself computed, and added to the norm.
        scaled = scaled and (task == "regression" or semantics == "real")
        measured = scaling_layer(self.plain) if scaled else None
        return self._computing(radius_constants(self.proof, self.tolerances, measured), errors)

    def _computing(self, constants: RadiusConstants, errors: float) -> Form:
        """The network with its radius, or its intervals."""
        constants = constants.widened(NORM_TOLERANCE, errors)
        task, semantics, radius = self.source.task, self.options.semantics, self.source.radius
        if task == "regression" and radius is not None:
            model = with_intervals(self.plain, constants, radius=radius, semantics=semantics)
        else:
            model = with_radius(self.plain, constants, task=task, semantics=semantics)
        exact = frozenset(w.path for w in model.weights if w.path not in self.weights)
        return Form(Served(model, tuple(model.output), exact), constants=constants, errors=errors)

    def _radius_holds(
        self, form: Form, constants: RadiusConstants, found: Mapping[str, ReadBack], proof: Proof
    ) -> bool:
        """Whether the radius in the file is computed from constants that its own weights keep."""
        return all(path in found and found[path].same for path in form.served.exact) and constants.covers(
            radius_constants(proof, self.tolerances, constants.measured)
        )

    def _status(self, kind: Kind, same: bool) -> str:
        if self.source.voided_by or self._in_integers(kind):
            return VOID
        if self.proof.certified is None:
            return VOID
        if self.source.certificate is None:
            return NONE
        if not same:
            return REDERIVED
        return PARTIAL if self.source.prepared else COVERED

    def _in_integers(self, kind: Kind) -> bool:
        """Whether what runs a file of a kind computes with numbers of 8 bits."""
        return kind.rounds and self.options.quantize == "int8"

    @property
    def _asked(self) -> float | None:
        """The difference that is asked for where weights are not rounded."""
        return self.options.tolerance if self.options.quantize == "none" else None

    def besides(self, kind: Kind) -> str:
        """By what else than the tolerance outputs may differ, in words."""
        if kind.rounds or self.proof.certified is None:
            return ""
        return RESOLUTION if self._asked is None else f"on random and extreme inputs {RESOLUTION}"

    def limits(self, kind: Kind) -> Limits:
        """The greatest difference that passes: less on the data if the options say so.

        Raises:
            RefusedError: More is asked for than rounding can explain.
        """
        if kind.rounds:
            return absolute_limits(self.probes, self.options.rounded_tolerance)
        certified = self.proof.certified
        limits = dict(
            float32_limits(
                self.probes, self.expected, certified.error32_within if certified is not None else None
            )
        )
        asked = self._asked
        if asked is None:
            return limits
        allowed = float(limits["real"].max())
        if asked > allowed:
            raise RefusedError(
                f"a tolerance of {asked:g} is asked for, and {allowed:.3g} is the most for outputs of this size where "
                "weights are not rounded",
                "leave out `--tolerance`",
            )
        return limits | {name: np.minimum(limits[name], asked) for name in ("real", "one")}

    def _compare(self, kind: Format, path: Path, proof: Proof, limits: Limits) -> list[Difference]:
        """How the file's outputs compare in its runtime, and on a part of the inputs in its other kernels."""
        semantics = self.options.semantics

        def checked(name: str, predict: Predict) -> Predict:
            def run(inputs: Samples) -> Outputs:
                found = predict(inputs)
                if self.options.with_radius and self.source.task == "regression":
                    check_intervals(name, found, inputs, proof, self.source.radius or 0.0, self.tolerances)
                elif self.options.with_radius:
                    check_radii(name, found, inputs, proof, semantics, self.tolerances)
                return found

            return run

        run = checked(kind.name, kind.load(path))
        differences = check_outputs(kind.name, run, self.expected, self.probes, limits)
        few = {inputs: samples[: self._rows] for inputs, samples in self.probes.items()}
        allowed = {inputs: limit[: self._rows] for inputs, limit in limits.items()}
        expected = {
            inputs: {output: values[: self._rows] for output, values in outputs.items()}
            for inputs, outputs in self.expected.items()
        }
        runs = {kind.name: run}
        for name, predict in kind.other_kernels(path).items():
            runs[name] = checked(f"{kind.name} ({name})", predict)
            check_outputs(f"{kind.name} ({name})", runs[name], expected, few, allowed)
        for name, one in runs.items() if self.options.with_radius else ():
            check_certified(name, one(few["real"]))
            one(self._hostile)
        return differences

    @property
    def _rows(self) -> int:
        """How many samples of each kind are given to kernels that are slow."""
        certified = self.proof.certified
        products = certified.products if certified is not None else 0.0
        return int(max(1, min(_ROWS, _PRODUCTS // max(products, 1.0))))

    @cached_property
    def _hostile(self) -> Samples:
        """Inputs that are not numbers, extreme, or beside a boundary between classes."""
        model, names, real = self.exact.served.model, self.exact.served.outputs, self.probes["real"]
        if "label" not in names:
            return hostile(real)
        beside = at_boundary(compiled_model(model, names), real[:_ROWS])
        return np.concatenate([hostile(real), beside[:: max(1, _ROWS // self._rows)]])

    def described(self, kind: Kind) -> dict[str, Any]:
        """What a file of a format would say of itself, with the trained bits in it."""
        return self._metadata(
            *(kind, self.exact, self.proof, self.certified, self._status(kind, True), Statement({}, None)),
            self._self_test(kind, self.exact),
        )

    def _self_test(self, kind: Kind, form: Form, path: Path | None = None) -> dict[str, Any] | None:
        """The answers of the trained weights; of rounded ones what the file answers itself."""
        shape = self.source.inputs.shape[1:]
        if self._in_integers(kind):
            return None
        if kind.rounds and path is not None:
            return self_test(shape, kind.load(path)(inputs_of_test(shape)))
        served = form.served if form.constants is not None else self.exact.served
        if served not in self._tests:
            answers = run_keras(served.model, inputs_of_test(shape), served.outputs)
            self._tests[served] = self_test(shape, answers)
        return self._tests[served]

    def _columns(self, proof: Proof, status: str, statement: Statement) -> dict[str, Any]:
        """What is proved of single columns from a file's own weights; nothing where it takes what is preprocessed."""
        source, certified = self.source, proof.certified
        if status == VOID or certified is None or source.prepared or not source.moves:
            return {}
        stated = statement.statement
        if stated is None:
            predicate: dict[str, Any] = {
                "columns": state_columns(certified.network, certified.gains, certified.spans, source.moves)
            }
            if source.tolerances:
                predicate["tolerance"] = certified.within(source.tolerances).as_statement()
        else:
            predicate = stated["predicate"]
        return columns_metadata(predicate)

    def _metadata(
        self,
        kind: Kind,
        form: Form,
        proof: Proof,
        bound: float,
        status: str,
        statement: Statement,
        tested: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        source, options = self.source, self.options
        certificate: dict[str, Any] = {"status": status}
        if source.certificate is not None:
            certificate["sha256"] = source.certificate.sha256
        if source.voided_by:
            certificate["silenced_rules"] = list(source.voided_by)
        elif status == VOID:
            rounded = "the runtime rounds what passes between layers to 8 bits"
            certificate["reason"] = self.proof.unread or rounded
        if statement.reason and status != VOID:
            certificate["not_verified"] = statement.reason
        return metadata(
            model=source.model.name,
            input_name=form.served.input,
            shape=form.served.input_shape[1:],
            batch=kind.batch,
            units=source.units,
            columns=source.columns,
            images=source.images,
            targets=source.targets,
            preprocessing=source.preprocessing,
            prepared=source.prepared,
            outputs=form.served.outputs,
            classes=source.classes,
            promised=source.graph.lipschitz,
            proved=None if status == VOID else bound,
            columns_proved=self._columns(proof, status, statement),
            certificate=certificate,
            quantization=options.quantize if kind.rounds else "none",
            radius=radius_metadata(options.semantics, source.radius if source.task == "regression" else None)
            if options.with_radius
            else None,
            optimized=form.optimized is not None,
            self_test=tested,
            data_contract=source.contract.described if source.contract is not None else None,
            digests=statement.digests,
            statement=None if status == VOID else statement.statement,
        )
