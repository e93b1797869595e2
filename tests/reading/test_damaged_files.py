"""Every file that lipbuild reads, damaged a hundred times: an answer that is right, or one line with its name."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lipbuild.data.decode_image import ImageError, decode
from lipbuild.errors import LipbuildError, RefusedError, UnusableError
from lipbuild.reading.arrays import open_archive, read_array
from lipbuild.reading.file import check_file, read_text
from lipbuild.reading.json_file import read_json
from tests.benchmarks.fuzz_files import fuzz, kinds


def test_a_hundred_damaged_files_of_each_kind(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, kind in kinds(tmp_path_factory.mktemp("files")).items():
        counted = fuzz(name, kind, 100, 0)
        assert sum(counted.values()) == 100
        assert counted["refused"] or not kind.refuses
        # What is warned of a damaged log is a line, too.
        assert "Traceback" not in capsys.readouterr().err


def test_what_is_no_file_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    for name, reason in (
        ("pipe", "pipe: this is a pipe or a device"),
        ("zero", "zero: this is a pipe or a device"),
        ("loop", "loop: it cannot be read: Too many levels of symbolic links"),
        ("folder", "folder: this is a folder"),
        ("gone", "gone: there is no such file"),
        ("a\0b", "it cannot be read: embedded null byte"),
    ):
        for read in (check_file, read_text, read_json, read_array):
            with pytest.raises(UnusableError, match=reason):
                read(tmp_path / name)
        with pytest.raises(UnusableError, match=reason), open_archive(tmp_path / name):
            pass


def test_an_array_has_as_many_bytes_as_its_header_says(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((0, 3)))
    shape = b"(20000000000,), }"
    path.write_bytes(path.read_bytes().replace(b"(0, 3), }".ljust(len(shape)), shape))
    with pytest.raises(UnusableError, match=r"declares 160,000,000,000 bytes, and 0 are there"):
        read_array(path)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as made:
        made.write(path, "a.npy")
    with (
        open_archive(tmp_path / "a.npz") as archive,
        pytest.raises(UnusableError, match="declares 160,000,000,000 bytes"),
    ):
        archive.array("a")


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<u1", "|b1", "<U3", "|S2", "<M8[s]", "<c8"])
def test_arrays_are_those_that_numpy_reads(tmp_path: Path, dtype: str, order: str) -> None:
    array = np.asarray(np.arange(6).reshape(2, 3).astype(dtype), order=order)  # type: ignore[call-overload]
    np.save(tmp_path / "a.npy", array)
    np.savez_compressed(tmp_path / "a.npz", a=array, b=np.zeros((3, 0)))
    with open_archive(tmp_path / "a.npz") as archive:
        assert archive.names == ("a", "b")
        assert archive.array("b").shape == (3, 0)
        packed = archive.array("a")
    for mapped in (True, False):
        found = read_array(tmp_path / "a.npy", mapped=mapped)
        for one in (found, packed):
            assert (one.dtype, one.tolist()) == (array.dtype, array.tolist())


def test_objects_and_records_are_never_loaded(tmp_path: Path) -> None:
    for array in (np.array([{}]), np.zeros(2, [("a", "f4")])):
        np.save(tmp_path / "a.npy", array, allow_pickle=True)
        with pytest.raises(RefusedError, match=r"a\.npy: it holds (Python objects|records)"):
            read_array(tmp_path / "a.npy")


def test_json_is_read_as_every_program_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for text, reason in (
        ('{"a": 1, "a": 2}', "names 'a' twice"),
        ('{"a": NaN}', "not finite"),
        ('{"a": 1e999}', "not finite"),
        ("[" * 100_000, "nested more than 100 deep"),
        ('{"a": "\\ud800"}', "not Unicode"),
        ("[1]", "an object is needed"),
        ("", "not JSON"),
    ):
        path.write_text(text)
        with pytest.raises(LipbuildError, match=reason) as refused:
            read_json(path, "restore it")
        assert (refused.value.help, str(path) in refused.value.message) == ("restore it", True)


def test_a_png_whose_pixels_are_others_is_refused() -> None:
    with io.BytesIO() as file:
        Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(file, "PNG")
        content = bytearray(file.getvalue())
    decode(content, (8, 8, 1))
    place = content.index(b"IDAT") + 6
    content[place] ^= 1
    with pytest.raises(ImageError, match="its part IDAT does not fit its checksum"):
        decode(content, (8, 8, 1))
