"""Forge certificates, and count which of them the verifier accepts: none may state less than was measured.

    python -m tests.benchmarks.forge_certificates --count 100000 --seconds 3600

Each forgery starts from a certificate that holds. What is accepted is judged by measuring (`measured_truths`). FALSE
is a constant below a gain that was found, a radius above the distance of an attack that was found, an error of rounding
below one that was seen, another accuracy, node or digest, or a model of which Keras makes another function. Prints the
counts for each field, and exits with 1 where one is false or the verifier ends in anything but a verdict.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import math
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from lipbuild.certifying.digests import array_digest, config_digest, weights_digest
from lipbuild.errors import RefusedError
from lipbuild.verifier import UnreadableError, Verdict, verify
from lipbuild.verifier import digests as verifier_digests
from lipbuild.verifier.configuration import model_of
from lipbuild.verifier.forward import run as run_verifier
from tests.benchmarks.forged_models import Original, originals
from tests.benchmarks.forgeries import Forgery, forge
from tests.benchmarks.measured_truths import ROOM, Truths, labels_of

MODULE = "lipbuild.verifier.checking"
# A change of the model or the data alone.
_ELSEWHERE = {
    "data, with renewed digests",
    "weights, with renewed digests",
    "the configuration, with renewed digests",
}


class InMemory:
    """The verifier, reading models that are given instead of files; what it derives from an unchanged one is kept."""

    def __init__(self) -> None:
        self.shown: Any = None
        self.unchanged = False
        self.kept: dict[Any, Any] = {}

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """While the verifier reads what it is shown."""
        replaced: dict[str, Callable[..., Any]] = {
            "read_model": lambda _path: self.shown,
            "read_described": lambda _path: None,
            "model_of": self._once(model_of),
            "config_digest": self._once(verifier_digests.config_digest),
            "weights_digest": self._once(verifier_digests.weights_digest),
        }
        with contextlib.ExitStack() as stack:
            for name, function in replaced.items():
                stack.enter_context(mock.patch(f"{MODULE}.{name}", function))
            yield

    def _once(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def kept(*arguments: Any) -> Any:
            if not self.unchanged:
                return function(*arguments)
            key = (function, *map(id, arguments))
            if key not in self.kept:
                # The arguments are kept as well, so that no other object gets their identity.
                self.kept[key] = function(*arguments), arguments
            return self.kept[key][0]

        return kept

    def verdict(self, forgery: Forgery, original: Original) -> Verdict | None:
        """The verdict, or None where the verifier says that it cannot read something."""
        self.unchanged = forgery.unchanged(original)
        self.shown = forgery.config, original.weights if self.unchanged else forgery.weights
        data: dict[str, Any] = {}
        predicate = forgery.statement.get("predicate")
        if isinstance(predicate, dict) and "samples" in predicate:
            data = {"inputs": forgery.x, "labels": forgery.y}
        try:
            return verify(Path("model.keras"), forgery.statement, **data)
        except UnreadableError:
            return None


class Judge:
    """What is known to be false of one model's certificates."""

    def __init__(self, original: Original, seed: int) -> None:
        self.original = original
        self.truths = Truths(original.config, original.weights, seed)
        self.seed = seed
        self.cached: dict[Any, Any] = {}
        assert not _otherwise(self.truths, original.model, original.x), original.name

    def falsehoods(self, forgery: Forgery) -> list[str]:
        """What an accepted certificate states that is not so."""
        if forgery.unchanged(self.original):
            return self._compared(forgery, self.truths, self.original.model)
        try:
            truths = Truths(forgery.config, forgery.weights, self.seed)
        except RefusedError as error:
            return [f"a model that the prover refuses: {error}"]
        # Other weights are read by the same layers, in the same way.
        same = forgery.config is self.original.config or self.original.model is None
        model = None if same else _built(forgery)
        return _otherwise(truths, model, self.original.x) + self._compared(forgery, truths, model)

    def _compared(self, forgery: Forgery, truths: Truths, model: Any) -> list[str]:
        predicate, found = forgery.predicate, []
        digests = {"config.json": config_digest(forgery.config), "weights": weights_digest(forgery.weights)}
        if {s["name"]: s["digest"]["sha256"] for s in forgery.statement["subject"]} != digests:
            found.append("subject")
        nodes = [(n.name, n.kind, list(n.inputs), list(truths.shapes[n.name])) for n in truths.network.nodes]
        stated = [(r["name"], r["kind"], r["inputs"], r["shape"]) for r in forgery.rows]
        if repr(stated) != repr(nodes) or predicate["output"] != truths.network.output:
            found.append("nodes")
        for row in forgery.rows:
            name = row["name"]
            if float.fromhex(row["constant"]) < truths.gains.get(name, 0.0) * ROOM:
                found.append(f"constant of {name}: {row['constant']} < {truths.gains[name].hex()}")
            if "upper" in row and float.fromhex(row["upper"]) < truths.own_gains.get(name, 0.0) * ROOM:
                found.append(f"upper of {name}: {row['upper']} < {truths.own_gains[name].hex()}")
        if float.fromhex(predicate["lipschitz"]) < truths.gains[truths.network.output] * ROOM:
            found.append("lipschitz")
        for span in predicate.get("spans", []):
            if float.fromhex(span["upper"]) < truths.span(span["from"], span["to"]) * ROOM:
                found.append(f"span {span['from']} to {span['to']}")
        found += self._columns(forgery, truths) + self._tolerance(forgery, truths)
        return found + (self._samples(forgery, truths, model) if "samples" in predicate else [])

    def _columns(self, forgery: Forgery, truths: Truths) -> list[str]:
        found = []
        for row in forgery.predicate.get("columns", []):
            direction = np.zeros(truths.shapes[truths.source])
            direction[row["places"][-1]] = 1.0
            if len(row["places"]) > 1:
                direction[row["places"][0]] = -1.0
            low, high = truths.moves(direction)
            least, greatest = (
                np.array([float.fromhex(end) for end in row[key]]) for key in ("least", "greatest")
            )
            room = (1.0 - ROOM) * (np.abs(low) + np.abs(high))
            if (low < least - room).any() or (high > greatest + room).any():
                found.append(f"column {row['places']}: {low}, {high} beyond {least}, {greatest}")
        return found

    def _tolerance(self, forgery: Forgery, truths: Truths) -> list[str]:
        stated = forgery.predicate.get("tolerance")
        if stated is None:
            return []
        sizes = np.array([float.fromhex(size) for size in stated["sizes"]])
        units = np.eye(truths.shapes[truths.source][0])[stated["places"]]
        moves = sizes[:, None] * units
        found = []
        box, ellipsoid, rest = (
            np.array([float.fromhex(v) for v in np.atleast_1d(stated[key])])
            for key in ("box", "ellipsoid", "rest")
        )
        last = truths.network.nodes[-1]
        # What the last layer reads moves by at most `rest`, so an output by that times the norm of its weights.
        after = (
            np.linalg.norm(last.arrays["kernel"], axis=0) if len(box) > 1 and last.kind == "dense" else 1.0
        )
        # What is within the box, and corners of it; of the ellipsoid the ends of its axes.
        for direction in (*moves, *(sign * moves[0] + moves[-1] for sign in (1, -1) if len(moves) > 1)):
            at_once = truths.at_once(direction)
            if (np.abs(at_once) > box / ROOM).any():
                found.append(f"box: {at_once} beyond {box}")
            if (at_once > after * rest / ROOM).any():
                found.append(f"rest: {at_once} beyond {after * rest}")
        for direction in moves:
            at_once = truths.at_once(direction)
            if (np.linalg.norm(at_once, axis=1) > ellipsoid / ROOM).any():
                found.append(f"ellipsoid: {at_once} beyond {ellipsoid}")
        kept = forgery.predicate.get("samples", {}).get("within_tolerance")
        if kept is not None:
            x = forgery.x.astype(np.float64)
            labels = labels_of(truths.logits(x))
            for direction in (*moves, *-moves):
                moved = np.asarray(kept) & (labels_of(truths.logits(x + direction)) != labels)
                if moved.any():
                    found.append("within_tolerance")
        return found

    def _samples(self, forgery: Forgery, truths: Truths, model: Any) -> list[str]:
        predicate, found = forgery.predicate, []
        samples, inference, x = predicate["samples"], predicate["inference"], forgery.x
        digest = array_digest(x)
        if samples["inputs"] != digest:
            return ["samples.inputs"]
        radii = np.array([float.fromhex(r) for r in samples["radii"]])
        attacks = self._kept((truths, "attacks", digest), lambda: truths.attacks(x))
        logits = self._kept((truths, "logits", digest), lambda: truths.logits(x))
        if len(radii) != len(x) or (radii > attacks * (1.0 + 1e-9)).any():
            found.append(f"radii: {radii} beyond {attacks}")
        if inference["semantics"] == "float32" and model is not None:
            served = self._kept((truths, "served", digest), lambda: np.asarray(model(x)))
            changed = ~np.isfinite(served).all(axis=1) | (labels_of(served) != labels_of(logits))
            if (radii[changed] > 0.0).any():
                found.append("radii where float32 has another label")
        if "labels" in samples:
            accuracy = float(np.mean(labels_of(logits) == forgery.y.ravel()))
            if samples["labels"] != array_digest(forgery.y) or samples.get("accuracy") != accuracy:
                found.append("accuracy")
        for attack in predicate.get("attacks", []):
            if float.fromhex(attack["distance"]) < radii[attack["sample"]]:
                found.append("attacks")
        norm, size = float.fromhex(inference["input_norm"]), float(np.linalg.norm(x.astype(np.float64)[0]))
        scaled = (x[:1] * (0.99 * norm / size)).astype(np.float32) if 0.0 < size < math.inf else x[:1]
        if np.isfinite(scaled).all():
            key = (truths, "errors", array_digest(scaled))
            for name, seen in self._kept(key, lambda: _errors(forgery, truths, model, scaled)).items():
                if float.fromhex(inference["error"][name]) < seen:
                    found.append(f"error of {name}: {inference['error'][name]} < {seen.hex()}")
        single = len(predicate["head"]["distances"]) == 1
        rest = float.fromhex(predicate["head"]["rest"])
        if single and rest < ROOM * truths.gains[truths.network.output]:
            found.append("head")
        return found

    def _kept(self, key: Any, found: Callable[[], Any]) -> Any:
        """What is measured of the original once for all."""
        with np.errstate(all="ignore"):
            if key[0] is not self.truths:
                return found()
            if key not in self.cached:
                self.cached[key] = found()
            return self.cached[key]


