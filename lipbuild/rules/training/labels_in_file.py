"""What can be seen of a file's labels without loading it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from lipbuild.config.sources.source_spec import SourceSpec

# The readers of files are loaded where there is a file: most configs have none.
if TYPE_CHECKING:
    from lipbuild.config.sources.arrays import Npy, Npz
    from lipbuild.config.sources.tables import Csv
    from lipbuild.reading.npy_header import ArrayHeader

# Of a table no more is read.
_ROWS = 200


class FileLabels(NamedTuple):
    """The labels of a file as far as they can be seen.

    Attributes:
        key: The key of the source that names them.
        what: What they are called in a message.
        columns: How many values a sample has; None where they have more than one dimension.
        kind: `text` or `number`.
        fraction: The first value that is not a whole number, as it stands in the file, if there is one.
    """

    key: str
    what: str
    columns: int | None
    kind: str
    fraction: str | None = None


def labels_in_file(source: SourceSpec, folder: Path) -> FileLabels | None:
    """The labels of a data source; None where it has no file, or the file cannot be read."""
    if source.source_name == "npz":
        return _of_archive(cast("Npz", source), folder)
    if source.source_name == "npy":
        return _of_array(cast("Npy", source), folder)
    if source.source_name == "csv":
        return _of_table(cast("Csv", source), folder)
    return None


def _of_archive(source: Npz, folder: Path) -> FileLabels | None:
    from lipbuild.reading.npz_header import array_header

    for name in (source.labels, f"{source.labels}_train"):
        header = array_header(folder / source.path, name)
        if header is not None and header.shape:
            return _of_header(header, f"the labels `{name}` of {source.path}")
    return None


def _of_array(source: Npy, folder: Path) -> FileLabels | None:
    from lipbuild.reading.npy_header import read_npy_header

    header = read_npy_header(folder / source.labels)
    return (
        _of_header(header, f"the labels of {source.labels}") if header is not None and header.shape else None
    )


def _of_header(header: ArrayHeader, what: str) -> FileLabels:
    columns = header.shape[1] if len(header.shape) == 2 else 1 if len(header.shape) == 1 else None
    return FileLabels("labels", what, columns, "text" if header.kind in "USO" else "number")


def _of_table(source: Csv, folder: Path) -> FileLabels | None:
    from lipbuild.config.sources.cells import Fault, number_of

    start = source.start(folder)
    if start is None or not set(source.targets_list) <= set(start.header):
        return None
    columns = [start.header.index(name) for name in source.targets_list]
    rows = [row for _, row in start.rows[:_ROWS]]
    what = f"the labels {', '.join(f'`{name}`' for name in source.targets_list)} of {source.path}"
    values = [row[column].strip() for row in rows for column in columns]
    found = [(value, number_of(value, source.decimal)) for value in values]
    # What is missing or malformed is refused where the data is read: it tells nothing of the others.
    if any(
        isinstance(one, Fault) and one.kind in ("text", "code") and not one.is_missing for _, one in found
    ):
        return FileLabels("target", what, len(columns), "text")
    fraction = next((text for text, one in found if not isinstance(one, Fault) and one % 1), None)
    return FileLabels("target", what, len(columns), "number", fraction)
