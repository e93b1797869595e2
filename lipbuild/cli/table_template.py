"""A config for a table, from what its first rows look like."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path

from lipbuild.config.sources.look_at import LookedAt, TableLook, look_at
from lipbuild.diagnostics.printable import escaped
from lipbuild.errors import RefusedError
from lipbuild.text.suggest import nearest

# Whole numbers with at most so many values are classes.
_CLASSES = 10
# What a config takes as `least_std`.
_LEAST_STD, _GREATEST_STD = 1e-6, 1e6
# How far a regression may move its target with one column alone, in deviations of both.
_OF_ONE_COLUMN = 3.0
_PARTS = {"train", "validation", "test"}
_PART_WORDS = _PARTS | {"training", "valid", "val", "dev", "eval", "testing", "holdout"}
_GROUP = re.compile(
    r"(patient|subject|person|user|customer|client|group|household|session|machine|device|engine|vehicle|site)"
    r"([_ .-]?(id|no|nr|number|name|code))?",
    re.IGNORECASE,
)
_PLAIN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9_]*([./-][A-Za-z0-9_]+)*")
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"}


def table_config(table: Path, target: str | None, config: Path, name: str) -> str:
    """The text of a config for a table.

    Args:
        table: The file.
        target: The column to predict; the last one where left out.
        config: Where the config is going to be.
        name: The name of the network.

    Raises:
        UnusableError: The table cannot be read.
        RefusedError: It has no such column, or nothing can be learnt of it.
    """
    look = look_at(table)
    names = [column.name for column in look.columns]
    if target is not None and target not in names:
        near = nearest(target, names)
        raise RefusedError(
            f"{table}:1: there is no column `{target}`",
            f"there is `{near}`" if near else f"its columns are {', '.join(names)}",
        )
    if target is not None:
        wanted = look.columns[names.index(target)]
    else:
        named = [column for column in look.columns if column.name and column.missing < look.rows]
        if not named:
            raise RefusedError(f"{table}:1: no column has a name and a value")
        wanted = named[-1]
    classes = _classes(table, wanted, look.rows)
    part, group, others = _roles([column for column in look.columns if column is not wanted], look.rows)
    inputs = [column for column in others if not _left(column, look.rows)]
    if not inputs:
        raise RefusedError(
            f"{table}: no column except `{wanted.name}` can be an input", _why(others, look.rows)
        )
    numbers = [column for column in inputs if column.kind == "number"]
    deviations = [_deviation(column.numbers) for column in numbers if len(set(column.numbers)) > 1]
    least = _rounded(min(max(min(deviations, default=0.2) / 2, _LEAST_STD), _GREATEST_STD))
    return "\n".join(
        [
            *_head(table, look, wanted, target, classes, config),
            f"name: {name}",
            "seed: 0 # two runs with one seed give the same metrics",
            "",
            *_model(classes, inputs),
            "data:",
            *_source(table, look, wanted, inputs, others, part, config),
            *_parts(part, group, classes),
            "  # (column − mean)/deviation; a deviation below `least_std` counts as `least_std`.",
            f"  preprocess: [Normalization: {{least_std: {least:g}}}]",
            *(
                []
                if classes
                else ["  target_scale: standard # errors and outputs are in the target's units all the same"]
            ),
            "",
            *_training(classes, look.rows),
            "",
            "# A radius is one number for all columns, in their own units: the column that varies least decides it.",
            f"certify: {{radii: [{least / 2:g}, {least:g}, {2 * least:g}]}}",
            "# By how much columns may be off, in their own units: `certify: {tolerance: {column: 0.1}}`.",
            "export: {formats: [keras]} # and onnx, saved_model, litert",
            "",
        ]
    )


def _head(
    table: Path, look: TableLook, wanted: LookedAt, target: str | None, classes: Sequence[str], config: Path
) -> list[str]:
    rows = f"{look.rows:,} rows" if look.is_whole else f"the first {look.rows:,} rows"
    predicts = (
        f"the class `{escaped(wanted.name)}`: {escaped(', '.join(classes[:8]))}{' …' if len(classes) > 8 else ''}"
        if classes
        else f"the number `{escaped(wanted.name)}`"
    )
    chosen = "" if target is not None else ", the last column (`--target` names another)"
    return [
        f"# Predicts {predicts}{chosen}.",
        f"# Written from {rows} of {escaped(table.name)}.",
        "#",
        f"#   lipbuild check {escaped(str(config))}      the design rules, the shapes, the constants",
        f"#   lipbuild data {escaped(str(config))}       what is in the table",
        f"#   lipbuild train {escaped(str(config))}      trains it and writes a run folder under runs/",
        "#   lipbuild evaluate RUN      errors, and what is certified",
        "",
    ]


def _model(classes: Sequence[str], inputs: Sequence[LookedAt]) -> list[str]:
    if classes:
        return [
            "model:",
            "  lipschitz: 1.0 # the constant (L2) of the network, of scaled columns",
            "  layers:",
            "    - SpectralDense: {units: 64} # in place of Dense: an orthogonal kernel",
            "    - GroupSort2 # in place of ReLU: keeps the norm of every gradient",
            "    - SpectralDense: {units: 32}",
            "    - GroupSort2",
            f"    - SpectralDense: {{units: {len(classes)}}} # one output a class, and no softmax",
            "",
        ]
    count = sum(len(column.values) if column.kind == "category" else 1 for column in inputs)
    constant = math.floor(10.0 * _OF_ONE_COLUMN * math.sqrt(count)) / 10.0
    return [
        "model:",
        f"  # With one column alone the target moves by at most {_OF_ONE_COLUMN:g} deviations for one of the column.",
        f"  lipschitz: {constant:g} # of all {count} inputs together (L2): √{count} times as much",
        "  # monotone: {column: increasing} # or decreasing: what is known of a column is then proved",
        "  layers:",
        "    # In place of Dense: hold the greatest norm, so that what is proved of a column is near what it does.",
        "    - LInfDense: {units: 32, input_norm: l1, column_penalty: 0.01}",
        "    - GroupSort2 # in place of ReLU: keeps the norm of every gradient",
        "    - LInfDense: {units: 16}",
        "    - GroupSort2",
        "    - LInfDense: {units: 1}",
        "",
    ]


def _source(
    table: Path,
    look: TableLook,
    wanted: LookedAt,
    inputs: Sequence[LookedAt],
    others: Sequence[LookedAt],
    part: LookedAt | None,
    config: Path,
) -> list[str]:
    lines = ["  source:", "    csv:", f"      path: {_yaml(_path(table, config))}"]
    if look.delimiter != ",":
        lines.append(f"      delimiter: {json.dumps(look.delimiter)}")
    if look.decimal != ".":
        lines.append('      decimal: ","')
    if look.encoding != "utf-8":
        lines.append(f"      encoding: {look.encoding}")
    lines += [f"      target: {_yaml(wanted.name)}", "      features:"]
    lines += [f"        - {_yaml(column.name)} # {_said(column)}" for column in inputs]
    left = [column for column in others if column not in inputs]
    if left:
        lines.append("      # Left out:")
        lines += [
            f"      #   {escaped(column.name) or 'a column without a name'}: {_left(column, look.rows)}"
            for column in left
        ]
    texts = [column for column in inputs if column.kind == "category"]
    if texts:
        lines.append("      categories: # each value becomes an input of 0 or 1")
        lines += [
            f"        {_yaml_key(column.name)}: [{', '.join(map(_yaml, column.values))}]"
            + ("" if look.is_whole else " # and what later rows have")
            for column in texts
        ]
    missing = any(column.missing for column in inputs)
    lines.append(
        "      fill: median # what a missing cell becomes: that of the training part"
        if missing
        else "      # fill: median # what a missing cell becomes; none is missing in these rows"
    )
    if missing:
        lines.append(
            "      # indicator: true # another input for each such column: 1 if its cell was missing"
        )
    if part is not None:
        lines.append(f"      split: {_yaml(part.name)} # says the part of each row")
    return lines


def _parts(part: LookedAt | None, group: LookedAt | None, classes: Sequence[str]) -> list[str]:
    if part is not None:
        return []
    lines = [
        "  test: 0.2 # held out for `evaluate`",
        "  validation: 0.1 # of the rest, measured each epoch",
    ]
    if group is not None:
        lines.append(f"  split: {{group: {_yaml(group.name)}}} # all rows of one are in one part")
    elif classes:
        lines.append("  stratify: true # the same shares of the classes in each part")
    return lines


def _training(classes: Sequence[str], rows: int) -> list[str]:
    batch = max(8, min(256, 2 ** int(math.log2(max(rows, 256) / 32))))
    loss = (
        [
            "  # A Lipschitz network cannot make its logits large, so cross-entropy needs a temperature:",
            "  # a small tau for robustness, a large one for accuracy.",
            "  loss: {TauCategoricalCrossentropy: {tau: 5}}",
        ]
        if classes
        else ["  loss: MeanSquaredError"]
    )
    return [
        "train:",
        *loss,
        "  optimizer: {Adam: {learning_rate: 1e-2}}",
        "  epochs: 30",
        f"  batch_size: {batch}",
    ]


def _classes(table: Path, wanted: LookedAt, rows: int) -> Sequence[str]:
    """The classes of the target; none for a number."""
    if wanted.missing:
        raise RefusedError(
            f"{table}:{wanted.first_missing}: the target `{wanted.name}` is missing, as in {wanted.missing:,} of "
            f"{rows:,} rows",
            "give it a value, or leave these rows out",
        )
    if wanted.kind == "category":
        return wanted.values
    if wanted.kind == "constant":
        raise RefusedError(
            f"{table}: the target `{wanted.name}` is the same in all rows", "`--target` names another"
        )
    if len(wanted.numbers) == rows:
        values = sorted(set(wanted.numbers))
        is_few = len(values) <= min(_CLASSES, rows // 3) and all(value.is_integer() for value in values)
        return [str(int(value)) for value in values] if is_few else ()
    raise RefusedError(
        f"{table}: the target `{wanted.name}` is neither numbers nor classes: {wanted.why}",
        "`--target` names another",
    )


def _roles(columns: Sequence[LookedAt], rows: int) -> tuple[LookedAt | None, LookedAt | None, list[LookedAt]]:
    """The column that names the part of a row, the one that rows are grouped by, and the others."""
    part = next(
        (c for c in columns if c.kind == "category" and "train" in c.values and set(c.values) <= _PARTS), None
    )
    group = next((c for c in columns if c is not part and _is_group(c, rows)), None)
    return part, group, [c for c in columns if c is not part and c is not group]


def _is_group(column: LookedAt, rows: int) -> bool:
    return _names_groups(column, rows) and not column.missing


def _names_groups(column: LookedAt, rows: int) -> bool:
    repeats = 5 <= len(column.values) <= rows // 2
    return _GROUP.fullmatch(column.name) is not None and repeats


def _names_parts(column: LookedAt) -> bool:
    """Whether a column says the part of each row, in whatever words."""
    words = {value.lower() for value in column.values}
    return {"train", "training"} & words != set() and words <= _PART_WORDS


def _said(column: LookedAt) -> str:
    missing = f", {column.missing:,} missing" if column.missing else ""
    if column.kind == "category":
        return f"text of {len(column.values)} values{missing}"
    return f"{min(column.numbers):.6g} to {max(column.numbers):.6g}{missing}"


def _left(column: LookedAt, rows: int) -> str:
    """Why a column that is neither the part nor the group is not an input; empty where it is one."""
    if column.kind == "index":
        return "it tells the rows apart, and nothing else" if column.name else "its kind is unknown"
    if column.kind == "constant":
        return "the same in all rows"
    if column.missing and _names_groups(column, rows):
        return (
            f"it says what belongs together, and is missing in {column.missing:,} rows; once they are filled, "
            f"`split: {{group: {escaped(column.name)}}}` keeps that in one part"
        )
    if _names_parts(column):
        return "it looks like the part of each row, for which `split` reads train, validation and test"
    return column.why


def _why(columns: Sequence[LookedAt], rows: int) -> str:
    return (
        "; ".join(f"`{column.name}`: {_left(column, rows)}" for column in columns[:5])
        or "the table has no other"
    )


def _deviation(numbers: Sequence[float]) -> float:
    mean = math.fsum(number / len(numbers) for number in numbers)
    return math.dist(numbers, [mean] * len(numbers)) / math.sqrt(len(numbers))


def _rounded(value: float) -> float:
    """One digit, rounded down."""
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{math.floor(value / power) * power:.0e}")


def _path(table: Path, config: Path) -> str:
    """The table from the folder of the config."""
    try:
        return table.resolve().relative_to(config.resolve().parent).as_posix()
    except ValueError:
        return table.resolve().as_posix()


def _yaml(text: str) -> str:
    """A text as a value of a config, where `${` would start a variable."""
    return _yaml_key(text.replace("${", "$${"))


def _yaml_key(text: str) -> str:
    """A text as a key of a config, which is read as it stands."""
    if _PLAIN_TEXT.fullmatch(text) and text.lower() not in _WORDS:
        return text
    written = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in written)
