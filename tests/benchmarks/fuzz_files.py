"""Damages each kind of file that lipbuild reads, and reads it.

    python tests/benchmarks/fuzz_files.py [COUNT] [SEED] [KIND ...]

COUNT damaged files of each kind (10,000 where left out). A reader either answers or refuses in one line that names the
file. Its answer is the one that it gives to the whole file, or, of formats without a checksum, the one that a program
which shares nothing with it reads from the damaged file. Anything else ends the script, with the file that did it.
"""

from __future__ import annotations

import ast
import csv
import gzip
import hashlib
import io
import json
import os
import random
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from lipbuild.config.sections import DataSection
from lipbuild.config.sources.arrays import Npy, Npz
from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.config.sources.streams import TFRecord
from lipbuild.config.sources.tables import Csv, Parquet
from lipbuild.data.contract.contract import read_contract, sealed
from lipbuild.data.decode_image import ImageError, decode
from lipbuild.data.guess_targets import guess_targets
from lipbuild.data.inputs.arrays import read_array as read_inputs
from lipbuild.data.load import load_raw
from lipbuild.errors import LipbuildError
from lipbuild.exporting.model_card import _evaluation
from lipbuild.exporting.run_certificate import read_run_certificate
from lipbuild.reading.file import as_written, read_bytes
from lipbuild.reporting.compare.compare_runs import _results
from lipbuild.reporting.report import SECTIONS
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.sections.summary import summary
from lipbuild.saved.read_saved import read_saved
from lipbuild.training.environment import resumed_environment
from lipbuild.training.lease import refuse_held
from lipbuild.training.listeners.spectra_file import _lines_until
from lipbuild.training.run_folder import RunFolder, open_run_folder
from lipbuild.training.state_file import read_state
from lipbuild.training.training_state import TrainingState

