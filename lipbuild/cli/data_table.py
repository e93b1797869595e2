from __future__ import annotations

import math
from decimal import ROUND_CEILING, Context, Decimal

from lipbuild.cli.text_table import text_table, wrapped
from lipbuild.data.report.data_report import DataReport
from lipbuild.diagnostics.printable import printable
from lipbuild.network.shapes import format_shape

# More classes than this are not listed one by one.
_CLASSES = 25


def data_table(report: DataReport) -> str:
    """A report on data as plain text."""
    count = sum(part.samples for part in report.parts)
    kept = "read when they are needed" if report.streamed else "in memory"
    blocks = [
        f"{report.source}: {count:,} samples of {format_shape(report.shape)}, {kept}\nradii in {report.unit}",
        _parts(report),
        _mixed(report),
        _columns(report),
        _drawn_by(report),
        _classes(report) if report.class_names else _targets(report),
        _duplicates(report),
        _distances(report),
        _preprocessing(report),
        "\n".join(wrapped(f"remark: {line}") for line in report.remarks),
        "\n".join(wrapped(f"error: {line}") for line in report.wanting),
    ]
    return "\n\n".join(block for block in blocks if block)


def _parts(report: DataReport) -> str:
    rows = [
        (
            part.name,
            f"{part.samples:,}",
            f"{part.least:.6g}",
            f"{part.greatest:.6g}",
            f"{part.mean:.6g}",
            f"{part.deviation:.6g}",
            f"{part.broken:,}",
        )
        for part in report.parts
    ]
    header = ("part", "samples", "least", "greatest", "mean", "deviation", "not finite")
    return text_table(header, rows, words=1)


def _mixed(report: DataReport) -> str:
    """What is mixed into the training part."""
    mixed = report.mixed
    if mixed is None:
        return ""
    more = f"; {mixed.left_out:,} more are equal to held-out ones, and left out" if mixed.left_out else ""
    return wrapped(
        f"mixed in: {mixed.share:.4g} of each batch, from {mixed.samples:,} samples of {mixed.source}{more}"
    )


def _columns(report: DataReport) -> str:
    """The columns of a table in the training part."""
    if not report.columns:
        return ""
    rows = [
        (
            column.name,
            *(
                ("text", f"{column.categories:,} values", "", "", "")
                if column.deviation is None
                else tuple(
                    f"{value:.6g}"
                    for value in (column.least, column.greatest, column.mean, column.median, column.deviation)
                    if value is not None
                )
            ),
            f"{column.missing:,}",
        )
        for column in report.columns
    ]
    header = ("column", "least", "greatest", "mean", "median", "deviation", "missing")
    table = text_table(header, rows, words=1)
    return f"the columns in the training part, with missing cells filled:\n\n{table}"


def _drawn_by(report: DataReport) -> str:
    by = report.drawn_by
    if by is None:
        return ""
    what = "groups" if by.key == "group" else "times"
    counts = ", ".join(f"{count:,} in the {name} part" for count, name in zip(by.values, by.parts))
    lines = [f"parts drawn by the {by.key} `{printable(by.name)}`; {what}: {counts}"]
    for part in by.drawn:
        of = "of the rest" if part.name == "validation" and len(by.drawn) > 1 else "of the samples"
        lines.append(f"the {part.name} part has {part.reached:.1%} {of}, asked for {part.asked:.1%}")
    return wrapped("\n".join(lines))


