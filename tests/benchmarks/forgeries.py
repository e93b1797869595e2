"""How `forge_certificates` changes certificates, models and data."""

from __future__ import annotations

import contextlib
import copy
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lipbuild.certifying.composition import compose
from lipbuild.certifying.digests import array_digest, config_digest, weights_digest
from tests.benchmarks.forged_models import Original
from tests.benchmarks.measured_truths import Truths, labels_of

Path = tuple[Any, ...]
Rng = np.random.Generator


@dataclass(eq=False)
class Forgery:
    """What the verifier is given.

    Attributes:
        field: what was changed, for the counts.
        config: the configuration.
        weights: the weights.
        statement: the certificate.
        x: the data.
        y: its labels.
    """

    field: str
    config: dict[str, Any]
    weights: dict[str, list[np.ndarray]]
    statement: dict[str, Any]
    x: np.ndarray
    y: np.ndarray

    def unchanged(self, original: Original) -> bool:
        """Whether the model is the original one."""
        return (
            self.config is original.config
            and self.weights.keys() == original.weights.keys()
            and all(self.weights[name] is arrays for name, arrays in original.weights.items())
        )

    @property
    def predicate(self) -> dict[str, Any]:
        """What is stated."""
        return self.statement["predicate"]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The stated nodes."""
        return self.predicate["nodes"]


def forge(original: Original, truths: Truths, rng: Rng) -> Forgery:
    """A random forgery of a model's certificate."""
    forgery = Forgery(
        "", original.config, dict(original.weights), json.loads(original.text), original.x, original.y
    )
    kinds, shares = zip(*FORGERIES, strict=True)
    kinds[rng.choice(len(kinds), p=np.array(shares) / sum(shares))](forgery, truths, rng)
    return forgery


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is no object and no list of objects, and each item of a list, by its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        if not any(isinstance(item, dict) for item in value):
            yield path, value
        for i, item in enumerate(value):
            yield from leaves(item, (*path, i))
    else:
        yield path, value


def label(path: Path) -> str:
    """A path without the numbers of items."""
    return ".".join(str(key) for key in path if not isinstance(key, int) and key != "predicate")


def put(value: Any, path: Path, new: Any) -> None:
    """Set what is at a path."""
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new


def _pick(rng: Rng, items: Any) -> Any:
    items = list(items)
    return items[int(rng.integers(len(items)))]


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and ("0x" in value[:3] or value in ("inf", "nan"))


_FACTORS = (0.0, 0.5, 0.9, 0.999, 1 - 1e-6, 1 - 1e-10, 1 + 1e-6, 1.1, 2.0, 1e30, 1e-30, 1e300)
_STRANGE: tuple[Any, ...] = (
    "nan", "inf", "-inf", "-0x0.0p+0", "0x0.0p+0", "0x1p-3", "0X1.0000000000000P+0", " 0x1.0000000000000p+0",
    "0x1.00000000000000p+0", "0x1.fffffffffffffp+1023", "0x0.0000000000001p-1022", "1.0", "0", "", "x", None, True,
    False, 0, 1, -1, 0.0, 1.5, 1e300, 2**70, [], {}, [None], ["0x1.0000000000000p+0"], {"a": 1}, [[]],
)  # fmt: skip


def _changed(value: Any, rng: Rng, others: list[Any]) -> Any:
    """Another value: zeroed, scaled, infinite, of another type, or taken from elsewhere."""
    choice = int(rng.integers(4))
    if choice == 0:
        return _pick(rng, _STRANGE)
    if choice == 1 and others:
        return copy.deepcopy(_pick(rng, others))
    if _is_number(value):
        number = float.fromhex(value)
        return _pick(
            rng, [(number * f).hex() for f in _FACTORS] + [(-number).hex(), math.nextafter(number, 0.0).hex()]
        )
    if isinstance(value, list):
        changes: list[Callable[[], Any]] = [
            lambda: value * 2, lambda: value[:-1], lambda: value[1:], lambda: value[::-1], lambda: [value],
            lambda: [*value, *value[-1:]], list,
        ]  # fmt: skip
        return copy.deepcopy(_pick(rng, changes)())
    if type(value) in (int, float):
        return _pick(
            rng, [0, 1, -value, value + 1, value - 1, 2 * value, float(value), str(value), value * 0.5]
        )
    if isinstance(value, str):
        return _pick(rng, [value[::-1], value.upper(), value + "x", value[:-1], [value], "0" * len(value)])
    return _pick(rng, _STRANGE)