# Seconds for one file, and megabytes for all of them.
LONGEST = 20
MOST_MEMORY = 1500
CONFIG = """\
name: small
model:
  layers:
    - SpectralDense: {units: 8}
    - GroupSort2
    - SpectralDense: {units: 3}
data: {source: {csv: {path: table.csv, target: kind}}, validation: 0.2}
train:
  loss: {TauCategoricalCrossentropy: {tau: 10}}
  epochs: 2
  batch_size: 32
"""


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        path: A whole one.
        read: Every reader of it, and what they answer.
        other: What a program that shares nothing with them reads; None where a checksum tells every damage.
        structured: Damage of its structure, with the checksums made anew.
        refuses: Whether it is ever refused; what is only a log is not.
    """

    path: Path
    read: Callable[[Path], Any]
    other: Callable[[Path], Any] | None = None
    structured: Callable[[bytes, random.Random], bytes] | None = None
    refuses: bool = True


class Silent(Exception):
    """An answer that is neither that of the whole file nor what stands in the damaged one."""


def fuzz(name: str, kind: Kind, count: int, seed: int) -> dict[str, int]:
    """Damage a file so many times.

    Returns:
        How often it was refused, read as it was, and read as another one.
    """
    signal.signal(signal.SIGALRM, _too_long)
    rng = random.Random(f"{name} {seed}")
    whole = kind.path.read_bytes()
    expected = kind.read(kind.path)
    counted = dict.fromkeys(("refused", "the same", "another"), 0)
    try:
        for number in range(count):
            damage = _in_its_place(rng) if number % 50 == 0 else None
            content = whole if damage else damaged(whole, kind, rng)
            (damage or (lambda path, data=content: path.write_bytes(data)))(kind.path)
            try:
                counted[_outcome(kind, expected)] += 1
            except BaseException:
                print(f"{name} {number}: {damage.__name__ if damage else content[:2000]!r}", file=sys.stderr)
                raise
            finally:
                _remove(kind.path)
    finally:
        _remove(kind.path)
        kind.path.write_bytes(whole)
    return counted


def _outcome(kind: Kind, expected: Any) -> str:
    signal.alarm(LONGEST)
    try:
        found = kind.read(kind.path)
    except LipbuildError as error:
        if not kind.refuses:
            raise Silent("a log was refused") from error
        named = kind.path.name in error.message or str(kind.path.parent) in error.message
        if "\n" in error.message or not named:
            raise Silent(f"the message does not name the file in a line: {error.message!r}") from error
        return "refused"
    finally:
        signal.alarm(0)
    if not kind.refuses or found == expected:
        return "the same"
    if not found and not kind.path.exists():
        return "another"
    other = kind.other(kind.path) if kind.other is not None else expected
    if found != other:
        raise Silent(f"read as {found!r:.500}, and it is {other!r:.500}")
    return "another"


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


# -- damage ---------------------------------------------------------------------------------------------


def damaged(whole: bytes, kind: Kind, rng: random.Random) -> bytes:
    """A file with something wrong in it."""
    if kind.structured is not None and rng.random() < 0.5:
        return kind.structured(whole, rng)
    return rng.choice(BYTES)(whole, rng)


def truncated(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def cut_at_the_end(data: bytes, rng: random.Random) -> bytes:
    return data[: -rng.randint(1, min(20, len(data)))]


def flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def flipped_in_front(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    changed[rng.randrange(min(128, len(changed)))] = rng.randrange(256)
    return bytes(changed)


def zeroed(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    length = min(rng.choice([1, 8, 512, 4096]), len(data) - start)
    return data[:start] + b"\0" * length + data[start + length :]


def without_a_part(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.choice([1, 4, 16, 512]) :]


def with_a_part_twice(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    end = start + rng.choice([1, 4, 16, 512])
    return data[:end] + data[start:]


def with_more(data: bytes, rng: random.Random) -> bytes:
    start = rng.choice([0, len(data), rng.randrange(len(data))])
    return data[:start] + rng.randbytes(rng.choice([1, 4, 100])) + data[start:]


def other_file(data: bytes, rng: random.Random) -> bytes:
    return rng.choice(FILES)


FILES = (
    *(b"", b"\0", b"{}", b"[]", b"[" * 100_000, b'{"a":' * 5000, b"nan", b"1e999", b"a,b\n", b"\n" * 1000),
    *(
        b"\x93NUMPY",
        b"PK\5\6" + b"\0" * 18,
        b"\xff" * 1000,
        b"PAR1PAR1",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
    ),
)


BYTES = (
    *(truncated, cut_at_the_end, flipped, flipped_in_front, zeroed),
    *(without_a_part, with_a_part_twice, with_more, other_file),
)


def _in_its_place(rng: random.Random) -> Callable[[Path], None]:
    def nothing(path: Path) -> None:
        _remove(path)

    def folder(path: Path) -> None:
        _remove(path)
        path.mkdir()

    def pipe(path: Path) -> None:
        _remove(path)
        os.mkfifo(path)

    def link_to_itself(path: Path) -> None:
        _remove(path)
        path.symlink_to(path.name)

    def device(path: Path) -> None:
        _remove(path)
        path.symlink_to("/dev/zero")

    return rng.choice([nothing, folder, pipe, link_to_itself, device])


def json_damage(data: bytes, rng: random.Random) -> bytes:
    """One value in a JSON file is another one, or gone, or there twice."""
    value = json.loads(data)
    holder, key = _place(value, rng)
    strange = rng.choice(STRANGE)
    what = rng.randrange(4)
    if holder is None:
        return json.dumps(strange).encode()
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(holder, dict):
        holder[key] = "\0TWICE\0"
        text = json.dumps(value).replace('"\\u0000TWICE\\u0000"', f"1, {json.dumps(key)}: 2")
        return text.encode()
    else:
        holder[key] = strange
    return json.dumps(value).encode()


STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, 2**63, -(2**63), 1e308, float("nan"), float("inf")),
    *(
        "",
        "x",
        "\x1b[2J",
        "\ud800",
        "‮",
        "0x1.8p+1",
        "nan",
        "inf",
        "1e400",
        "x" * 10_000,
        [],
        {},
        [[]],
        {"": {}},
    ),
    *([1] * 1000, {"a": [None]}, "../../etc/passwd"),
)


def _place(value: Any, rng: random.Random) -> tuple[Any, Any]:
    """Somewhere in a value: what holds it, and its key there."""
    holder, key = None, None
    while isinstance(value, (dict, list)) and value and (holder is None or rng.random() < 0.7):
        holder, key = value, rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
        value = holder[key]
    return holder, key


def sealed_damage(data: bytes, rng: random.Random) -> bytes:
    """The statement of a data contract with another value, and its digest made anew."""
    try:
        value = json.loads(json_damage(data, rng))
        value.pop("sha256", None)
        return json.dumps(sealed(value)).encode()
    except (AttributeError, TypeError, ValueError):
        return b"[]"


def lines_damage(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines()
    at = rng.randrange(len(lines))
    lines[at] = json_damage(lines[at], rng)
    return b"\n".join(lines) + b"\n"


def npy_damage(data: bytes, rng: random.Random) -> bytes:
    """A `.npy` file whose header says something else, or whose numbers are others."""
    length = int.from_bytes(data[8:10], "little")
    header = ast.literal_eval(data[10 : 10 + length].decode("latin1"))
    body = data[10 + length :]
    what = rng.randrange(6)
    if what == 0:
        sizes = [0, 1, 3, 2**31, 20_000_000_000, 2**63, 10**30, -1, True, 1.0, "1"]
        header["shape"] = tuple(rng.choice(sizes) for _ in range(rng.randrange(4)))
    elif what == 1:
        kinds = [
            "|O",
            "<f2",
            "<f4",
            ">f8",
            "<f8",
            "<f16",
            "<i8",
            "<u8",
            "|b1",
            "|S8",
            "<U2",
            "<c16",
            "<M8[ns]",
            "|V8",
        ]
        kinds += ["<f3", "", "x", "|S0", "<U0", [("a", "<f4"), ("b", "<f4")], None, 1, "<f4" * 99]
        header["descr"] = rng.choice(kinds)
    elif what == 2:
        header["fortran_order"] = rng.choice([True, False, 1, "yes", None])
    elif what == 3:
        header[rng.choice(["more", "shape", "descr"])] = rng.choice([None, "<f4", (1,)])
    elif what == 4:
        strange = struct.pack("<d", rng.choice([np.nan, np.inf, -np.inf, 1e308, -0.0, 2.0**70]))
        start = 8 * rng.randrange(max(1, len(body) // 8))
        body = body[:start] + strange[: len(body) - start] + body[start + 8 :]
    else:
        body = (
            body[: rng.randrange(len(body) + 1)]
            if rng.random() < 0.5
            else body + rng.randbytes(rng.randint(1, 64))
        )
    text = repr(header)
    text = (
        text
        if rng.random() < 0.95
        else rng.choice(["(" * 9000, "{", "1" * 5000, text + " # \0", "__import__('os')"])
    )
    encoded = text.encode("latin1", "replace")
    encoded += b" " * (-(len(encoded) + 11) % 64) + b"\n"
    return data[:8] + struct.pack("<H", min(len(encoded), 65535)) + encoded + body


def npz_damage(data: bytes, rng: random.Random) -> bytes:
    """An archive with a member that is damaged, gone, doubled, renamed or said to be longer."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    at = rng.randrange(len(members))
    name, content = members[at]
    what = rng.randrange(6)
    if what <= 2:
        members[at] = name, (npy_damage if content[:6] == b"\x93NUMPY" else flipped)(content, rng)
    elif what == 3:
        members[at] = rng.choice(["y.npy", "../x.npy", "x", name + "\0", "é.npy"]), content
    elif what == 4:
        del members[at]
    else:
        members.append(rng.choice(members))
    stream = io.BytesIO()
    import warnings

    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", rng.choice([0, 8])) as archive:
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(name, content)
    made = bytearray(stream.getvalue())
    if rng.random() < 0.1 and b"PK\1\2" in made:
        # The directory says that a member has 20 billion bytes, or 2 GB.
        struct.pack_into("<L", made, made.rindex(b"PK\1\2") + 24, rng.choice([2**31, 2**32 - 2]))
    return bytes(made)


