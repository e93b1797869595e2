"""Model files that somebody has made up: every command refuses them with one line, and writes nothing."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.errors import LipbuildError, RefusedError, UnusableError
from lipbuild.guard.guard import guarded
from lipbuild.saved.load_model import load_model
from lipbuild.saved.read_saved import read_saved
from tests.conftest import Cli

Members = dict[str, bytes]
CONFIG, WEIGHTS = "config.json", "model.weights.h5"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Members:
    """What Keras writes of a small model."""
    path = tmp_path_factory.mktemp("good") / "good.keras"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="d")]).save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: Members, *more: tuple[str, bytes], kind: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", kind) as archive:
        for name, content in [*members.items(), *more]:
            archive.writestr(name, content)
    return stream.getvalue()


def with_config(good: Members, change: Callable[[str], str]) -> bytes:
    return packed({**good, CONFIG: change(good[CONFIG].decode()).encode("utf-8", "surrogatepass")})


def with_weights(good: Members, change: Callable[[h5py.File], Any]) -> bytes:
    stream = io.BytesIO(good[WEIGHTS])
    with h5py.File(stream, "r+") as file:
        change(file)
    return packed({**good, WEIGHTS: stream.getvalue()})


def overlapping(good: Members) -> bytes:
    """The directory says that a member lies where another one does."""
    data = bytearray(packed(good))
    place = data.rindex(b"PK\1\2")
    struct.pack_into("<L", data, place + 42, 0)
    return bytes(data)


def encrypted(good: Members) -> bytes:
    data = bytearray(packed(good))
    for signature, offset in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def renamed(good: Members) -> bytes:
    """What stands in front of a member calls it by another name than the directory."""
    data = packed(good)
    return data.replace(b"config.json", b"Config.json", 1)


def replaced(name: str = "0", **storage: Any) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        group = file["layers/dense/vars"]
        del group[name]
        group.create_dataset(name, **storage)

    return change


def link(target: Any) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        group = file["layers/dense/vars"]
        del group["0"]
        group["0"] = target

    return change


def virtual(file: h5py.File) -> None:
    group = file["layers/dense/vars"]
    del group["0"]
    layout = h5py.VirtualLayout((4, 3), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4, 3))
    group.create_virtual_dataset("0", layout)


def holds_itself(file: h5py.File) -> None:
    file["layers/dense/again"] = file["layers"]


def deep_groups(file: h5py.File) -> None:
    file.create_group("/".join("a" * 40))


def huge_attribute(file: h5py.File) -> None:
    # A thousand texts of which each is the same hundred thousand bytes would be a hundred million.
    file["layers"].attrs.create("name", ["x" * 100_000] * 2, dtype=h5py.string_dtype())
    kind = np.dtype([("a", "f4"), ("b", "S4")])
    file["layers/dense"].attrs["pair"] = np.zeros(2, kind)


KERAS: dict[str, Callable[[Members], bytes]] = {
    "a member twice": lambda good: packed(good, (CONFIG, good[CONFIG])),
    "another member": lambda good: packed(good, ("assets/x", b"")),
    "a member of another folder": lambda good: packed(good, ("../config.json", b"{}")),
    "no weights": lambda good: packed({CONFIG: good[CONFIG]}),
    "bytes in front": lambda good: b"MZ" + packed(good),
    "bytes after": lambda good: packed(good) + b"\0" * 30,
    "a comment": lambda good: packed(good)[:-2] + b"\2\0hi",
    "members in one place": overlapping,
    "an encrypted member": encrypted,
    "two names of a member": renamed,
    "another packing": lambda good: packed(good, kind=zipfile.ZIP_BZIP2),
    "a bomb": lambda good: packed({**good, WEIGHTS: bytes(2**25)}, kind=zipfile.ZIP_DEFLATED),
    "half of it": lambda good: packed(good)[: len(packed(good)) // 2],
    "not JSON": lambda good: with_config(good, lambda text: text[:-1]),
    "a key twice": lambda good: with_config(
        good, lambda text: text.replace('"units": 3', '"units": 3, "units": 3')
    ),
    "NaN": lambda good: with_config(good, lambda text: text.replace('"units": 3', '"units": NaN')),
    "infinity": lambda good: with_config(good, lambda text: text.replace('"units": 3', '"units": 1e999')),
    "a number of 400 digits": lambda good: with_config(
        good, lambda text: text.replace(": 3,", f": {'9' * 400},")
    ),
    "deep JSON": lambda good: with_config(
        good, lambda text: text[:-1] + ', "x": ' + "[" * 5000 + "]" * 5000 + "}"
    ),
    "many values": lambda good: with_config(good, lambda text: text[:-1] + ', "x": [' + "0," * 2**21 + "0]}"),
    "half a character": lambda good: with_config(good, lambda text: text.replace('"linear"', r'"\ud800"')),
    "a name that moves the cursor": lambda good: with_config(
        good, lambda text: text.replace('"d"', r'"\u001b[2J"')
    ),
    "a name of two lines": lambda good: with_config(good, lambda text: text.replace('"d"', r'"d\nok"')),
    "layers that are none": lambda good: with_config(
        good, lambda text: text.replace('"layers": [', '"layers": [7, ')
    ),
    "a list": lambda good: packed({**good, CONFIG: b"[]"}),
    "not HDF5": lambda good: packed({**good, WEIGHTS: b"weights"}),
    "HDF5 that is cut": lambda good: packed({**good, WEIGHTS: good[WEIGHTS][:-2000]}),
    "a soft link": lambda good: with_weights(good, link(h5py.SoftLink("/layers/dense/vars/1"))),
    "a link to another file": lambda good: with_weights(good, link(h5py.ExternalLink("other.h5", "/x"))),
    "another file's bytes": lambda good: with_weights(
        good, replaced(shape=(4, 3), dtype="f4", external=[("/etc/hostname", 0, 48)])
    ),
    "a virtual array": lambda good: with_weights(good, virtual),
    "an array of two names": lambda good: with_weights(
        good, lambda file: file["layers/dense"].__setitem__("more", file["layers/dense/vars/0"])
    ),
    "a group that holds itself": lambda good: with_weights(good, holds_itself),
    "deep groups": lambda good: with_weights(good, deep_groups),
    "an array that is not there": lambda good: with_weights(good, replaced(shape=(2**40, 3), dtype="f4")),
    "a packed array": lambda good: with_weights(
        good, replaced(shape=(10**4, 10**4), dtype="f4", chunks=(100, 100), compression="gzip")
    ),
    "an array of texts": lambda good: with_weights(good, replaced(data=["x"] * 3, dtype=h5py.string_dtype())),
    "an array of pointers": lambda good: with_weights(good, replaced(shape=(4, 3), dtype=h5py.ref_dtype)),
    "an array of pairs": lambda good: with_weights(
        good, replaced(data=np.zeros(3, [("a", "f4"), ("b", "f4")]))
    ),
    "a name that is not UTF-8": lambda good: with_weights(good, lambda file: file.create_group(b"\xff\xfe")),
    "an attribute of pairs": lambda good: with_weights(good, huge_attribute),
    "a group for an array": lambda good: with_weights(
        good, lambda file: (file["layers/dense/vars"].pop("0"), file.create_group("layers/dense/vars/0"))
    ),
}


def old_file(path: Path, good: Members, change: Callable[[h5py.File], Any]) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = good[CONFIG].decode()
        groups = file.create_group("model_weights")
        groups.attrs["layer_names"] = [b"d"]
        layer = groups.create_group("d")
        layer.attrs["weight_names"] = [b"d/kernel", b"d/bias"]
        layer["d/kernel"], layer["d/bias"] = np.eye(4, 3, dtype="f4"), np.zeros(3, "f4")
        change(file)


def without(name: str) -> Callable[[h5py.File], None]:
    return lambda file: file["model_weights/d"].pop(name)


def external(file: h5py.File) -> None:
    file["model_weights/d"].pop("d/bias")
    file["model_weights/d"].create_dataset(
        "d/bias", shape=(3,), dtype="f4", external=[("/etc/hostname", 0, 12)]
    )


OLD: dict[str, Callable[[h5py.File], Any]] = {
    "another file's bytes": external,
    "a weight that is named and not there": without("d/kernel"),
    "no layer of this name": lambda file: file["model_weights"].attrs.modify("layer_names", [b"e"]),
    "a weight twice": lambda file: file["model_weights/d"].attrs.modify(
        "weight_names", [b"d/bias", b"d/bias"]
    ),
    "a weight of elsewhere": lambda file: file["model_weights/d"].attrs.modify(
        "weight_names", [b"/model_weights/d/d/kernel", b"d/bias"]
    ),
    "no model": lambda file: file.attrs.__delitem__("model_config"),
    "a model that is a number": lambda file: file.attrs.__setitem__("model_config", 7),
    "a model that is not UTF-8": lambda file: file.attrs.__setitem__("model_config", np.bytes_(b"\xff{}")),
    "no weights": lambda file: file.__delitem__("model_weights"),
    "a layer larger than its weights": lambda file: file.attrs.__setitem__(
        "model_config", file.attrs["model_config"].replace('"units": 3', f'"units": {10**12}')
    ),
    "a Lambda": lambda file: file.attrs.__setitem__(
        "model_config", file.attrs["model_config"].replace('"Dense"', '"Lambda"')
    ),
}


def commands(path: Path, out: Path) -> dict[str, Callable[[], Any]]:
    return {
        "read": lambda: read_saved(path),
        "import": lambda: lipbuild.import_model(path, out / "config.yaml"),
        "import with weights": lambda: lipbuild.import_model(path, out / "run", keep_weights=True),
        "audit": lambda: lipbuild.audit(path),
        "certify": lambda: lipbuild.certify(path, output=out / "certificate.json"),
        "guard": lambda: guarded(path),
        "deel-lip": lambda: lipbuild.load_deel_lip(path),
        "load": lambda: load_model(path),
    }


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that Keras is given to open."""
    found: list[Path] = []
    monkeypatch.setattr(keras.saving, "load_model", lambda path, **_: found.append(path))
    return found


