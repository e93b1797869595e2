"""What a page is made of: sections, and what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lipbuild.reporting.charts.drawing import Drawing


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption.

    Attributes:
        drawing: The drawing.
        caption: What it shows, and how it is read.
        wide: Whether it takes the whole width.
    """

    drawing: Drawing
    caption: str
    wide: bool = False
    kind: str = "figure"


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        header: The names of the columns.
        rows: The cells.
        caption: What it shows.
        words: How many columns, from the left, are words; the others are numbers.
        wide: Whether it takes the whole width.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    words: int = 1
    wide: bool = False
    kind: str = "table"


@dataclass(frozen=True)
class Facts:
    """Values under their names.

    Attributes:
        entries: Names and values, and what is to be known about each, if anything.
        large: Whether they are what one looks for first.
    """

    entries: Sequence[tuple[str, str, str]]
    large: bool = False
    kind: str = "facts"


@dataclass(frozen=True)
class Missing:
    """What is not in the run folder, and the command that makes it.

    Attributes:
        what: What is not there.
        command: The command; nothing where no command makes it.
    """

    what: str
    command: str = ""
    kind: str = "missing"


@dataclass(frozen=True)
class Caution:
    """What voids what is stated elsewhere, or changes how it is read.

    Attributes:
        text: What it says.
    """

    text: str
    kind: str = "caution"


@dataclass(frozen=True)
class Listing:
    """A text as it is in a file.

    Attributes:
        caption: What it is.
        text: The text.
    """

    caption: str
    text: str
    kind: str = "listing"


@dataclass(frozen=True)
class Gallery:
    """Drawings side by side.

    Attributes:
        pictures: The drawings.
        caption: What they show.
    """

    pictures: Sequence[Drawing]
    caption: str
    kind: str = "gallery"


Part = Figure | Table | Facts | Missing | Caution | Listing | Gallery


@dataclass(frozen=True)
class Section:
    """A section of a page.

    Attributes:
        id: Its name in the page's addresses.
        title: Its title.
        parts: What stands in it.
        lead: What it is about, in a sentence or two.
    """

    id: str
    title: str
    parts: Sequence[Part]
    lead: str = ""
