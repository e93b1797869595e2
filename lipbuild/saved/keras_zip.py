"""The parts of a `.keras` file, as they are."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lipbuild.errors import RefusedError, UnusableError
from lipbuild.reading.strict_json import strict_json
from lipbuild.saved.structure import check_structure, objects_in

# What Keras writes, and what an export says of itself; none may be larger.
_LARGEST = {"config.json": 2**26, "metadata.json": 2**20, "model.weights.h5": 2**34, "lipbuild.json": 2**20}
# What a packed file may come to, whatever its own size, and how often its own size.
_ROOM, _PACKING = 2**24, 16
_END, _LOCAL = struct.Struct("<4s4H2LH"), struct.Struct("<4s5H3L2H")
_UNKNOWN, _LARGE_TAIL = 0xFFFFFFFF, 76
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_IS_ENCRYPTED, _HAS_DESCRIPTOR = 0x1, 0x8
# Behind a member whose sizes were not known before: with or without a signature, for small and large files.
_DESCRIPTORS = {12, 16, 20, 24}


@dataclass(frozen=True)
class KerasZip:
    """What a `.keras` file holds.

    Attributes:
        config: The content of `config.json`.
        weights: `model.weights.h5`.
    """

    config: dict[str, Any]
    weights: bytes


def read_keras_zip(path: Path) -> KerasZip:
    """Take a `.keras` file apart.

    The archive has to be of one reading: each member once, one behind the other from the first byte on, named alike
    in both of its headers, and nothing before, between or behind them. What is unpacked is limited before it is.

    Raises:
        UnusableError: It cannot be read.
        RefusedError: Two programs might read it differently, it holds more than a model, or it is too large.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_members(members, path.name, size)
            _check_places(file, archive, members, path.name, size)
            config = strict_json(archive.read("config.json"), f"config.json in {path.name}")
            content = archive.read("model.weights.h5")
    except (
        OSError,
        KeyError,
        ValueError,
        EOFError,
        RuntimeError,
        struct.error,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        reason = str(error).strip("'\"")
        raise UnusableError(
            f"{path} is not a whole `.keras` file: {reason}", "restore it from a copy, or make it again"
        ) from error
    check_structure(config, path.name)
    check_identities(config)
    return KerasZip(config, content)


def _check_members(members: list[zipfile.ZipInfo], name: str, size: int) -> None:
    names = [member.filename for member in members]
    if len(names) != len(set(names)):
        raise RefusedError(f"{name} holds two files of one name")
    for member in members:
        if member.filename not in _LARGEST:
            raise RefusedError(f"{name} holds {member.filename!r:.80}, which is not part of a model file")
        if member.flag_bits & _IS_ENCRYPTED or member.compress_type not in _PACKED:
            raise RefusedError(
                f"{member.filename} in {name} is encrypted, or packed in a way that is not known"
            )
        if member.file_size > _LARGEST[member.filename]:
            raise RefusedError(f"{member.filename} in {name} has more than {_LARGEST[member.filename]} bytes")
    if sum(member.file_size for member in members) > max(_ROOM, _PACKING * size):
        raise RefusedError(f"{name} would be unpacked to more than {_PACKING} times its size")


def _check_places(
    file: BinaryIO, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str, size: int
) -> None:
    """A program that reads from the front, and one that reads from the end, have to find the same."""
    ends = {0}
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset not in ends:
            raise RefusedError(f"{name} holds bytes before {member.filename} that belong to no file in it")
        ends = _ends_of(file, member, name)
    file.seek(size - _END.size)
    signature, *disks, count, length, start, comment = _END.unpack(file.read())
    # Of archives beyond 4 GiB two more records stand before the last one.
    tail = _LARGE_TAIL if start == _UNKNOWN else 0
    whole = archive.start_dir in ends and archive.start_dir + length + tail + _END.size == size
    if (
        not whole
        or signature != b"PK\5\6"
        or disks != [0, 0, len(members)]
        or count != len(members)
        or comment
    ):
        raise RefusedError(f"{name} has bytes after its files that belong to none of them")


def _ends_of(file: BinaryIO, member: zipfile.ZipInfo, name: str) -> set[int]:
    """Where a member may end: behind what its header in front of it says, too."""
    file.seek(member.header_offset)
    signature, _, flags, method, _, _, _, packed, size, length, extra = _LOCAL.unpack(file.read(_LOCAL.size))
    called = file.read(length)
    same = (signature, flags, method) == (b"PK\3\4", member.flag_bits, member.compress_type)
    known = flags & _HAS_DESCRIPTOR or {packed, size} <= {member.compress_size, member.file_size, _UNKNOWN}
    if not same or not known or called != member.orig_filename.encode("ascii"):
        raise RefusedError(f"the two headers of {member.filename} in {name} differ")
    end = member.header_offset + _LOCAL.size + length + extra + member.compress_size
    return {end + n for n in _DESCRIPTORS} if flags & _HAS_DESCRIPTOR else {end}


def check_identities(config: dict[str, Any]) -> None:
    """Of two objects with one `shared_object_id` Keras makes the first only: they must be the same.

    Raises:
        RefusedError: They are not.
    """
    known: dict[str, list[Any]] = {}
    for part in objects_in(config):
        identity = part.get("shared_object_id")
        made = [part.get(key) for key in ("module", "class_name", "config", "registered_name")]
        if identity is not None and known.setdefault(repr(identity), made) != made:
            raise RefusedError(f"the configuration has two objects with the identity {identity!r:.40}")
