"""Every source, step and augmentation that a config can name is documented, and there is something that does it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lipbuild.config.choices import AUGMENTATION
from lipbuild.config.preprocessing import PREPROCESSING
from lipbuild.config.sources import SOURCES
from lipbuild.data.augment import AUGMENTERS
from lipbuild.data.sources import loader_of
from lipbuild.fields.strict import Strict
from tests.conftest import ROOT

EVERY = [(name, group[name]) for group in (SOURCES, PREPROCESSING, AUGMENTATION) for name in group]


@pytest.mark.parametrize(("name", "cls"), EVERY, ids=[name for name, _ in EVERY])
def test_what_a_config_can_name_is_documented(name: str, cls: type[Strict]) -> None:
    first, *_ = (cls.__doc__ or "").strip().split("\n\n")
    assert first.endswith(".")
    for key, field in cls.model_fields.items():
        assert (field.description or "").endswith("."), key


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_has_a_loader_and_stands_on_the_page_of_data(name: str) -> None:
    assert callable(loader_of(name))
    assert SOURCES[name].source_name == name
    assert f"`{name}`" in (ROOT / "docs" / "data.md").read_text(encoding="utf-8")


def test_an_augmentation_has_a_function_and_stands_on_the_page_of_data() -> None:
    assert set(AUGMENTERS) == set(AUGMENTATION)
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    for name in (*AUGMENTATION, *PREPROCESSING):
        assert name in page


def test_a_source_that_needs_no_file_has_a_shape_before_it_is_read() -> None:
    for name in set(SOURCES) - {"none"}:
        if not any(field.is_required() for field in SOURCES[name].model_fields.values()):
            assert SOURCES[name]().input_shape(Path()), name
