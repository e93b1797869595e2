from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lipbuild.cli.text_table import text_table, up, wrapped
from lipbuild.network.rounding import decimal_down
from lipbuild.network.shapes import format_shape

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
    cells = []
    for row in rows:
        change = f"{row['from']} → {row['to']}" if "from" in row else "1 unit"
        low, high = (
            ", ".join(rounded(float.fromhex(end)) for end in row[key])
            for key, rounded in (("least", decimal_down), ("greatest", up))
        )
        cells.append((row["column"], change, low, high))
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