def record_damage(data: bytes, rng: random.Random) -> bytes:
    """A TFRecord file with a length that is another one, its checksum made anew; or cut within a record's head."""
    places, at = [], 0
    while at < len(data):
        places.append(at)
        at += 16 + int.from_bytes(data[at : at + 8], "little")
    place = rng.choice(places)
    if rng.random() < 0.5:
        return data[: place + rng.randint(1, 12)]
    head = struct.pack("<Q", rng.choice([0, 1, 2**31, 2**40, 2**63, 2**64 - 1, 2**64 - 16]))
    return data[:place] + head + struct.pack("<L", _masked(head)) + data[place + 12 :]


def _masked(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


# -- the kinds ------------------------------------------------------------------------------------------


def of_arrays(*arrays: Any) -> str:
    """What tells arrays from others."""
    digest = hashlib.sha256()
    for array in arrays:
        found = np.asarray(array)
        # The order of bytes is none of the values'.
        found = found.astype(found.dtype.newbyteorder("="), copy=False)
        digest.update(f"{found.dtype.str} {found.shape}".encode())
        digest.update(
            repr(found.tolist()).encode("utf-8", "replace") if found.dtype == object else found.tobytes()
        )
    return digest.hexdigest()


def make_run(folder: Path) -> Path:
    """A run folder with everything in it."""
    import lipbuild

    rng = np.random.default_rng(0)
    with (folder / "table.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b", "c", "kind"])
        for number in range(120):
            kind = number % 3
            writer.writerow(
                [*(f"{value:.4f}" for value in rng.normal(kind, 0.5, 3)), ("ant", "bee", "cat")[kind]]
            )
    (folder / "small.yaml").write_text(CONFIG)
    run = lipbuild.train(str(folder / "small.yaml"), output=folder).folder.path
    lipbuild.evaluate(run, attack=False, plots=False)
    lipbuild.certify(run)
    return Path(run)


