"""Proving every number of a certificate again, step by step."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.verifier import fields, statement
from lipbuild.verifier.columns import check_columns
from lipbuild.verifier.composition import steps_that_fail
from lipbuild.verifier.configuration import model_of
from lipbuild.verifier.digests import array_digest, config_digest, weights_digest
from lipbuild.verifier.errors import OwnLayersError, RefusedError, UnreadableError
from lipbuild.verifier.floats import U32, U, at_most
from lipbuild.verifier.forward import served_error
from lipbuild.verifier.kinds import KINDS
from lipbuild.verifier.model import Model
from lipbuild.verifier.model_file import DESCRIPTION, read_described, read_model
from lipbuild.verifier.nodes import Node, Shape
from lipbuild.verifier.radii import Head, check_accuracy, check_attacks, check_radii, head_of, logits_of
from lipbuild.verifier.spans import span_at_most
from lipbuild.verifier.statement import digests_of, number, numbers, part, predicate_of, rows_of, same
from lipbuild.verifier.tolerance import check_kept, check_tolerance
from lipbuild.verifier.verdict import Failure, Verdict

# What a rule needs to know.
_HINTS = {"frequencies": {"grid", "twist"}, "axes": {"axes"}}


class Checking:
    """What has been found so far."""

    # What another digest means.
    about = "the certificate is about another model"

    def __init__(self, exact: bool) -> None:
        self.level = {"level": "exact"} if exact else {}
        self.known: dict[tuple[Any, ...], bool] = {}
        self.failures: list[Failure] = []
        self.checked: list[str] = []
        self.unchecked: list[str] = []
        self.believed: list[str] = []
        self.done: set[str] = set()
        self.skipped: set[str] = set()

    @contextmanager
    def step(self, name: str, words: str = "") -> Iterator[None]:
        """A part of the check, which is done where nothing has failed by its end."""
        yield
        if not self.failures:
            self.done.add(name)
            self.checked += [words] if words else []

    @contextmanager
    def following(self) -> Iterator[None]:
        """Whatever goes wrong on the way, nothing is proved."""
        try:
            with np.errstate(all="ignore"):
                yield
        except RefusedError as error:
            self.fail(error.where, error.message)
        except (ArithmeticError, ValueError, TypeError, LookupError, AttributeError, MemoryError) as error:
            self.fail("certificate", f"cannot be followed: {error!r:.200}")

    def verdict(self, certificate: Any, noted: tuple[str, ...]) -> Verdict:
        """What came of it."""
        return Verdict(
            tuple(self.failures),
            tuple(self.checked),
            tuple(self.unchecked),
            noted,
            tuple(self.believed),
            fields.treatments(certificate, self.done) if certificate is not None else {},
        )

    def certificate(
        self, path: Path, certificate: Any, inputs: np.ndarray | None, labels: np.ndarray | None
    ) -> None:
        """A certificate of a `.keras` file."""
        with self.step(fields.FORM):
            predicate = predicate_of(certificate)
        try:
            config, weights = read_model(path)
        except OwnLayersError as error:
            raise UnreadableError(f"{error}: give {statement.file_of(predicate)!r}") from error
        if read_described(path) is not None:
            self.unchecked.append(f"`{DESCRIPTION}`: what an export says of itself is as stated")
        with self.step(fields.SUBJECT, "the digests of the configuration and the weights"):
            self.subject(
                certificate, {"config.json": config_digest(config), "weights": weights_digest(weights)}
            )
        model = model_of(config, weights)
        gains, constants = self.proofs(model, predicate)
        if "samples" in predicate:
            self.samples(model, predicate, gains, constants, inputs, labels)

    def proofs(self, model: Model, predicate: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, float]]:
        """The stated constants of operations and of nodes, each proved again."""
        with self.step(fields.GRAPH):
            self.graph(model, predicate)
        with self.step(fields.GAINS):
            gains = self.gains(model, predicate)
        with self.step(fields.CONSTANTS, f"the constants of {len(model.nodes)} nodes and that of the whole"):
            constants, spans = self.constants(model, predicate, gains)
        exact = bool(self.level) or predicate.get("level") == "exact"
        how = ", in integers" if exact else ""
        if "columns" in predicate:
            with self.step(fields.COLUMNS, f"how far the outputs move with one column{how}"):
                check_columns(model, gains, spans, predicate, exact=exact)
        if "tolerance" in predicate:
            with self.step(fields.TOLERANCE, f"how far the outputs move within the tolerances{how}"):
                check_tolerance(model, gains, spans, predicate, exact=exact)
        return gains, constants

    def all_fields(self, certificate: Mapping[str, Any]) -> None:
        """Nothing is stated that no step has reached, unless it is said that it was not looked at."""
        left = fields.unreached(certificate, self.done | self.skipped)
        if left and not self.failures:
            self.fail(left[0], "is stated where nothing needs it, and was not looked at")

    def subject(self, certificate: Mapping[str, Any], digests: Mapping[str, str]) -> None:
        """It is about what has these digests."""
        stated = digests_of(certificate)
        if stated.keys() != digests.keys():
            raise RefusedError("subject", f"names {sorted(stated)}; {sorted(digests)} are looked at")
        for name, digest in digests.items():
            if stated[name] != digest:
                raise RefusedError(name, f"has another digest: {self.about}")

    def graph(self, model: Model, predicate: Mapping[str, Any]) -> None:
        """The stated nodes are those of the model."""
        rows = predicate.get("nodes")
        if not isinstance(rows, list) or len(rows) != len(model.nodes):
            raise RefusedError("nodes", f"the model has {len(model.nodes)}, and other nodes are stated")
        for node, row in zip(model.nodes.values(), rows, strict=True):
            found = {
                "name": node.name,
                "kind": node.kind,
                "inputs": list(node.inputs),
                "shape": list(model.shapes[node.name]),
            }
            if not isinstance(row, Mapping) or any(not same(row.get(k), v) for k, v in found.items()):
                raise RefusedError(node.name, f"is in the model {found}")
        if predicate.get("output") != model.output:
            raise RefusedError("output", f"is {model.output!r} in the model")

    def gains(self, model: Model, predicate: Mapping[str, Any]) -> dict[str, float]:
        """The stated constant of each operation on one input, each of which is proved."""
        gains, levels = {}, set()
        for node, row in list(zip(model.nodes.values(), predicate["nodes"], strict=True))[1:]:
            if KINDS[node.kind].arity is None or len(node.inputs) > 1:
                if not row.keys() <= {"name", "kind", "inputs", "shape", "constant"}:
                    self.fail(node.name, "has a bound of its own, which what merges nodes has not")
                continue
            upper, lower = number(row, "upper", node.name), number(row, "lower", node.name)
            gains[node.name] = upper
            levels.add(self.row_level(node, row))
            proof = self.proof(row, node.name, KINDS[node.kind].rules)
            if not self.proved(node, model.read_by(node), upper, {**proof, **self.level}):
                self.fail(
                    node.name, f"its constant is not proved to be at most {upper:.17g} by {row.get('rule')!r}"
                )
            if not at_most(lower, upper):
                self.fail(
                    node.name, f"is said to have the gain {lower:.17g}, above its bound of {upper:.17g}"
                )
        for row in rows_of(predicate, "spans"):
            norms = {key: row[key] for key in ("through", "wrong") if key in row}
            if len(norms) != (2 if row.get("rule") == "residual block" else 0):
                self.fail(str(row.get("to")), f"states {sorted(norms)} for the rule {row.get('rule')!r:.60}")
            # A span is proved in floats; a norm in it may be proved in integers, but for what is added to it.
            self.check_span(str(row.get("to")), row, "float64")
            for inner in norms.values():
                self.check_span(str(row.get("to")), inner, "float64", "exact")
            levels.add("float64")
        if predicate.get("level") != ("exact" if levels <= {"exact"} else "float64"):
            self.fail(
                "level", f"is stated as {predicate.get('level')!r}, and those of the nodes are {levels}"
            )
        return gains

    def proved(self, node: Node, shapes: Sequence[Shape], upper: float, proof: Mapping[str, Any]) -> bool:
        """Whether a node's constant is at most what is stated; asked once for a layer that is called several times."""
        key = (node.key(), tuple(shapes), upper, json.dumps(dict(proof), sort_keys=True))
        if key not in self.known:
            self.known[key] = bool(KINDS[node.kind].at_most(node, shapes, upper, proof))
        return self.known[key]

    def proof(self, row: Mapping[str, Any], where: str, rules: Collection[str]) -> dict[str, Any]:
        """The rule of a bound and its hints, and nothing that the rule does not need."""
        rule = row.get("rule")
        if not isinstance(rule, str) or rule not in rules:
            self.fail(where, f"names the rule {rule!r:.60}; {', '.join(sorted(rules))} can be checked")
        hints = {key: row[key] for key in ("grid", "twist", "axes") if key in row}
        if hints.keys() != _HINTS.get(str(rule), set()):
            self.fail(where, f"gives the hints {sorted(hints)} to the rule {rule!r:.60}")
        return {"rule": rule, "level": row.get("level"), **hints}

    def check_span(self, where: str, proof: Any, *levels: str) -> None:
        """A span, or a norm in it, is of a level that it may have, and no gain is above its bound."""
        if not isinstance(proof, Mapping):
            raise RefusedError(where, "has a proof that is none")
        if proof.get("level") not in levels:
            self.fail(where, f"is said to be of the level {proof.get('level')!r:.60}, which it is not")
        self.proof(proof, where, [str(proof.get("rule"))])
        if not at_most(number(proof, "lower", where), number(proof, "upper", where)):
            self.fail(where, "is said to have a gain above its bound")

    def row_level(self, node: Node, row: Mapping[str, Any]) -> str:
        """How a node's constant is said to be proved; what is said to be exact is proved in integers here too."""
        level, rounded = str(row.get("level")), "factor_error" in node.options
        if level not in ("exact", "float64") or (level == "exact" and rounded):
            self.fail(node.name, f"is said to be of the level {level!r}, which it is not")
        if rounded and self.level:
            self.unchecked.append(f"`{node.name}` in integers: its numbers are rounded")
        return level

    def constants(
        self, model: Model, predicate: Mapping[str, Any], gains: Mapping[str, float]
    ) -> tuple[dict[str, float], list[tuple[str, str, float]]]:
        """The stated constant of each node with respect to the input, each of which follows; and the proved spans."""
        constants = {row["name"]: number(row, "constant", row["name"]) for row in predicate["nodes"]}
        source = part(predicate, "input", "input")
        if not same(source.get("shape"), list(model.shapes[model.input.name])):
            raise RefusedError("input", "is stated with another shape")
        if not at_most(1.0, constants[model.input.name]):
            self.fail(model.input.name, "is the input, whose constant is 1, and less is stated")
        spans: list[tuple[str, str, float]] = []
        # Slopes rest on the other spans.
        for row in sorted(rows_of(predicate, "spans"), key=lambda row: row.get("rule") == "slopes"):
            ends = (str(row.get("from")), str(row.get("to")))
            if not span_at_most(model, gains, *ends, row, spans):
                self.fail(ends[1], f"its constant from {ends[0]!r} is not proved to be as stated")
            spans.append((*ends, number(row, "upper", "spans")))
        exact = {name: Fraction(value) for name, value in constants.items()}
        steps = steps_that_fail(
            model,
            exact,
            {name: Fraction(value) for name, value in gains.items()},
            [(source, target, Fraction(upper)) for source, target, upper in spans],
        )
        for name in steps:
            self.fail(name, f"states the constant {constants[name]:.17g}, and its inputs imply more")
        if not at_most(constants[model.output], number(predicate, "lipschitz", "lipschitz")):
            self.fail("lipschitz", f"is less than that of the output, {constants[model.output]:.17g}")
        return constants, spans

    def samples(
        self,
        model: Model,
        predicate: Mapping[str, Any],
        gains: Mapping[str, float],
        constants: Mapping[str, float],
        inputs: np.ndarray | None,
        labels: np.ndarray | None,
    ) -> None:
        """What is stated of samples."""
        with self.step(fields.HEAD, "the head and the rounding errors"):
            head, served = self.head(model, predicate, gains, constants)
        samples = part(predicate, "samples", "samples")
        if inputs is None:
            self.believed.append("the radii are as stated: their data was not given")
            self.skipped |= {fields.RADII, fields.ATTACKS, fields.ACCURACY, fields.KEPT}
            return
        if inputs.dtype != np.float32:
            raise RefusedError("samples", f"the data is {inputs.dtype.name}; the model reads float32")
        fits = inputs.size > 0 and inputs.shape[1:] == model.shapes[model.input.name]
        if not fits or samples.get("inputs") != array_digest(inputs):
            raise RefusedError("samples", "the radii are about other data")
        if not np.isfinite(inputs).all():
            raise RefusedError("samples", "a sample holds a value that is NaN or infinite")
        with self.step(fields.RADII, f"the radii of {len(inputs)} samples"):
            logits = logits_of(model, gains, inputs)
            classes = check_radii(model, predicate, head, constants, served, inputs, logits)
        if "within_tolerance" in samples:
            with self.step(fields.KEPT, "which samples keep their class within the tolerances"):
                check_kept(predicate, head.distances, *logits)
        count = len(rows_of(predicate, "attacks"))
        with self.step(fields.ATTACKS, f"that {count} attacks lie outside the radii" if count else ""):
            check_attacks(predicate, numbers(samples, "radii", "samples", (len(inputs),)))
        if "labels" in samples and labels is None:
            self.believed.append("the accuracy is as stated: its labels were not given")
            self.skipped.add(fields.ACCURACY)
            return
        with self.step(fields.ACCURACY, "the accuracy" if "labels" in samples else ""):
            check_accuracy(samples, classes, labels)

    def head(
        self,
        model: Model,
        predicate: Mapping[str, Any],
        gains: Mapping[str, float],
        constants: Mapping[str, float],
    ) -> tuple[Head, float | None]:
        """The head, and the error of float32 where the radii are of that."""
        head = head_of(model, part(predicate, "head", "head"), constants)
        inference = part(predicate, "inference", "inference")
        semantics, norm = inference.get("semantics"), number(inference, "input_norm", "inference")
        if semantics not in ("real", "float32", "guarded"):
            raise RefusedError("inference", f"states the semantics {semantics!r}, which are not known")
        errors = {}
        for name, unit in (("float64", U), ("float32", U32)):
            # Infinity states nothing, and no radius of float32 follows from it.
            stated = number(part(inference, "error", "inference"), name, "inference", infinite=True)
            errors[name] = stated
            if not (math.isinf(stated) or at_most(served_error(model, gains, norm, unit), stated)):
                raise RefusedError(
                    "inference", f"the error of {name} is not proved to be at most {errors[name]:.3g}"
                )
        return head, errors["float32"] if semantics == "float32" else None

    def fail(self, where: str, message: str) -> None:
        """Note what could not be proved again."""
        self.failures.append(Failure(where, message))
