"""What a cell of a table says: a number, or why it is not one."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from lipbuild.diagnostics.printable import escaped

Kind = Literal["empty", "text", "code", "malformed"]

NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WHOLE = re.compile(r"[-+]?[0-9]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+([eE][-+]?[0-9]+)?")
_GROUPS = re.compile(r"[-+]?[0-9]{1,3}([,.' \u00a0\u202f][0-9]{3})+([.,][0-9]+)?")
_DATE = re.compile(r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}([T ].*)?|[0-9]{1,2}:[0-9]{2}(:[0-9.]+)?")
_NAN = re.compile(r"[-+]?nan", re.IGNORECASE)
_INFINITE = re.compile(r"[-+]?inf(inity)?", re.IGNORECASE)
_MISSING = re.compile(r"#?n/?a|<na>|[-+]?nan|null|none|missing|[-?.]+", re.IGNORECASE)
_WITH_SIGN = re.compile(r"[$€£¥]? ?[-+]?[0-9.,]*[0-9] ?([%‰$€£¥]|°\w?)?")
_BOOLEAN = re.compile(r"true|false|yes|no", re.IGNORECASE)
# Whole numbers up to this are float64 numbers, each of them.
LARGEST_WHOLE = 2**53

_FILL_IT = "fill it, such as by `fill: median`, or leave its rows out"
_NAME_THEM = "declare it in `categories`, or leave it out by `ignore`"


class Fault(NamedTuple):
    """Why a cell is not a number.

    Attributes:
        kind: `empty`; `text`; `code`, digits that begin with 0; `malformed`, what is nearly a number.
        reason: What is wrong, to follow on what the cell holds.
        remedy: What to do.
        is_missing: Whether it stands for nothing, so that something else can fill it.
    """

    kind: Kind
    reason: str
    remedy: str
    is_missing: bool = False


# The largest number of float32, in which a network takes its inputs and gives its outputs.
LARGEST_INPUT = 3.4028234663852886e38
BEYOND = Fault(
    "malformed", "is beyond the largest float32, in which networks compute", "write it in a larger unit"
)


def nothing(cell: str) -> Fault:
    """Why a cell that stands for nothing is not a number.

    Args:
        cell: What it holds.
    """
    if not cell.strip():
        return Fault("empty", "", _FILL_IT, is_missing=True)
    if _NAN.fullmatch(cell.strip()):
        return Fault("malformed", "is not a finite number", _FILL_IT, is_missing=True)
    return Fault("text", "stands for nothing", _FILL_IT, is_missing=True)


def is_nothing(cell: str) -> bool:
    """Whether a cell of a column of numbers is empty, or is a text that usually stands for nothing."""
    return not cell.strip(" \t") or _MISSING.fullmatch(cell.strip(" \t")) is not None


def number_of(cell: str, decimal: str = ".") -> float | Fault:
    """The number that a cell holds: decimal digits of ASCII, perhaps with a sign, a fraction and an exponent.

    Args:
        cell: The text between two delimiters. Spaces and tabs around it do not count.
        decimal: What stands before the fraction, `.` or `,`.
    """
    text = cell.strip(" \t")
    if decimal == ",":
        if "." in text:
            return Fault(
                "malformed", "has a point, and `decimal` is a comma", "write no thousands separators"
            )
        text = text.replace(",", ".")
    if not NUMBER.fullmatch(text):
        return _fault(text)
    if _LEADING_ZERO.match(text):
        return Fault("code", "begins with 0, which makes it a code", _NAME_THEM)
    number = float(text)
    if number in (float("inf"), float("-inf")):
        return Fault("malformed", "is beyond the largest float64", "write it in a larger unit")
    if abs(number) >= LARGEST_WHOLE and _WHOLE.fullmatch(text) and abs(int(text)) > LARGEST_WHOLE:
        return Fault(
            "malformed", "is a whole number beyond 2⁵³, of which float64 would drop digits", _NAME_THEM
        )
    return number


def _fault(text: str) -> Fault:
    """Why a text is not a number."""
    if is_nothing(text):
        return nothing(text)
    if "\0" in text:
        return Fault("malformed", "has a NUL byte", "the file is damaged, or in UTF-16: see `encoding`")
    if _COMMA.fullmatch(text):
        return Fault("malformed", "has a decimal comma", "add `decimal: ','`")
    if _GROUPS.fullmatch(text):
        return Fault("malformed", "has thousands separators", "write it without them")
    if _INFINITE.fullmatch(text):
        return Fault("malformed", "is not a finite number", "write a number, or leave its rows out")
    if _DATE.fullmatch(text):
        return Fault("text", "is a date or a time", "write it as a number, such as days since the first")
    if _BOOLEAN.fullmatch(text):
        return Fault("text", "is a truth value", "write 1 and 0, or declare it in `categories`")
    try:
        float(text)
    except ValueError:
        if re.search("[%‰°$€£¥]", text) and _WITH_SIGN.fullmatch(text):
            return Fault(
                "text", "is a number with a sign beside it", "write the number alone; `units` names its unit"
            )
        return Fault("text", "is text", _NAME_THEM)
    # Python reads digits of any script, and underscores between them.
    what = "has an underscore" if "_" in text else "has digits of another script, or spaces of another kind"
    return Fault("malformed", what, "write it in the digits 0 to 9")


def shown(cell: str) -> str:
    """A cell in a message."""
    text = cell if len(cell) <= 40 else f"{cell[:37]}…"
    return f"`{escaped(text)}`"


def place_of(path: Path, encoding: str, delimiter: str, line: int, index: int, width: int) -> str:
    """Where a cell of a table is: file:line:column; file:line where quotes hide the column.

    Args:
        path: The file.
        encoding: How it is opened.
        delimiter: What separates its columns.
        line: The line, from 1.
        index: Which of the row's cells it is, from 0.
        width: How many cells the row has.
    """
    with path.open(encoding=encoding, newline="") as file:
        written = next(islice(file, line - 1, None)).rstrip("\r\n")
    parts = written.split(delimiter)
    if len(parts) != width:
        return f"{path}:{line}"
    return f"{path}:{line}:{len(delimiter.join(parts[:index])) + (index > 0) + 1}"
