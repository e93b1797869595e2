import pytest

from lipbuild.network.specs import LAYERS
from lipbuild.text.suggest import nearest


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("SpectralDens", "SpectralDense"),
        ("spectraldense", "SpectralDense"),
        ("spectral_dense", "SpectralDense"),
        ("SpetcralDense", "SpectralDense"),
        ("GrupSort2", "GroupSort2"),
        ("Flaten", "Flatten"),
        ("Relu", "ReLU"),
        ("Concat", "Concatenate"),
    ],
)
def test_a_misspelt_layer_has_a_nearest(written: str, meant: str) -> None:
    assert nearest(written, LAYERS) == meant


def test_a_name_that_contains_another_is_nearer_than_one_with_two_letters_changed() -> None:
    assert nearest("float16", ["float32", "mixed_float16", "mixed_bfloat16"]) == "mixed_float16"


@pytest.mark.parametrize("written", ["Foo", "", "_", "Transformer"])
def test_what_is_like_nothing_has_none(written: str) -> None:
    assert nearest(written, LAYERS) is None
