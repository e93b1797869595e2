from __future__ import annotations

from lipbuild.cli.text_table import text_table, up, wrapped
from lipbuild.diagnostics.printable import printable
from lipbuild.evaluation.audit.audit import Audit, AuditedLayer
from lipbuild.network.rounding import decimal_down
from lipbuild.network.shapes import format_shape


def audit_table(audit: Audit, allowed: float | None = None) -> str:
    """An audit as plain text: the layers, what was found, and the whole."""
    lines = [text_table(("layer", "type", "output", "proved", "at least"), [_row(x) for x in audit.layers])]
    for layer in audit.layers:
        if layer.reason:
            lines += ["", wrapped(f"{layer.name}: no proved constant: {layer.reason}")]
        for finding in layer.findings:
            lines += [
                "",
                wrapped(
                    f"{finding.severity}[{finding.code}] {finding.rule}: {layer.name}: {finding.message}"
                ),
            ]
            if finding.help:
                lines.append(wrapped(f"  help: {finding.help}"))
    lines.append("")
    if audit.origin:
        lines.append(f"a model of {audit.origin}, read by the kernels that it applies")
    if audit.lipschitz is None:
        lines.append(wrapped(f"no Lipschitz constant is proved: {audit.reason}"))
    else:
        lines.append(f"Lipschitz constant (L2) at most {up(audit.lipschitz)}, proved from the weights")
        if allowed is not None and audit.lipschitz > allowed:
            lines.append(f"that is more than the {allowed:g} allowed")
    for contradiction in audit.contradictions:
        lines.append(f"the file is not what it says of itself: {contradiction}")
    if audit.data is not None:
        parts = ", ".join(f"{name} {count:,}" for name, count in audit.data.parts.items())
        said = f"{audit.data.path}: the samples of the training, each in its part: {parts}"
        lines.append(wrapped(printable(said)))
        lines += map(wrapped, audit.data.notes)
    return "\n".join(lines)


def _row(layer: AuditedLayer) -> tuple[str, ...]:
    return (
        layer.name,
        layer.kind,
        "?" if layer.shape is None else format_shape(layer.shape),
        "" if layer.upper is None else up(layer.upper),
        decimal_down(layer.lower) if layer.lower else "",
    )
