from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from lipbuild.spec.shapes import format_shape

_HEADER = ("node", "operation", "output", "proved", "at least", "network")


def certificate_table(statement: Mapping[str, Any]) -> str:
    """What a certificate states, as plain text: the proved constant of each node and of the network up to it."""
    predicate = statement["predicate"]
    rows = [_row(node) for node in predicate["nodes"]]
    widths = [max(len(row[i]) for row in [_HEADER, *rows]) for i in range(len(_HEADER))]
    lines = [_line(_HEADER, widths), "─" * (sum(widths) + 2 * (len(widths) - 1))]
    lines += [_line(row, widths) for row in rows]
    lines += ["", f"Lipschitz constant (L2) at most {_up(predicate['lipschitz'])}"]
    samples = predicate.get("samples")
    if samples is not None:
        radii = [float.fromhex(radius) for radius in samples["radii"]]
        semantics = predicate["inference"]["semantics"]
        lines.append(
            f"{len(radii)} samples with radii ({semantics}), {sum(radii) / max(len(radii), 1):.4f} on average"
            + (f", accuracy {samples['accuracy']:.2%}" if "accuracy" in samples else "")
        )
    return "\n".join(lines)


def _row(node: Mapping[str, Any]) -> tuple[str, ...]:
    proved = _up(node["upper"]) if "upper" in node else ""
    witness = f"{float.fromhex(node['lower']):.9f}" if "lower" in node else ""
    return (
        node["name"],
        node["kind"],
        format_shape(tuple(node["shape"])),
        proved,
        witness,
        _up(node["constant"]),
    )


def _up(number: str) -> str:
    """A hexadecimal float with nine decimals, rounded up."""
    value = float.fromhex(number)
    return f"{Decimal(value).quantize(Decimal('1e-9'), rounding=ROUND_CEILING):f}"


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [
        cell.rjust(width) if index >= 3 else cell.ljust(width)
        for index, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