def refused_by_all(path: Path, out: Path, opened: list[Path], but: tuple[str, ...] = ()) -> None:
    out.mkdir()
    for command, run in commands(path, out).items():
        if command in but:
            continue
        with pytest.raises(LipbuildError) as caught:
            run()
        assert type(caught.value) in (RefusedError, UnusableError), command
        assert "\n" not in caught.value.message, command
        assert len(caught.value.message) < 500, command
    assert not list(out.iterdir())
    assert not opened


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", KERAS)
def test_every_command_refuses_a_hostile_keras_file(
    kind: str, good: Members, tmp_path: Path, opened: list[Path]
) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(KERAS[kind](good))
    refused_by_all(path, tmp_path / "out", opened)


@pytest.mark.parametrize("kind", OLD)
def test_every_command_refuses_a_hostile_h5_file(
    kind: str, good: Members, tmp_path: Path, opened: list[Path]
) -> None:
    old_file(tmp_path / "model.h5", good, OLD[kind])
    # To read what a layer says, and to write it into a config with its error, runs nothing and takes no room.
    but = ("read", "import", "import with weights") if kind.startswith(("a Lambda", "a layer")) else ()
    refused_by_all(tmp_path / "model.h5", tmp_path / "out", opened, but)


def test_what_is_not_changed_is_read(good: Members, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(packed(good, kind=zipfile.ZIP_DEFLATED))
    old_file(tmp_path / "model.h5", good, lambda file: None)
    for name in ("model.keras", "model.h5"):
        assert {key: x.shape for key, x in read_saved(tmp_path / name).weights["d"].items()} == {
            "0": (4, 3),
            "1": (3,),
        }
    assert json.loads(good[CONFIG]) == read_saved(path).config


def test_the_commands_say_it_in_a_line(good: Members, tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "model.keras").write_bytes(KERAS["another file's bytes"](good))
    for command in ("audit", "certify"):
        done = cli(command, tmp_path / "model.keras")
        assert done.returncode == 1
        assert done.stderr.startswith("error: /layers/dense/vars/0 in model.weights.h5 lies in another file")
        assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]
