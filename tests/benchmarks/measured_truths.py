"""What is true of a model, found by measuring: nothing of it is proved, so that nothing proved may contradict it.

The model is computed by the prover's operations in float64, in float32 by Keras. Gains are those between two
points that were looked for along singular vectors of the Jacobian, and attacks are points of another class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from lipbuild.certifying.composition import shapes_of
from lipbuild.certifying.operations import OPERATIONS
from lipbuild.saved.keras_config import network_of

# Below what is measured by more than its own rounding.
ROOM = 1.0 - 1e-7
_STEP = 2.0**-16
Values = dict[str, np.ndarray]


class Truths:
    """What is true of a model.

    Args:
        config: its configuration.
        weights: its weights by the names of the layers.
        seed: of the points that are looked at.
    """

    def __init__(self, config: Mapping[str, Any], weights: Mapping[str, Sequence[np.ndarray]], seed: int = 0):
        self.network = network_of(config, weights)
        self.shapes = shapes_of(self.network)
        self.source = self.network.nodes[0].name
        self.rng = np.random.default_rng(seed)
        self._spans: dict[tuple[str, str], float] = {}
        self._moves: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}

    def values(self, x: np.ndarray, start: str = "") -> Values:
        """The values of all nodes that depend on one, from its values."""
        values = {start or self.source: x.astype(np.float64)}
        for node in self.network.nodes[1:]:
            if node.name not in values and node.inputs and all(name in values for name in node.inputs):
                inputs = [values[name] for name in node.inputs]
                with np.errstate(all="ignore"):
                    values[node.name] = OPERATIONS[node.kind].forward(node, inputs)
        return values

    @cached_property
    def points(self) -> np.ndarray:
        """Points of several sizes at which gains are looked for."""
        shape = self.shapes[self.source]
        return np.concatenate([scale * self.rng.standard_normal((2, *shape)) for scale in (1e-3, 1.0, 30.0)])

    @cached_property
    def gains(self) -> dict[str, float]:
        """For each node the largest gain from the input to it that was found."""
        return self._largest(self.source, self.points)

    @cached_property
    def own_gains(self) -> dict[str, float]:
        """For each node on one input the largest gain of it alone that was found."""
        values, found = self.values(self.points), {}
        for node in self.network.nodes[1:]:
            if len(node.inputs) == 1 and OPERATIONS[node.kind].unary:
                found[node.name] = self._largest(node.inputs[0], values[node.inputs[0]], node.name)[node.name]
        return found

    def span(self, source: str, target: str) -> float:
        """The largest gain from a node to another that was found; 0 where the other does not depend on it alone."""
        if (source, target) not in self._spans:
            known = self.values(self.points)
            here = self.values(known[source][:1], start=source)
            found = (
                self._largest(source, known[source], target).get(target, 0.0)
                if target in here and source in known
                else 0.0
            )
            self._spans[source, target] = found
        return self._spans[source, target]

    def moves(self, direction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The least and the greatest (f(x + t·v) − f(x))/t of each output that was found, (outputs,) each."""
        key = direction.tobytes()
        if key not in self._moves:
            steps = np.array([1e-3, 1e-1, 1.0, 10.0])[:, None, None]
            start = np.tile(self.points, (len(steps), 1, 1)).reshape(len(steps), *self.points.shape)
            end = start + steps * direction
            before, after = (self.logits(x.reshape(-1, x.shape[-1])) for x in (start, end))
            times = np.repeat(steps.ravel(), len(self.points))[:, None]
            with np.errstate(all="ignore"):
                quotients = (after - before) / times
                # Both ends are rounded.
                off = 1e-13 * (np.abs(before) + np.abs(after)) / times
            known = np.isfinite(quotients) & np.isfinite(off)
            low = np.min(np.where(known, quotients + off, np.inf), axis=0)
            high = np.max(np.where(known, quotients - off, -np.inf), axis=0)
            self._moves[key] = low, high
        return self._moves[key]

    def at_once(self, direction: np.ndarray) -> np.ndarray:
        """f(x + v) − f(x) less what is rounded, (points, outputs); 0 where that is not finite."""
        before, after = self.logits(self.points), self.logits(self.points + direction)
        with np.errstate(all="ignore"):
            change = np.abs(after - before) - 1e-13 * (np.abs(before) + np.abs(after))
        return np.where(np.isfinite(change), np.maximum(change, 0.0), 0.0)

    def _largest(self, source: str, points: np.ndarray, target: str = "") -> dict[str, float]:
        size = int(np.prod(points.shape[1:]))
        best: dict[str, float] = {}
        for point in points:
            step = _STEP * max(float(np.max(np.abs(point))), 1e-3)
            around = point + np.concatenate([[np.zeros(size)], step * np.eye(size)]).reshape(-1, *point.shape)
            values = self._until(source, around, target)
            wanted = [target] if target else list(values)
            directions = []
            for name in wanted:
                if name not in values:
                    return best
                flat = values[name].reshape(size + 1, -1)
                jacobian = (flat[1:] - flat[0]) / step
                finite = np.isfinite(jacobian).all()
                vector = np.linalg.svd(jacobian, full_matrices=False)[0][:, 0] if finite else np.ones(size)
                directions += [vector, -vector]
            moved = point + step * np.array(directions).reshape(-1, *point.shape)
            after = self._until(source, moved, target)
            distances = np.linalg.norm((moved - point).reshape(len(moved), -1), axis=1)
            for i, name in enumerate(wanted):
                difference = (after[name][2 * i : 2 * i + 2] - values[name][:1]).reshape(2, -1)
                with np.errstate(all="ignore"):
                    # Both ends are rounded.
                    off = 1e-13 * np.linalg.norm(values[name][0])
                    quotients = (np.linalg.norm(difference, axis=1) - off) / distances[2 * i : 2 * i + 2]
                quotients = quotients[np.isfinite(quotients)]
                best[name] = max(best.get(name, 0.0), float(np.max(quotients, initial=0.0)))
        return best

    def _until(self, source: str, x: np.ndarray, target: str) -> Values:
        """The values that depend on a node alone; of a node that reads it directly only that."""
        node = self.network.node(target) if target else None
        if node is not None and node.inputs == (source,):
            with np.errstate(all="ignore"):
                return {target: OPERATIONS[node.kind].forward(node, [x])}
        return self.values(x, start=source)

    def logits(self, x: np.ndarray) -> np.ndarray:
        """(samples, classes)."""
        return self.values(x)[self.network.output]

    def labels(self, x: np.ndarray) -> np.ndarray:
        """The classes."""
        return labels_of(self.logits(x))

    def error(self, x: np.ndarray, others: np.ndarray) -> float:
        """The largest difference of other logits from these."""
        difference = np.linalg.norm(others.astype(np.float64) - self.logits(x), axis=1)
        return float(np.max(difference, initial=0.0, where=np.isfinite(difference)))

    def attacks(self, x: np.ndarray) -> np.ndarray:
        """For each sample the distance of the nearest point of another class that was found."""
        return np.array([self._attack(sample.astype(np.float64)) for sample in x])

    def _attack(self, sample: np.ndarray) -> float:
        size, label = sample.size, int(self.labels(sample[None])[0])
        step = 2.0**-20 * max(float(np.max(np.abs(sample))), 1e-3)
        classes, best = self.shapes[self.network.output][0], np.inf
        for other in range(classes):
            if other == label and classes > 1:
                continue
            point = sample.copy()
            for _ in range(6):
                around = point + np.concatenate([[np.zeros(size)], step * np.eye(size)]).reshape(
                    -1, *point.shape
                )
                z = self.logits(around)
                margins = np.abs(z[:, 0]) if classes == 1 else z[:, label] - z[:, other]
                gradient = (margins[1:] - margins[0]) / step
                square = float(gradient @ gradient)
                if not np.isfinite(square) or square == 0.0:
                    break
                point = point - (1.02 * margins[0] / square * gradient).reshape(point.shape)
                if not np.isfinite(point).all():
                    break
                if self.labels(point[None])[0] != label:
                    best = min(best, self._nearest(sample, point, label))
                    break
        return best

    def _nearest(self, sample: np.ndarray, point: np.ndarray, label: int) -> float:
        low, high = 0.0, 1.0
        for _ in range(4):
            shares = np.linspace(low, high, 34)[1:]
            places = sample + shares.reshape(-1, *(1,) * sample.ndim) * (point - sample)
            first = int(np.argmax(self.labels(places) != label))
            low, high = shares[first - 1] if first else low, shares[first]
        return float(high * np.linalg.norm((point - sample).ravel()))


def labels_of(logits: np.ndarray) -> np.ndarray:
    """The classes of logits; 0 or 1 for a single one."""
    return (logits[:, 0] > 0.0).astype(np.int64) if logits.shape[1] == 1 else np.argmax(logits, axis=1)