def run_kinds(run: Path) -> dict[str, Kind]:
    """The files of a run folder."""
    folder = RunFolder(run)
    checked = RunFiles(folder).checked

    def plain_json(path: Path) -> Any:
        return json.loads(path.read_text(encoding="utf-8"))

    def sections(path: Path) -> None:
        files = RunFiles(folder)
        # What is not read from the file is read once.
        files.__dict__["checked"] = checked
        for section, file_of in SECTIONS.items():
            if file_of(folder) == path or section is summary:
                with as_written(file_of(folder)):
                    section(files)

    def report_files(path: Path) -> Any:
        sections(path)
        files = RunFiles(folder)
        files.__dict__["checked"] = checked
        with as_written(folder.evaluation):
            dict(_results(files))
        return files

    def environment(path: Path) -> Any:
        open_run_folder(run)
        resumed_environment(folder, {"version": 2, "lipbuild": "1", "packages": {}}, TrainingState())
        return None

    def shown_environment(path: Path) -> Any:
        open_run_folder(run)
        return report_files(path).environment

    def evaluation(path: Path) -> Any:
        found = report_files(path).evaluation
        assert found is not None or not path.exists()
        if found is None:
            return None
        with as_written(path):
            _evaluation(found)
        return found

    def spectra(path: Path) -> Any:
        return list(_lines_until(1, path)) and None

    def shown_spectra(path: Path) -> Any:
        return list(report_files(path).spectra)

    def metrics(path: Path) -> Any:
        return [dict(row) for row in report_files(path).metrics]

    def plain_metrics(path: Path) -> Any:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file.read().splitlines()))
        found = []
        for row in rows:
            numbers = {}
            for key, cell in row.items():
                try:
                    numbers[key] = float(cell)
                except ValueError:
                    continue
            found.append(numbers)
        return found

    def samples(path: Path) -> Any:
        return [dict(row) for row in report_files(path).samples]

    def plain_samples(path: Path) -> Any:
        return [dict(row) for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]

    def state(path: Path) -> Any:
        stored = read_state(path)
        arrays = [array for name in sorted(stored.arrays) for array in stored.arrays[name]]
        return repr(stored.state), stored.fingerprint, stored.epochs, of_arrays(*arrays)

    def plain_state(path: Path) -> Any:
        with np.load(path) as archive:
            about = json.loads(archive["about"].tobytes())
            names = [
                (name, number) for name in sorted(about["groups"]) for number in range(about["groups"][name])
            ]
            arrays = [archive[f"{name}/{number}"] for name, number in names]
        return (
            repr(TrainingState(**about["state"])),
            about["fingerprint"],
            about["epochs"],
            of_arrays(*arrays),
        )

    def model(path: Path) -> Any:
        saved = read_saved(path)
        arrays = [array for _, own in sorted(saved.weights.items()) for _, array in sorted(own.items())]
        return json.dumps(saved.config, sort_keys=True), of_arrays(*arrays)

    def contract(path: Path) -> Any:
        found = read_contract(run)
        if found is None:
            return None
        return (
            json.dumps(found.statement, sort_keys=True),
            found.records.tobytes(),
            list(found.names),
            found.key,
        )

    def plain_contract(path: Path) -> Any:
        statement = plain_json(folder.data)
        statement.pop("sha256", None)
        _, records, names, key = contract_whole
        return (
            json.dumps(statement, sort_keys=True),
            records,
            names,
            key if statement["samples"]["key"] else None,
        )

    def lease(path: Path) -> Any:
        refuse_held(folder)
        return None

    def certificate(path: Path) -> Any:
        report_files(path)
        found = read_run_certificate(folder)
        return None if found is None else found.lipschitz

    def plain_certificate(path: Path) -> Any:
        return float.fromhex(plain_json(path)["predicate"]["lipschitz"])

    def attacks(path: Path) -> Any:
        report_files(path)
        return None

    contract_whole = contract(folder.data)
    pictures = {name: np.zeros((2, 4, 4, 1), np.float32) for name in ("x", "adversarial")}
    numbers = {name: np.arange(2) for name in ("label", "adversarial_label", "sample")}
    np.savez(folder.attacks, **pictures, **numbers, distance=np.ones(2), radius=np.ones(2))
    folder.lease.write_text(
        json.dumps({"token": "a", "owner": {}, "since": "now", "beat": "now", "beat_seconds": 1e-9})
    )
    return {
        "environment of a resumed run": Kind(
            folder.environment, environment, None, json_damage, refuses=False
        ),
        "environment": Kind(folder.environment, shown_environment, plain_json, json_damage),
        "evaluation": Kind(folder.evaluation, evaluation, plain_json, json_damage),
        "spectra of a resumed run": Kind(folder.spectra, spectra, None, lines_damage, refuses=False),
        "spectra": Kind(
            folder.spectra, shown_spectra, lambda p: list(map(json.loads, _lines(p))), lines_damage
        ),
        "metrics": Kind(folder.metrics, metrics, plain_metrics),
        "samples": Kind(folder.samples, samples, plain_samples),
        "state": Kind(folder.state, state, plain_state, npz_damage),
        "model": Kind(folder.model, model),
        "plain model": Kind(folder.plain, model),
        "data.json": Kind(folder.data, contract, plain_contract, sealed_damage),
        "data.samples": Kind(folder.data_samples, contract),
        "certificate": Kind(folder.certificate, certificate, plain_certificate, json_damage),
        "attacks": Kind(folder.attacks, attacks, None, npz_damage),
        "lease": Kind(folder.lease, lease, None, json_damage),
    }


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def data_kinds(folder: Path) -> dict[str, Kind]:
    """Files of data."""
    import pyarrow
    from PIL import Image
    from pyarrow import parquet

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(12, 3)), np.arange(12) % 3
    np.savez(folder / "a.npz", x=x, y=y)
    np.savez_compressed(folder / "packed.npz", x=x, y=y)
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", y)
    rows = [[*(f"{value:.4f}" for value in row), "abc"[label]] for row, label in zip(x, y)]
    (folder / "t.csv").write_text("\n".join(map(",".join, [["p", "q", "r", "kind"], *rows])) + "\n")
    columns = {name: x[:, i] for i, name in enumerate("pqr")} | {"kind": ["abc"[label] for label in y]}
    parquet.write_table(pyarrow.table(columns), folder / "t.parquet", write_page_checksum=True)
    picture = Image.fromarray(rng.integers(0, 256, (9, 7, 3), dtype=np.uint8))
    for ending in ("png", "jpg", "bmp", "gif", "tiff", "webp"):
        picture.save(folder / f"a.{ending}")

    def loaded(source: SourceSpec) -> Callable[[Path], Any]:
        section = DataSection(source=source)

        def read(path: Path) -> Any:
            raw = load_raw(section, folder)
            features = (
                raw.features
                if isinstance(raw.features, np.ndarray)
                else raw.features.take(np.arange(len(raw.labels)))
            )
            try:
                guess_targets(raw.labels, None, None, None)
            except LipbuildError as error:
                raise LipbuildError(f"{path}: {error.message}") from None
            return of_arrays(np.asarray(features, np.float32), raw.labels)

        return read

    def plain_npz(path: Path) -> Any:
        with np.load(path) as archive, np.errstate(all="ignore"):
            return of_arrays(archive["x"].astype(np.float32), archive["y"])

    def plain_npy(path: Path) -> Any:
        with np.errstate(all="ignore"):
            return of_arrays(np.load(folder / "x.npy").astype(np.float32), np.load(folder / "y.npy"))

    def inputs(path: Path) -> Any:
        found = read_inputs(path)
        return of_arrays(found.values)

    def plain_csv(path: Path) -> Any:
        header, *rows = [row for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()) if row]
        names = [name.strip() for name in header]
        target = names.index("kind")
        features = [[float(cell) for i, cell in enumerate(row) if i != target] for row in rows]
        return of_arrays(np.array(features, np.float32), np.array([row[target].strip() for row in rows]))

    def plain_parquet(path: Path) -> Any:
        table = parquet.read_table(path)
        features = np.stack([table.column(n).to_numpy() for n in table.column_names if n != "kind"], 1)
        return of_arrays(features.astype(np.float32), np.array(table.column("kind").to_pylist(), dtype=str))

    def image(path: Path) -> Any:
        content = read_bytes(path)
        try:
            return of_arrays(decode(content, (None, None, 3)))
        except ImageError as error:
            raise LipbuildError(f"{path}: {error}") from None

    def plain_image(path: Path) -> Any:
        with Image.open(path) as opened:
            opened.load()
            found = (
                opened.convert("RGBA").convert("RGB") if opened.mode in ("P", "PA") else opened.convert("RGB")
            )
            return of_arrays(np.asarray(found))

    arrays = loaded(Npy(features="x.npy", labels="y.npy"))
    return {
        "npz": Kind(folder / "a.npz", loaded(Npz(path="a.npz")), plain_npz, npz_damage),
        "packed npz": Kind(folder / "packed.npz", loaded(Npz(path="packed.npz")), plain_npz, npz_damage),
        "npy": Kind(folder / "x.npy", arrays, plain_npy, npy_damage),
        "npy of labels": Kind(folder / "y.npy", arrays, plain_npy, npy_damage),
        "npy of inputs": Kind(folder / "x.npy", inputs, lambda path: of_arrays(np.load(path)), npy_damage),
        "csv": Kind(folder / "t.csv", loaded(Csv(path="t.csv", target="kind")), plain_csv),
        "parquet": Kind(
            folder / "t.parquet", loaded(Parquet(path="t.parquet", target="kind")), plain_parquet
        ),
        "png": Kind(folder / "a.png", image),
        **{e: Kind(folder / f"a.{e}", image, plain_image) for e in ("jpg", "bmp", "gif", "tiff", "webp")},
    }


