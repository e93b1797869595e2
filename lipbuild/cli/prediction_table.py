from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN

from lipbuild.cli.text_table import text_table, wrapped
from lipbuild.evaluation.predictions import Predictions, Row
from lipbuild.network.rounding import decimal_down, decimal_text


def prediction_table(predictions: Predictions) -> str:
    """Predictions as plain text; radii are rounded down."""
    rows = predictions.rows
    if predictions.task == "regression":
        header = tuple(predictions.columns)
        lines = [text_table(header, [_numbers(row) for row in rows])]
        lines += ["", f"while an input moves by at most {predictions.radius:g} in {predictions.unit}"]
    else:
        header = ("input", "class", "decided in", "margin", "radius")
        more = ("in tolerance",) if predictions.tolerance else ()
        lines = [text_table((*header, *more), [_label(row)[: len(header + more)] for row in rows])]
        abstained = sum(row["abstained"] for row in rows)
        lines += ["", f"{len(rows)} inputs, {abstained} abstained; radii in {predictions.unit}"]
    if predictions.tolerance:
        within = ", ".join(f"{name} {size:g}" for name, size in predictions.tolerance.items())
        lines.append(wrapped(f"in tolerance: while {within} are off by at most that, the others held fixed"))
    if predictions.voided_by:
        rules = ", ".join(f"`{rule}`" for rule in predictions.voided_by)
        lines.append(wrapped(f"nothing is certified: the config silences {rules}"))
    return "\n".join(lines)


def _label(row: Row) -> tuple[str, ...]:
    decided = "abstained" if row["abstained"] else "float64" if row["recomputed"] else "float32"
    radius = "" if row["radius"] is None else decimal_down(row["radius"], 6)
    kept = "yes" if row.get("within_tolerance") else "no"
    return row["input"], row["class"] or "", decided, f"{row['margin']:.6g}", radius, kept


def _numbers(row: Row) -> tuple[str, ...]:
    return tuple(value if isinstance(value, str) else _number(key, value) for key, value in row.items())


def _number(key: str, value: float | None) -> str:
    if value is None:
        return ""
    # An interval is never shown narrower than it is.
    rounding = {"low": ROUND_FLOOR, "high": ROUND_CEILING}.get(key.partition("_")[0], ROUND_HALF_EVEN)
    return decimal_text(value, rounding, 6)
