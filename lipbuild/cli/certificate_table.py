from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lipbuild.cli.text_table import text_table, up, wrapped
from lipbuild.network.rounding import decimal_down
from lipbuild.network.shapes import format_shape

# So many pairs of the values of a column are shown.
_PAIRS = 6
_HEADER = ("node", "operation", "output", "proved", "at least", "network")


def certificate_table(statement: Mapping[str, Any]) -> str:
    """What a certificate states, as plain text: the proved constant of each node and of the network up to it."""
    predicate = statement["predicate"]
    rows = [_row(node) for node in predicate["nodes"]]
    lines = [text_table(_HEADER, rows)]
    lines += ["", f"Lipschitz constant (L2) at most {_up(predicate['lipschitz'])}"]
    lines += _columns(predicate.get("columns", ()))
    lines += _tolerance(predicate)
    samples = predicate.get("samples")
    if samples is not None:
        radii = [float.fromhex(radius) for radius in samples["radii"]]
        semantics = predicate["inference"]["semantics"]
        accuracy = f", accuracy {samples['accuracy']:.2%}" if "accuracy" in samples else ""
        average = sum(radii) / max(len(radii), 1)
        lines.append(f"{len(radii)} samples with radii ({semantics}){accuracy}")
        # `evaluate` prints another average, which has its usual meaning: wrong samples count as 0.
        lines.append(wrapped(f"average radius {average:.4f} over all samples, right or wrong"))
    return "\n".join(lines)


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """How much the outputs change for one unit of each column of numbers, and between two values of one of text."""
    if not rows:
        return []
    counts = Counter(row["column"] for row in rows)
    shown: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        change = "1 unit" if "from" not in row else f"{row['from']} → {row['to']}"
        # All pairs of many values would fill pages; the file has each.
        shown.setdefault(
            (row["column"], change if counts[row["column"]] <= _PAIRS else "another value"), []
        ).append(row)
    cells = []
    for (column, change), own in shown.items():
        # Of several outputs, and of several pairs, which are read both ways.
        low = min(float.fromhex(end) for row in own for end in row["least"])
        high = max(float.fromhex(end) for row in own for end in row["greatest"])
        if change == "another value":
            low, high = min(low, -high), max(high, -low)
        cells.append((column, change, decimal_down(low), up(high)))
    return [
        "",
        text_table(("column", "changes by", "an output then by at least", "and at most"), cells, words=2),
        "",
    ]


def _tolerance(predicate: Mapping[str, Any]) -> list[str]:
    """How far the outputs move while columns stay within their tolerances."""
    stated = predicate.get("tolerance")
    if stated is None:
        return []
    sizes = (
        f"{name} ± {float.fromhex(size):g}"
        for name, size in zip(stated["columns"], stated["sizes"], strict=True)
    )
    moves = ", ".join(_up(bound) for bound in stated["box"])
    lines = [f"within {', '.join(sizes)} an output moves by at most {moves}"]
    kept = predicate.get("samples", {}).get("within_tolerance")
    if kept:
        lines.append(f"{sum(kept)} of {len(kept)} samples keep their class")
    return [*lines, ""]


def _row(node: Mapping[str, Any]) -> tuple[str, ...]:
    proved = _up(node["upper"]) if "upper" in node else ""
    lower = float.fromhex(node["lower"]) if "lower" in node else 0.0
    return (
        node["name"],
        node["kind"],
        format_shape(tuple(node["shape"])),
        proved,
        decimal_down(lower) if lower else "",
        _up(node["constant"]),
    )


def _up(number: str) -> str:
    """A hexadecimal float with nine decimals, rounded up."""
    return up(float.fromhex(number))