def record_kinds(folder: Path) -> dict[str, Kind]:
    """TFRecord files, which TensorFlow reads."""
    import tensorflow as tf

    def plain_records(path: Path) -> Any:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.name.startswith("aGZIP") else data
        x, y = [], []
        while data:
            length = int.from_bytes(data[:8], "little")
            content = data[12 : 12 + length]
            checks = struct.unpack("<L", data[8:12]) + struct.unpack("<L", data[12 + length : 16 + length])
            assert checks == (_masked(data[:8]), _masked(content))
            example = tf.train.Example.FromString(content).features.feature
            x.append(example["x"].float_list.value)
            y.append(example["y"].int64_list.value[0])
            data = data[16 + length :]
        return of_arrays(np.array(x, np.float32), np.array(y))

    found = {}
    for compression in ("", "GZIP"):
        path = folder / f"a{compression}.tfrecord"
        with tf.io.TFRecordWriter(str(path), compression) as writer:
            for number in range(6):
                values = [float(number), 1.0, 2.0]
                feature = {
                    "x": tf.train.Feature(float_list=tf.train.FloatList(value=values)),
                    "y": tf.train.Feature(int64_list=tf.train.Int64List(value=[number % 3])),
                }
                writer.write(
                    tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()
                )
        source = TFRecord(
            path=path.name,
            features="x",
            labels="y",
            encoding="float32",
            shape=[3],
            compression="GZIP" if compression else None,
        )
        section = DataSection(source=source, stream=False)

        def read(path: Path, section: DataSection = section) -> Any:
            raw = load_raw(section, folder)
            assert not isinstance(raw.features, np.ndarray)
            return of_arrays(raw.features.take(np.arange(len(raw.labels))), raw.labels)

        name = "compressed TFRecord" if compression else "TFRecord"
        found[name] = Kind(path, read, plain_records, None if compression else record_damage)
    return found


