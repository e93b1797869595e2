"""HDF5 files, looked at before anything in them is read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from lipbuild.errors import LipbuildError, RefusedError, UnusableError

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# Groups within groups.
_DEEPEST = 32
# Texts of any length in one attribute may all be the same bytes of the file: what they may come to together.
_LONGEST = 2**26
_NUMBERS = "fiub"


@contextmanager
def opened(source: BinaryIO, what: str) -> Iterator[Any]:
    """An HDF5 file in which everything is stored once, in full, as it is, and in this file.

    Whether it is, is looked at before any array is read: a file may point to others, declare more than it holds, pack
    numbers so that they come to gigabytes, and hold itself.

    Args:
        source: The bytes, open for reading.
        what: What it is called in messages.

    Raises:
        RefusedError: It is something else.
        UnusableError: It cannot be read as an HDF5 file.
    """
    import h5py

    size = source.seek(0, 2)
    source.seek(0)
    if source.read(len(_SIGNATURE)) != _SIGNATURE:
        raise UnusableError(f"{what} is not an HDF5 file")
    source.seek(0)
    try:
        with h5py.File(source, "r") as file:
            _Checked(h5py, what, size).group(file, "", 0)
            yield file
    except LipbuildError:
        raise
    # What h5py raises of a damaged file is of any kind.
    except Exception as error:
        raise UnusableError(f"{what} cannot be read: {str(error) or error!r}") from error


class _Checked:
    """What has been seen of a file."""

    def __init__(self, h5py: Any, what: str, size: int) -> None:
        self.h5py = h5py
        self.what = what
        self.size = size
        self.seen: set[int] = set()
        self.bytes = 0

    def group(self, group: Any, path: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise RefusedError(f"{self.what} has groups nested more than {_DEEPEST} deep")
        self.once(group, path)
        self.attributes(group, path)
        for key in group:
            if not key.isprintable():
                raise RefusedError(f"{self.what} holds {key!r:.80}, a name that cannot be shown")
            here = f"{path}/{key}"
            if not isinstance(group.get(key, getlink=True), self.h5py.HardLink):
                raise RefusedError(f"{here} in {self.what} is a link")
            kind = group.get(key, getclass=True)
            if kind is self.h5py.Group:
                self.group(group[key], here, depth + 1)
            elif kind is self.h5py.Dataset:
                self.array(group[key], here)
            else:
                raise RefusedError(f"{here} in {self.what} is neither a group nor an array")

    def once(self, part: Any, path: str) -> None:
        """Two names of one thing are one way to hold itself, and to be more than the file has room for."""
        address = self.h5py.h5o.get_info(part.id).addr
        if address in self.seen:
            raise RefusedError(f"{path} in {self.what} is stored under another name, too")
        self.seen.add(address)

    def attributes(self, part: Any, path: str) -> None:
        """Attributes have to be numbers or texts: others are read only by following them."""
        h5 = self.h5py
        for i in range(h5.h5a.get_num_attrs(part.id)):
            attribute = h5.h5a.open(part.id, index=i)
            kind, count = attribute.get_type(), math.prod(attribute.shape)
            if isinstance(kind, h5.h5t.TypeStringID) and kind.is_variable_str():
                held = count * min(self.size, _LONGEST) if count > 1 else 0
            elif isinstance(kind, (h5.h5t.TypeStringID, h5.h5t.TypeIntegerID, h5.h5t.TypeFloatID)):
                held = count * kind.get_size()
                self.bytes += held
            else:
                raise RefusedError(
                    f"an attribute of {path or '/'} in {self.what} is neither a text nor a number"
                )
            if held > max(self.size, _LONGEST) or self.bytes > self.size:
                raise RefusedError(
                    f"an attribute of {path or '/'} in {self.what} is larger than the file has room for"
                )

    def array(self, array: Any, path: str) -> None:
        self.once(array, path)
        self.attributes(array, path)
        created = array.id.get_create_plist()
        if array.is_virtual or created.get_external_count():
            raise RefusedError(f"{path} in {self.what} lies in another file")
        if created.get_nfilters() or created.get_layout() == self.h5py.h5d.CHUNKED:
            raise RefusedError(f"{path} in {self.what} is packed or in chunks, as Keras stores no weight")
        kind = array.id.get_type()
        held = math.prod(array.shape or ()) * kind.get_size()
        numbers = array.dtype.kind in _NUMBERS or "dtype" in array.attrs
        if array.shape is None or not numbers or array.dtype.hasobject:
            raise RefusedError(f"{path} in {self.what} does not hold numbers")
        self.bytes += held
        if held != array.id.get_storage_size() or self.bytes > self.size:
            raise RefusedError(f"{path} in {self.what} has more numbers than the file has room for")