def _classes(report: DataReport) -> str:
    numbers = range(len(report.class_names))
    if len(numbers) > _CLASSES:
        sizes = report.parts[0].per_class
        least, most = min(numbers, key=sizes.__getitem__), max(numbers, key=sizes.__getitem__)
        names = [printable(name) for name in report.class_names]
        return wrapped(
            f"{len(numbers)} classes of {sizes[least]:,} (`{names[least]}`) to {sizes[most]:,} (`{names[most]}`) "
            "training samples"
        )
    weights = report.class_weights
    header = ("class", *(part.name for part in report.parts), "share", *(("weight",) if weights else ()))
    total = max(sum(sum(part.per_class) for part in report.parts), 1)
    rows = [
        (
            report.class_names[number],
            *(f"{part.per_class[number]:,}" for part in report.parts),
            f"{sum(part.per_class[number] for part in report.parts) / total:.1%}",
            *((f"{weights[number]:.4g}",) if weights else ()),
        )
        for number in numbers
    ]
    return text_table(header, rows, words=1)


def _targets(report: DataReport) -> str:
    assert report.targets is not None
    low, high = report.targets
    lines = [f"numbers to predict from {low:.6g} to {high:.6g}"]
    for number, (mean, deviation) in enumerate(zip(report.target_means, report.target_deviations), 1):
        which = f" {number}" if len(report.target_means) > 1 else ""
        lines.append(f"target{which}: mean {mean:.6g}, deviation {deviation:.6g} in the training part")
    return "\n".join(lines)


def _duplicates(report: DataReport) -> str:
    lines = []
    for found in report.duplicates:
        first, second = found.parts
        one = found.samples == 1
        samples = "1 sample" if one else f"{found.samples:,} samples"
        if first == second:
            text = f"{samples} {'appears' if one else 'appear'} again within the {first} part"
        else:
            text = f"{samples} of the {second} part {'is' if one else 'are'} in the {first} part"
        other = f", {found.contradictory:,} of them with another label" if found.contradictory else ""
        if first != second:
            other += f"; `train` leaves {'it' if one else 'them'} out of that one"
        lines.append(text + other)
    for near in report.near_duplicates:
        first, second = near.parts
        are = "is" if near.samples == 1 else "are"
        lines.append(
            f"{near.samples:,} of {near.compared:,} samples of the {second} part {are} nearly identical to one of "
            f"{near.others:,} of the {first} part: what belongs together is kept together by `data.split`"
        )
    return wrapped("\n".join(lines)) or "no two samples are equal"


def _distances(report: DataReport) -> str:
    found = report.distances
    if found is None:
        return ""
    percentiles = ", ".join(f"{percent} % below {value:.4g}" for percent, value in found.percentiles.items())
    lines = [
        f"distance to the nearest sample of another class, of {found.samples:,} samples: least {found.least:.4g}, "
        f"{percentiles}",
        "of two samples of different classes at most one has a certified radius above half of their distance: "
        f"{_up(found.least / 2)} for the nearest two",
    ]
    lines = [wrapped(line) for line in lines]
    if report.limits:
        rows = [
            (f"{limit.radius:g}", f"{limit.samples - limit.pairs:,} of {limit.samples:,} test samples")
            for limit in report.limits
        ]
        lines += ["", text_table(("radius", "certified at most"), rows, words=1)]
    return "\n".join(lines)


def _preprocessing(report: DataReport) -> str:
    lines = []
    for found in report.fitted:
        own = found.deviations
        place = min(range(len(own)), key=own.__getitem__)
        if len(own) == 1:
            what = f"the deviation {own[0]:.4g}"
        else:
            where = f"`{report.inputs[place]}`" if report.inputs else f"value {place} of the last axis"
            what = f"deviations from {own[place]:.4g} ({where}) to {max(own):.4g}"
        lines.append(f"`{found.step}` finds {what} in the training part")
    if math.isinf(report.preprocessing):
        lines.append("the preprocessing has no known constant: give `Normalization` a `least_std`")
    elif report.preprocessing != 1.0:
        lines.append(f"the preprocessing has the Lipschitz constant {report.preprocessing:.6g}")
    return wrapped("\n".join(lines))


def _up(value: float) -> str:
    """Four digits, never rounded down."""
    rounded = Context(prec=4, rounding=ROUND_CEILING).create_decimal(Decimal(value))
    return f"{rounded:f}"
