from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.input_column import InputColumn
from lipbuild.data.contract.identities import Digests, Identities
from lipbuild.data.contract.key import VARIABLE, Key, own_key
from lipbuild.data.parts import NUMBERED, Parts
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.reading.file import read_bytes
from lipbuild.reading.json_file import json_object
from lipbuild.reading.unpack import unpack

FORMAT, VERSION = "lipbuild.data", 1
# The two files of a contract in a run folder.
STATEMENT, SAMPLES = "data.json", "data.samples"
_MAGIC = b"LIPDATA1"
# The number of a part by which a sample is known and in none.
LEFT_OUT = 255
# A sample: its digest, its part, its place in the part, and its number in the source's order.
RECORD = np.dtype([("sample", "S16"), ("part", "u1"), ("place", "<u4"), ("number", "<u4")])
_MOST_SAMPLES = 2**32 - 1
# No file system has a longer path.
_LONGEST_NAME = 4096
_KEYS = {
    "format",
    "version",
    "source",
    "mix",
    "inputs",
    "labels",
    "preprocess",
    "target_scale",
    "drawn",
    "samples",
    "parts",
}
_SEAL = "sha256"
_REMEDY = (
    f"restore {STATEMENT} and {SAMPLES} from a copy: without them nobody knows what the training has seen"
)


@dataclass(frozen=True)
class Contract:
    """What a training says of its data, to which later commands hold theirs.

    Attributes:
        statement: The content of `data.json`.
        records: One record a sample, in the order of digests and numbers.
        names: What each sample was called, by its number; empty where its number is all there is.
        key: What the digests were made with; None where it is the user's and was not given.
        sha256: The SHA-256 of `data.json` as it lies in the run folder; empty before it is written.
    """

    statement: Mapping[str, Any]
    records: NDArray[np.void]
    names: Sequence[str]
    key: Key | None
    sha256: str = ""

    @property
    def described(self) -> dict[str, Any]:
        """Which contract it is, and the number of samples and the digest of each part: what files made of a run say."""
        parts = {
            name: {"samples": int(part["samples"]), "digest": str(part["digest"])}
            for name, part in self.statement["parts"].items()
        }
        return {"sha256": self.sha256, "parts": parts}

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, in the order of their codes; empty for numbers to predict."""
        return tuple(self.statement["labels"]["classes"])

    @property
    def columns(self) -> tuple[InputColumn, ...]:
        """What each number of a sample is, in the order in which the network takes them; empty without names."""
        return tuple(InputColumn(**column) for column in self.statement["inputs"]["columns"])

    @property
    def fill(self) -> Mapping[str, Mapping[str, Any]]:
        """What fills the missing cells of each column that is filled: how it was learnt (`by`), and the `value`."""
        found: Mapping[str, Mapping[str, Any]] = self.statement["inputs"].get("fill", {})
        return found

    @property
    def unit(self) -> str:
        """What one unit of a radius is."""
        return str(self.statement["inputs"]["unit"])

    @property
    def images(self) -> Mapping[str, Any] | None:
        """How image files become inputs; None if they are not images, or an older contract does not say it."""
        images = self.statement["inputs"].get("images")
        return images if isinstance(images, Mapping) else None

    @property
    def is_in_unit_range(self) -> bool:
        """Whether every value of the inputs is known to lie in [0, 1]."""
        return bool(self.statement["inputs"].get("range") == [0.0, 1.0])

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each part, by its name."""
        return {name: str(part["digest"]) for name, part in self.statement["parts"].items()}

    def of_part(self, name: str) -> Digests:
        """The digests of the samples of a part."""
        found: Digests = self.records["sample"][self.records["part"] == NUMBERED.index(name)]
        return found

    def name_of(self, number: int) -> str:
        """What a sample was called."""
        return self.names[number] if self.names else self.numbered(number)

    def numbered(self, number: int) -> str:
        """What a sample is called that has no name."""
        return numbered(self.statement, number)

    def samples_file(self) -> bytes:
        """The content of `data.samples`: `LIPDATA1`, the number of records, the records, and the names.

        The number has 8 bytes, little-endian. The names are UTF-8 with a zero byte between them, compressed by zlib.
        """
        names = "\0".join(self.names).encode("utf-8", "surrogateescape")
        return b"".join(
            [
                _MAGIC,
                len(self.records).to_bytes(8, "little"),
                self.records.tobytes(),
                zlib.compress(names) if self.names else b"",
            ]
        )


def numbered(statement: Mapping[str, Any], number: int) -> str:
    """What a sample is called that has no name: rows of a table are counted from 1."""
    after = number - statement["mix"]["from"] if "mix" in statement else -1
    if after >= 0:
        return f"mixed sample {after}"
    return f"row {number + 1}" if statement["inputs"]["rows"] else f"sample {number}"