def _errors(forgery: Forgery, truths: Truths, model: Any, x: np.ndarray) -> dict[str, float]:
    """Errors of rounding that are seen."""
    read = model_of(forgery.config, forgery.weights)
    nodes = list(read.nodes.values())[1:]
    other, _ = run_verifier(read, {}, nodes, read.input.name, x.astype(np.float64))
    # Of two orders of summing one is off by half their difference at least.
    seen = {"float64": 0.5 * truths.error(x, other)}
    if model is not None:
        seen["float32"] = 0.99 * truths.error(x, np.asarray(model(x)))
    return seen


def _built(forgery: Forgery) -> Any:
    """What Keras makes of a changed model; None where it refuses, and nothing is served."""
    import keras

    try:
        model = keras.saving.deserialize_keras_object(copy.deepcopy(forgery.config))
        for layer in model.layers:
            layer.set_weights(forgery.weights.get(layer.name, []))
        model(np.zeros((1, *model.input_shape[1:]), np.float32))
    except Exception:  # whatever Keras raises
        return None
    return model


def _otherwise(truths: Truths, model: Any, x: np.ndarray) -> list[str]:
    """Whether Keras computes something else; where float32 overflows it computes nothing."""
    if model is None or x.shape[1:] != truths.shapes[truths.source]:
        return []
    served, computed = np.asarray(model(x)), truths.logits(x)
    finite = np.isfinite(served).all(axis=1)
    size = np.abs(computed[finite]).max(initial=1.0)
    if np.allclose(served[finite], computed[finite], rtol=1e-3, atol=1e-4 * size):
        return []
    return [f"Keras computes {served[finite][0]} and not {computed[finite][0]}"]