def kinds(folder: Path) -> dict[str, Kind]:
    """All kinds, in a folder."""
    return {**run_kinds(make_run(folder)), **data_kinds(folder), **record_kinds(folder)}


def main(arguments: Sequence[str]) -> int:
    """Run the script."""
    count = int(arguments[0]) if arguments else 10_000
    seed = int(arguments[1]) if len(arguments) > 1 else 0
    folder = Path(tempfile.mkdtemp(prefix="fuzz_files"))
    try:
        found = kinds(folder)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        failed = False
        for name in arguments[2:] or found:
            began = time.process_time()
            try:
                with _Quiet():
                    counted = fuzz(name, found[name], count, seed)
            except Exception:
                traceback.print_exc()
                print(f"{name}: FAILED", flush=True)
                failed = True
                continue
            seconds = time.process_time() - began
            print(
                f"{name}: {', '.join(f'{n} {what}' for what, n in counted.items())}; {seconds:.0f} s",
                flush=True,
            )
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 - before
        print(f"greatest memory beyond that of the start: {grown} MB")
        return 1 if failed or grown > MOST_MEMORY else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Quiet:
    """What is warned of damaged logs is not shown."""

    def __enter__(self) -> None:
        self._before = sys.stderr
        sys.stderr = io.StringIO()

    def __exit__(self, *error: object) -> None:
        said, sys.stderr = sys.stderr, self._before
        if error[0] is not None:
            assert isinstance(said, io.StringIO)
            print(said.getvalue()[-3000:], file=sys.stderr)


def _too_long(*_: object) -> Iterator[None]:
    raise TimeoutError(f"longer than {LONGEST} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