def make_contract(
    about: Mapping[str, Any], identities: Identities, parts: Parts, names: Sequence[str] = ()
) -> Contract:
    """The contract of a data set that has been split.

    Args:
        about: What it says besides its samples: `source`, `inputs`, `labels`, `preprocess`.
        identities: The samples.
        parts: Where they are.
        names: What each is called, where a source knows it.

    Raises:
        RefusedError: There are more samples than can be numbered.
    """
    count = len(identities.samples)
    if count > _MOST_SAMPLES:
        raise RefusedError(f"the data has {count} samples, and a contract at most {_MOST_SAMPLES}")
    records = np.zeros(count, RECORD)
    records["sample"], records["number"], records["part"] = identities.samples, np.arange(count), LEFT_OUT
    for name, part in parts.named():
        records["part"][part] = NUMBERED.index(name)
        records["place"][part] = np.arange(len(part))
    records = records[np.argsort(identities.samples, kind="stable")]
    key = identities.key
    contract = Contract({}, records, names, key)
    statement = {
        "format": FORMAT,
        "version": VERSION,
        **about,
        "samples": {
            "file": SAMPLES,
            "sha256": hashlib.sha256(contract.samples_file()).hexdigest(),
            "count": count,
            "digest": "BLAKE2b, 16 bytes, keyed",
            "key": None if key.is_own else key.secret.hex(),
            "key_check": key.check,
        },
        "parts": {
            name: {"samples": len(part), "digest": part_digest(identities.samples[part])}
            for name, part in parts.named()
        },
    }
    return Contract(statement, records, names, key)


def part_digest(samples: Digests) -> str:
    """SHA-256 of the sorted digests of the samples of a part, after the words `lipbuild.data.part`."""
    return hashlib.sha256(b"lipbuild.data.part" + np.sort(samples).tobytes()).hexdigest()


def read_contract(folder: Path) -> Contract | None:
    """The contract in a run folder; None where there is none.

    Raises:
        UnusableError: A file of it is missing or cannot be read, or the key that is given is another one.
        RefusedError: It is not a contract, it has another version, or its two files do not belong together.
    """
    path = folder / STATEMENT
    if not path.exists() and not path.is_symlink():
        if (folder / SAMPLES).exists():
            raise UnusableError(f"{path}: it is missing, and {SAMPLES} beside it belongs to it", _REMEDY)
        return None
    content = read_bytes(path, _REMEDY)
    statement = json_object(content, path, _REMEDY)
    if statement.get("format") != FORMAT:
        raise RefusedError(f"{path}: this is not a data contract of lipbuild", _REMEDY)
    version = statement.get("version")
    if version != VERSION or isinstance(version, bool):
        raise RefusedError(
            f"{path}: it is a data contract of version {version!r:.20}, and this lipbuild reads version {VERSION}",
            "use the lipbuild that wrote it, or a later one",
        )
    # Contracts of before have no digest of their own.
    stated = statement.pop(_SEAL, None)
    if stated not in (None, _digest(statement)) or not set(statement) <= _KEYS:
        raise RefusedError(f"{path}: it has been changed since lipbuild wrote it", _REMEDY)
    try:
        contract = _with_samples(statement, folder / SAMPLES)
        contract = replace(contract, sha256=hashlib.sha256(content).hexdigest())
        # What later commands read of it.
        _ = contract.class_names, contract.columns, contract.unit, contract.numbered(0)
        _ = [(one["by"], one["value"]) for one in contract.fill.values()]
        _ = contract.digests["training"], contract.digests["test"], contract.described
        return contract
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RefusedError(
            f"{path}: it says of its samples what {SAMPLES} beside it does not hold", "restore both files"
        ) from None


def sealed(statement: Mapping[str, Any]) -> dict[str, Any]:
    """A statement as it is written: with the SHA-256 of itself, so that damage is noticed."""
    return {**statement, _SEAL: _digest(statement)}


def _digest(statement: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(statement, sort_keys=True).encode()).hexdigest()


def _with_samples(statement: Mapping[str, Any], path: Path) -> Contract:
    content = read_bytes(path, f"it belongs to {STATEMENT} beside it: restore both files")
    said = statement["samples"]
    end = 16 + int.from_bytes(content[8:16], "little") * RECORD.itemsize
    if hashlib.sha256(content).hexdigest() != said["sha256"] or content[:8] != _MAGIC or end > len(content):
        raise ValueError
    records = np.frombuffer(content[16:end], RECORD)
    if len(records) and records["number"].max() >= len(records):
        raise ValueError
    names: Sequence[str] = ()
    if content[end:]:
        unpacked = unpack(content[end:], _LONGEST_NAME * len(records) + 1)
        names = unpacked.decode("utf-8", "surrogateescape").split("\0")
        if len(names) != len(records):
            raise ValueError
    return Contract(statement, records, names, _key(said))


def _key(said: Mapping[str, Any]) -> Key | None:
    if said["key"] is not None:
        key = Key(bytes.fromhex(said["key"]))
        if key.check != said["key_check"]:
            raise ValueError
        return key
    own = own_key()
    if own is not None and own.check != said["key_check"]:
        raise UnusableError(
            f"the key that `{VARIABLE}` names is not the one that the data contract of this run was made with",
            "give that one",
        )
    return own