def one_field(forgery: Forgery, _: Truths, rng: Rng) -> None:
    """One field, or up to three: changed, left out, doubled, or under another name."""
    labels = []
    for _i in range(int(rng.choice([1, 1, 1, 2, 3]))):
        found: dict[str, list[tuple[Path, Any]]] = {}
        for path, value in leaves(forgery.statement):
            found.setdefault(label(path), []).append((path, value))
        name = _pick(rng, found)
        path, value = _pick(rng, found[name])
        labels.append(name)
        others = [v for _p, v in found[name]] + [v for _p, v in found[_pick(rng, found)]]
        choice = int(rng.integers(12))
        if choice == 0:
            holder: Any = forgery.statement
            for key in path[:-1]:
                holder = holder[key]
            if isinstance(holder, dict):
                del holder[path[-1]]
            else:
                holder.pop(path[-1])
        elif choice == 1:
            put(
                forgery.statement, (*path[:-1], f"{path[-1]}_2") if isinstance(path[-1], str) else path, value
            )
        elif choice == 2 and len(path) > 1:
            # A whole object or list from elsewhere.
            depth = int(rng.integers(1, len(path)))
            other_path = _pick(rng, [p for p, _v in leaves(forgery.statement) if len(p) >= depth])[:depth]
            inner: Any = forgery.statement
            for key in other_path:
                inner = inner[key]
            put(forgery.statement, path[:depth], copy.deepcopy(inner))
            labels[-1] = label(path[:depth]) or labels[-1]
        else:
            put(forgery.statement, path, _changed(value, rng, others))
    forgery.field = labels[0] if len(labels) == 1 else "several fields"


def recomposed(forgery: Forgery, truths: Truths, constants: Mapping[str, float] | None = None) -> None:
    """Everything downstream of the stated bounds as a forger would compute it: constants, head and radii."""
    network = truths.network
    gains = {row["name"]: float.fromhex(row["upper"]) for row in forgery.rows if "upper" in row}
    spans = [(s["from"], s["to"], float.fromhex(s["upper"])) for s in forgery.predicate["spans"]]
    if constants is None:
        constants = compose(network, gains, spans=spans)
    for row in forgery.rows:
        if row["name"] in constants:
            row["constant"] = constants[row["name"]].hex()
    forgery.predicate["lipschitz"] = constants[network.output].hex()
    if "head" not in forgery.predicate:
        return
    last = network.node(network.output)
    pairwise = last.kind == "dense" and truths.shapes[network.output][0] > 1
    rest = constants[last.inputs[0] if pairwise else last.name]
    forgery.predicate["head"]["rest"] = rest.hex()
    restated(forgery, truths)


def restated(forgery: Forgery, truths: Truths, factor: float = 1 - 2.0**-30) -> None:
    """The largest radii that follow from the stated head, with as little room as may pass."""
    head, samples = forgery.predicate["head"], forgery.predicate["samples"]
    rest = float.fromhex(head["rest"])
    distances = np.array([[float.fromhex(d) for d in row] for row in head["distances"]]) * rest
    logits = truths.logits(forgery.x)
    error = 1e-14 * (1.0 + np.abs(logits).max())
    if forgery.predicate["inference"]["semantics"] == "float32":
        error += float.fromhex(forgery.predicate["inference"]["error"]["float32"])
    with np.errstate(all="ignore"):
        if logits.shape[1] == 1:
            radii = (np.abs(logits[:, 0]) - error) / rest
        else:
            classes = labels_of(logits)
            margins = np.take_along_axis(logits, classes[:, None], 1) - logits - 2.0 * error
            np.put_along_axis(margins, classes[:, None], np.inf, 1)
            radii = np.min(margins / distances[classes], axis=1)
        radii = np.nan_to_num(np.maximum(radii * factor, 0.0), nan=0.0, posinf=1e300)
    samples["radii"] = [r.hex() for r in radii.tolist()]