class Counts:
    """How many forgeries of each field were tried, refused, accepted and true, and false."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.true: Counter[str] = Counter()
        self.false: Counter[str] = Counter()
        self.seconds = self.processor = 0.0

    def lines(self) -> list[str]:
        """A table."""
        width = max(map(len, self.tried), default=0)
        rows = [f"{'field':{width}}  {'tried':>8} {'refused':>8} {'true':>8} {'FALSE':>6}"]
        for name in sorted(self.tried):
            rows.append(
                f"{name:{width}}  {self.tried[name]:8} {self.refused[name]:8} {self.true[name]:8} "
                f"{self.false[name]:6}"
            )
        total = [sum(c.values()) for c in (self.tried, self.refused, self.true, self.false)]
        rows.append(f"{'all':{width}}  {total[0]:8} {total[1]:8} {total[2]:8} {total[3]:6}")
        rows.append(f"{total[0] / max(self.processor, 1e-9):.0f} forgeries in a second of a processor")
        return rows


def forge_and_judge(
    judges: list[Judge], count: int, seed: int = 0, seconds: float = math.inf
) -> tuple[Counts, list[str]]:
    """Forge, and judge what is accepted.

    Args:
        judges: of the models that are forged in turn.
        count: how many forgeries.
        seed: of the changes.
        seconds: when to stop at the latest.

    Returns:
        The counts, and a description of each false certificate that was accepted.
    """
    rng, counts, found, memory = np.random.default_rng(seed), Counts(), [], InMemory()
    with memory.reading():
        for judge in judges:
            o = judge.original
            honest = Forgery("", o.config, dict(o.weights), o.statement, o.x, o.y)
            verdict = memory.verdict(honest, o)
            assert verdict is not None
            assert verdict.holds, (o.name, verdict.failures)
            assert not judge.falsehoods(honest), (o.name, judge.falsehoods(honest))
        start, before, number = time.perf_counter(), time.process_time(), 0
        while sum(counts.tried.values()) < count and counts.seconds < seconds:
            judge = judges[number % len(judges)]
            number += 1
            forgery = forge(judge.original, judge.truths, rng)
            if forgery.statement == judge.original.statement and forgery.field not in _ELSEWHERE:
                continue
            counts.tried[forgery.field] += 1
            try:
                verdict = memory.verdict(forgery, judge.original)
                held = verdict is not None and verdict.holds
                false = judge.falsehoods(forgery) if held else []
            except Exception:  # the verifier has to end in a verdict, and the judge in a judgement
                held, false = True, [traceback.format_exc()[-600:]]
            if not held:
                counts.refused[forgery.field] += 1
            elif false:
                counts.false[forgery.field] += 1
                found.append(f"{judge.original.name}, {forgery.field}, number {number}: {'; '.join(false)}")
            else:
                counts.true[forgery.field] += 1
            counts.seconds = time.perf_counter() - start
            counts.processor = time.process_time() - before
    return counts, found


def main() -> int:
    """Run the forger; 1 where a false certificate was accepted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--models", nargs="*", default=(), help="names of the models to forge")
    arguments = parser.parse_args()
    judges = [Judge(original, arguments.seed) for original in originals(arguments.seed, arguments.models)]
    counts, found = forge_and_judge(judges, arguments.count, arguments.seed, arguments.seconds)
    print("\n".join([*counts.lines(), *(f"FALSE: {text}" for text in found[:50])]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