def lowered_bound(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """A bound of a node, of a span or of its parts, lowered through the whole certificate."""
    holders = [("upper", row) for row in forgery.rows if "upper" in row]
    for span in forgery.predicate["spans"]:
        holders += [("spans.upper", span)]
        holders += [(f"spans.{key}.upper", span[key]) for key in ("through", "wrong") if key in span]
    name, row = _pick(rng, holders)
    factor = _pick(rng, [0.0, 1e-30, 0.5, 0.9, 0.99, 1 - 1e-4, 1 - 1e-7, 1 - 1e-9])
    row["upper"] = (float.fromhex(row["upper"]) * factor).hex()
    row["lower"] = (0.0).hex()
    if rng.integers(3) == 0:
        forgery.predicate["spans"] = []
    recomposed(forgery, truths)
    forgery.field = f"{name}, and all that follows"


def lowered_constant(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """The constant of a node, and of all after it."""
    constants = {row["name"]: float.fromhex(row["constant"]) for row in forgery.rows}
    start = int(rng.integers(1, len(forgery.rows)))
    factor = _pick(rng, [0.0, 0.5, 0.9, 1 - 1e-4, 1 - 1e-8, 1 - 1e-12])
    for row in forgery.rows[start:]:
        constants[row["name"]] *= factor
    recomposed(forgery, truths, constants)
    forgery.field = "nodes.constant, and all that follows"


def moved_head(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """Distances, rest or error lowered, and the radii raised."""
    if "head" not in forgery.predicate:
        return one_field(forgery, truths, rng)
    head, inference = forgery.predicate["head"], forgery.predicate["inference"]
    factor = _pick(rng, [0.0, 0.5, 0.9, 1 - 1e-6, 1.0])
    choice = int(rng.integers(4))
    if choice == 0:
        head["distances"] = [[(float.fromhex(d) * factor).hex() for d in row] for row in head["distances"]]
        forgery.field = "head.distances, and the radii"
    elif choice == 1:
        head["rest"] = (float.fromhex(head["rest"]) * factor).hex()
        forgery.field = "head.rest, and the radii"
    elif choice == 2:
        inference["semantics"] = _pick(rng, ["real", "float32", "guarded"])
        for name in ("float64", "float32"):
            number = float.fromhex(inference["error"][name])
            inference["error"][name] = (number * factor if math.isfinite(number) else 1e-6).hex()
        forgery.field = "inference.error, and the radii"
    else:
        inference["semantics"] = "float32"
        inference["input_norm"] = (float.fromhex(inference["input_norm"]) * _pick(rng, _FACTORS)).hex()
        forgery.field = "inference.input_norm, and the radii"
    restated(forgery, truths, _pick(rng, [1 - 2.0**-30, 1.0, 1.001, 2.0, 1e6]))
    return None


_HINTS = ("rule", "level", "upper", "lower", "grid", "twist", "axes")


def other_proof(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """The proof of another node."""
    rows = [row for row in forgery.rows if "upper" in row]
    row, other = _pick(rng, rows), copy.deepcopy(_pick(rng, rows))
    for key in _HINTS:
        row.pop(key, None)
    row.update({key: other[key] for key in _HINTS if key in other})
    recomposed(forgery, truths)
    forgery.field = "a proof of another node"


_RULES = (
    "cholesky",
    "explicit",
    "patches",
    "lags",
    "schur",
    "frequencies",
    "axes",
    "closed form",
    "any size",
)


def other_hints(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """Another rule, grid, twist or norms of axes, and a lower bound."""
    row = _pick(rng, [row for row in forgery.rows if "upper" in row])
    shape = next(r["shape"] for r in forgery.rows if r["name"] == row["inputs"][0])
    axes = max(len(shape) - 1, 1)
    if rng.integers(2):
        row["rule"] = _pick(rng, _RULES)
    for key in ("grid", "twist", "axes"):
        row.pop(key, None)
    if row["rule"] == "frequencies" or rng.integers(8) == 0:
        row["grid"] = [int(n) for n in rng.integers(1, 8, axes)]
        row["twist"] = [int(n) for n in rng.integers(0, 2, axes)]
    if row["rule"] == "axes" or rng.integers(8) == 0:
        row["axes"] = [float(_pick(rng, [0.0, 0.5, 0.7, 1.0, 1.2, 2.0])).hex() for _ in range(axes)]
    if rng.integers(8) == 0:
        row["level"] = _pick(rng, ["float64", "exact"])
    row["upper"] = (float.fromhex(row["upper"]) * _pick(rng, [0.5, 0.9, 0.99, 1.0, 1.5, 4.0])).hex()
    row["lower"] = (0.0).hex()
    recomposed(forgery, truths)
    forgery.field = "the rule and its hints"


def invented_span(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """A span that there is not, one that was moved, or one with the parts of another."""
    names, spans = [row["name"] for row in forgery.rows], forgery.predicate["spans"]
    if spans and rng.integers(2):
        span = _pick(rng, spans)
        if rng.integers(2):
            span["from"] = _pick(rng, names)
        if rng.integers(2):
            span["to"] = _pick(rng, names)
        forgery.field = "a span that was moved"
    else:
        proof = {"rule": "explicit", "level": "float64", "upper": (0.5).hex(), "lower": (0.0).hex()}
        a, b = sorted(int(i) for i in rng.integers(0, len(names), 2))
        span = {"from": names[a], "to": names[b], **proof}
        if rng.integers(2):
            span["rule"] = "residual block"
            span |= {
                key: {**proof, "rule": _pick(rng, _RULES[:5]), "upper": float(rng.uniform(0, 2)).hex()}
                for key in ("through", "wrong")
            }
        spans.append(span)
        forgery.field = "a span that was invented"
    # Near what is true, where a wrong proof would pass.
    true = truths.span(span["from"], span["to"])
    span["upper"] = (true * _pick(rng, [0.0, 0.5, 0.9, 1 - 1e-5, 1 + 1e-6, 1.1])).hex()
    span["lower"] = (0.0).hex()
    # A span that leads backwards cannot be composed.
    with contextlib.suppress(KeyError, ValueError):
        recomposed(forgery, truths)


def other_graph(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """Nodes renamed, reordered, doubled, left out, or read by others."""
    rows, choice = forgery.rows, int(rng.integers(6))
    i, j = (int(k) for k in rng.integers(0, len(rows), 2))
    if choice == 0:
        rows[i], rows[j] = rows[j], rows[i]
    elif choice == 1:
        text = json.dumps(forgery.statement).replace(json.dumps(rows[i]["name"]), json.dumps(rows[j]["name"]))
        forgery.statement = json.loads(text)
    elif choice == 2:
        rows.insert(i, copy.deepcopy(rows[j]))
    elif choice == 3:
        del rows[i]
    elif choice == 4:
        rows[i]["inputs"] = copy.deepcopy(rows[j]["inputs"])
    else:
        for key in ("kind", "shape"):
            rows[i][key] = copy.deepcopy(rows[j][key])
    forgery.field = "the graph of the nodes"


def signed(forgery: Forgery) -> None:
    """The certificate with the digests of what it is shown with."""
    digests = {"config.json": config_digest(forgery.config), "weights": weights_digest(forgery.weights)}
    for subject in forgery.statement["subject"]:
        subject["digest"]["sha256"] = digests[subject["name"]]


def other_weights(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """Weights scaled, exchanged, turned, of another type or shape, or not finite, with renewed digests."""
    weights = {name: list(arrays) for name, arrays in forgery.weights.items()}
    places = [(name, i) for name, arrays in weights.items() for i in range(len(arrays))]
    if not places:
        return one_field(forgery, truths, rng)
    name, i = _pick(rng, places)
    array, choice = weights[name][i], int(rng.integers(9))
    with np.errstate(all="ignore"):
        if choice <= 1:
            array = (
                array * _pick(rng, [0.0, 0.5, 0.99, 1 + 1e-6, 1.01, 2.0, -1.0, 1e10, 1e38, 1e-38])
            ).astype(np.float32)
        elif choice == 2:
            array = array.copy()
            array.ravel()[int(rng.integers(array.size))] = _pick(rng, [np.nan, np.inf, 3e38, 1e-45, 1.0, 0.0])
        elif choice == 3:
            array = np.nextafter(array, np.float32(_pick(rng, [0.0, np.inf])))
        elif choice == 4:
            other, k = _pick(rng, places)
            array, weights[other][k] = weights[other][k], array
        elif choice == 5:
            array = array.reshape(
                _pick(rng, [array.shape[::-1], (-1,), (*array.shape, 1), (1, *array.shape)])
            )
        elif choice == 6:
            array = array.astype(_pick(rng, [np.float64, np.float16, np.int32]))
        elif choice == 7:
            array = rng.permutation(array.ravel()).reshape(array.shape)
        else:
            array = np.flip(array, int(rng.integers(array.ndim))).copy() if array.ndim else array
    weights[name][i] = array
    if rng.integers(12) == 0:
        a, b = _pick(rng, list(weights)), _pick(rng, list(weights))
        weights[a], weights[b] = weights[b], weights[a]
    forgery.weights = weights
    if rng.integers(8):
        signed(forgery)
    forgery.field = "weights, with renewed digests"
    return None


_CONFIG_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, 2, 3, -1, 0.0, 0.5, 1.0, 1e300, -1.0, "same", "valid", "causal", "relu", "linear", "tanh",
    "softmax", "channels_first", "float64", "float16", "", [1, 1], [2, 2], [1], [2], [], {},
)  # fmt: skip


def other_config(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """An option, a class, a name or a call changed, or a layer shared or moved, with renewed digests."""
    config = copy.deepcopy(forgery.config)
    layers, choice = config["config"]["layers"], int(rng.integers(8))
    if choice <= 4:
        found = [(path, value) for path, value in leaves(config["config"]["layers"]) if path]
        path, value = _pick(rng, found)
        others = [v for p, v in found if p[-1] == path[-1]]
        put(layers, path, _pick(rng, [_pick(rng, _CONFIG_VALUES), _changed(value, rng, others)]))
    elif choice == 5:
        a, b = (int(i) for i in rng.integers(0, len(layers), 2))
        layers[a], layers[b] = layers[b], layers[a]
    elif choice == 6:
        a, b = (_pick(rng, layers)["config"]["name"] for _ in range(2))
        config = json.loads(json.dumps(config).replace(json.dumps(a), json.dumps(b)))
    else:
        a, b = _pick(rng, layers), _pick(rng, layers)
        key = _pick(rng, ["class_name", "module", "registered_name", "config", "inbound_nodes"])
        if key in a and key in b:
            b[key] = copy.deepcopy(a[key])
    forgery.config = config
    signed(forgery)
    forgery.field = "the configuration, with renewed digests"


def other_shapes(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """Kernels of other shapes with the same bytes, in a configuration that says so."""
    config = copy.deepcopy(forgery.config)
    weights = {name: list(arrays) for name, arrays in forgery.weights.items()}
    layers = [layer for layer in config["config"]["layers"] if "kernel_size" in layer["config"]]
    if not layers:
        return other_weights(forgery, truths, rng)
    layer = _pick(rng, layers)
    name = layer["config"]["name"]
    kernel = weights[name][0]
    shape = _pick(
        rng,
        [
            kernel.shape[::-1],
            (*kernel.shape[1::-1], *kernel.shape[2:]),
            (*kernel.shape[2:], *kernel.shape[:2]),
        ],
    )
    weights[name][0] = kernel.reshape(shape)
    rank = len(layer["config"]["kernel_size"])
    layer["config"]["kernel_size"] = list(shape[:rank])
    if "filters" in layer["config"]:
        layer["config"]["filters"] = shape[-1]
    forgery.config, forgery.weights = config, weights
    signed(forgery)
    forgery.field = "kernels of other shapes with the same bytes"
    return None


def other_data(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """Other samples or labels, which the certificate names."""
    if "samples" not in forgery.predicate:
        return one_field(forgery, truths, rng)
    samples, choice = forgery.predicate["samples"], int(rng.integers(4))
    with np.errstate(all="ignore"):
        if choice == 0:
            forgery.x = (forgery.x * _pick(rng, [0.0, -1.0, 2.0, 1e10, 1e38, 3e38, np.nan, np.inf])).astype(
                np.float32
            )
        elif choice == 1:
            forgery.x = _pick(rng, [forgery.x[:0], forgery.x[:2], forgery.x[::-1].copy(), forgery.x[..., :1]])
        elif choice == 2:
            forgery.x = forgery.x.astype(_pick(rng, [np.float64, np.float16]))
        else:
            forgery.y = _pick(
                rng,
                [forgery.y + 1, forgery.y[::-1].copy(), forgery.y * 0, forgery.y[:2], forgery.y[None],
                 forgery.y.astype(np.float32), truths.labels(forgery.x), forgery.y.astype(str)],
            )  # fmt: skip
    samples["inputs"], samples["labels"] = array_digest(forgery.x), array_digest(forgery.y)
    if rng.integers(2):
        samples["accuracy"] = _pick(rng, [1.0, 0.0, 0.5, 0.25, 0.75])
    elif forgery.x.shape[1:] == truths.shapes[truths.source] and len(forgery.y) == len(forgery.x):
        with np.errstate(all="ignore"):
            samples["accuracy"] = float(np.mean(truths.labels(forgery.x) == forgery.y.ravel()))
    if rng.integers(2) and forgery.x.shape[1:] == truths.shapes[truths.source] and forgery.x.size:
        restated(forgery, truths, _pick(rng, [1 - 2.0**-30, 1.1]))
    forgery.field = "data, with renewed digests"
    return None


def raised_radii(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """All radii, or those of some, scaled or exchanged."""
    if "samples" not in forgery.predicate:
        return one_field(forgery, truths, rng)
    samples = forgery.predicate["samples"]
    radii = np.array([float.fromhex(r) for r in samples["radii"]])
    with np.errstate(all="ignore"):
        changed = _pick(rng, [radii * _pick(rng, _FACTORS), radii[::-1], np.full_like(radii, radii.max())])
    mask = rng.integers(0, 2, len(radii)).astype(bool)
    samples["radii"] = [r.hex() for r in np.where(mask, changed, radii).tolist()]
    if rng.integers(2):
        forgery.predicate.pop("attacks", None)
    forgery.field = "samples.radii, several"
    return None


def narrowed_columns(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """Less of what columns or their tolerances move, other columns, and what follows for the network."""
    predicate = forgery.predicate
    if "columns" not in predicate:
        return lowered_bound(forgery, truths, rng)
    factor = _pick(rng, [0.0, 1e-300, 1e-30, 0.5, 0.9, 1 - 1e-4, 1 - 1e-8])
    row, tolerance, choice = _pick(rng, predicate["columns"]), predicate["tolerance"], int(rng.integers(6))
    forgery.field = f"columns, {('slopes', 'other', 'box', 'ellipsoid', 'sizes', 'span')[choice]}"
    if choice == 0:
        for key in ("least", "greatest"):
            row[key] = [(float.fromhex(v) * factor).hex() for v in row[key]]
    elif choice == 1:
        other = _pick(rng, predicate["columns"])
        row["places"], other["places"] = other["places"], row["places"]
    elif choice in (2, 3):
        if choice == 2:
            tolerance["box"] = [(float.fromhex(v) * factor).hex() for v in tolerance["box"]]
        else:
            key = _pick(rng, ["ellipsoid", "rest"])
            tolerance[key] = (float.fromhex(tolerance[key]) * factor).hex()
        if "within_tolerance" in predicate.get("samples", {}):
            kept = predicate["samples"]["within_tolerance"]
            predicate["samples"]["within_tolerance"] = [one or bool(rng.integers(2)) for one in kept]
    elif choice == 4:
        tolerance["sizes"] = [(float.fromhex(v) / max(factor, 1e-6)).hex() for v in tolerance["sizes"]]
    else:
        # A constant of the network that rests on slopes.
        network = truths.network
        proof = {"rule": "slopes", "level": "float64", "lower": (0.0).hex()}
        upper = float.fromhex(predicate["lipschitz"]) * factor
        span = {"from": truths.source, "to": network.output, **proof, "upper": upper.hex()}
        predicate["spans"] = [s for s in predicate["spans"] if s["rule"] != "slopes"] + [span]
        recomposed(forgery, truths)
    return None


def looser(forgery: Forgery, truths: Truths, rng: Rng) -> None:
    """Bounds, constants or radii that say less: true, and mostly accepted."""
    factor = _pick(rng, [1 + 1e-9, 1.01, 2.0, 1e3])
    for row in forgery.rows:
        if "upper" in row and rng.integers(2):
            row["upper"] = (float.fromhex(row["upper"]) * factor).hex()
    recomposed(forgery, truths)
    forgery.field = "looser bounds, and all that follows"


FORGERIES: list[tuple[Callable[[Forgery, Truths, Rng], None], float]] = [
    (one_field, 30), (lowered_bound, 9), (lowered_constant, 5), (moved_head, 7), (other_proof, 5), (other_hints, 7),
    (invented_span, 8), (other_graph, 4), (other_weights, 6), (other_config, 5), (other_shapes, 2), (other_data, 4),
    (raised_radii, 3), (narrowed_columns, 8), (looser, 2),
]  # fmt: skip
