"""What an exported file says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lipbuild._version import __version__
from lipbuild.config.sources.input_column import InputColumn

# What a certificate means for a file.
COVERED = "covered"
PARTIAL = "partial"
REDERIVED = "re-derived"
VOID = "void"
NONE = "none"

MEANINGS = {
    COVERED: "the file holds the certified weights bit for bit",
    PARTIAL: "the file holds the certified weights bit for bit without the preprocessing, which the certificate "
    "counts; the constant stated here is with respect to preprocessed inputs",
    REDERIVED: "the file's weights differ from the certified ones by rounding; the constant stated here is proved "
    "from the file's own weights",
    VOID: "nothing is certified of this file",
    NONE: "the run has no certificate; the constant stated here is proved from the file's own weights",
}

MISSING = (
    "no input is missing or NaN: before the file is run, each input of a missing cell is set to its column's fill, and "
    "its indicator to 1; a radius is about the inputs after that"
)

OUTPUT_MEANINGS = {
    "logits": "one number a class; the label is that of the greatest, or whether a single one is above 0",
    "values": "the predicted numbers",
    "label": "the number of the predicted class; -1 if the input or a logit is not finite, or if the input's norm is "
    "beyond what is certified",
    "margin": "the largest logit minus the second largest, or the size of a single one, in float32; 0 if the label "
    "is -1",
    "radius": "an L2 distance, in the units of the input, within which the label stays; rounded down, and 0 where "
    "nothing is certified",
    "certified": "whether the radius is above 0; of a regression whether the intervals are proved",
    "within_tolerance": "whether the class stays while each column with a tolerance is off by at most that, and all "
    "others are held fixed; false where it is not proved",
    "low": "what each value is at least while the input moves by at most `radius.size` (L2), in its units; rounded "
    "down, and -3.4e38 where nothing is certified",
    "high": "what each value is at most there; rounded up, and 3.4e38 where nothing is certified",
    "low_in_tolerance": "what each value is at least while each column with a tolerance is off by at most that, and "
    "all others are held fixed; -3.4e38 where nothing is certified",
    "high_in_tolerance": "what each value is at most there; 3.4e38 where nothing is certified",
}

_ENDS = ("least", "greatest")


def metadata(
    *,
    model: str,
    input_name: str,
    shape: Sequence[int | None],
    batch: int | None = None,
    units: str,
    columns: Sequence[InputColumn] | None,
    images: Mapping[str, Any] | None,
    targets: Sequence[InputColumn],
    preprocessing: Sequence[Mapping[str, Any]],
    prepared: bool,
    outputs: Sequence[str],
    classes: Sequence[str],
    promised: float,
    proved: float | None,
    columns_proved: Mapping[str, Any],
    certificate: Mapping[str, Any],
    quantization: str,
    radius: Mapping[str, Any] | None,
    optimized: bool,
    self_test: Mapping[str, Any] | None,
    data_contract: Mapping[str, Any] | None,
    digests: Mapping[str, str],
    statement: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The metadata of an export, the same in every format.

    Args:
        model: The network's name.
        input_name: The name of its input.
        shape: The shape of one sample.
        batch: How many samples the file takes at a time; None for any number.
        units: What one unit of a distance between inputs is.
        columns: What each number of a sample is; None where they have no names.
        images: How image files became inputs in the training; None where there were none.
        targets: What each number to predict is; empty where they have no names, and for classes.
        preprocessing: What happens to the data before the network, step by step.
        prepared: Whether that has to happen before the file is run.
        outputs: The names of its outputs.
        classes: The names of its classes in their order; empty for regression.
        promised: The constant that the config promises.
        proved: The constant proved from the file's own weights; None where nothing is certified.
        columns_proved: `slopes` and `tolerance`: what is proved of single columns; empty where nothing is.
        certificate: Its `status`, the reasons, the digest of the run's certificate.
        quantization: How many bits its weights are kept in.
        radius: What the outputs of a radius or of intervals are about; None where there are none.
        optimized: Whether sorting was rotated into the kernels beside it.
        self_test: What it should answer to two inputs; None where it computes with 8-bit numbers.
        data_contract: The digest of the run's data contract, and the samples and the digest of each part; None where
            there is none.
        digests: Of the operations and the weights, as they stand in the file.
        statement: A certificate of the file itself; None where the verifier cannot read it.
    """
    return {
        "tool": f"lipbuild {__version__}",
        "model": model,
        "input": {
            "name": input_name,
            "shape": list(shape),
            **({"batch": batch} if batch is not None else {}),
            "units": units,
            **({"columns": [column.as_json() for column in columns]} if columns is not None else {}),
            **({"images": dict(images)} if images is not None else {}),
            **({"missing": MISSING} if any(column.fill is not None for column in columns or ()) else {}),
            "preprocessing": list(preprocessing),
            "preprocessing_inside": not prepared,
        },
        "outputs": {name: OUTPUT_MEANINGS.get(name, "an output of the network") for name in outputs},
        "classes": list(classes),
        **({"targets": [target.as_json() for target in targets]} if targets else {}),
        "lipschitz": {"norm": "L2", "promised": promised, "proved": proved},
        **columns_proved,
        "certificate": dict(certificate),
        "quantization": quantization,
        "radius": None if radius is None else dict(radius),
        "optimized": optimized,
        "self_test": self_test,
        **({"data_contract": dict(data_contract)} if data_contract is not None else {}),
        "digests": dict(digests),
        "statement": None if statement is None else dict(statement),
    }


def columns_metadata(predicate: Mapping[str, Any]) -> dict[str, Any]:
    """What a statement says of single columns, as numbers of JSON.

    Args:
        predicate: The statement's.

    Returns:
        `slopes`: between which numbers each output changes for one unit of each column, or from one value of a text to
        another; and `tolerance`: how far the outputs move while columns stay within theirs.
    """
    found: dict[str, Any] = {}
    if "columns" in predicate:
        found["slopes"] = [
            {key: value for key, value in row.items() if key not in ("places", *_ENDS)}
            | {key: [float.fromhex(end) for end in row[key]] for key in _ENDS}
            for row in predicate["columns"]
        ]
    if "tolerance" in predicate:
        stated = predicate["tolerance"]
        found["tolerance"] = {
            "columns": dict(zip(stated["columns"], map(float.fromhex, stated["sizes"]), strict=True)),
            "meaning": "`box`: how far each output moves at most while each column does by at most its tolerance and "
            "all others are held fixed; `ellipsoid`: how far all together move at most (L2) while ‖(x − x₀)/t‖₂ ≤ 1",
            "box": [float.fromhex(bound) for bound in stated["box"]],
            "ellipsoid": float.fromhex(stated["ellipsoid"]),
        }
    return found


def radius_metadata(semantics: str, size: float | None = None) -> dict[str, Any]:
    """What the outputs of a radius or of intervals are about, and what they rest on.

    Args:
        semantics: `real` or `float32`.
        size: Of a regression the distance within which values stay in their intervals; None of classes.
    """
    subject, counted = ("the label", "subtracted") if size is None else ("the values", "counted")
    meaning = {
        "real": f"{subject} of the function that the weights define in exact arithmetic; the float32 rounding of "
        f"the results at the input is {counted}",
        "float32": f"{subject} that this file computes in float32; its rounding at both inputs is {counted}",
    }
    return {
        "semantics": semantics,
        **({} if size is None else {"size": float(size)}),
        "meaning": meaning[semantics],
        "assumes": "float32 arithmetic of IEEE 754 with products summed in any order, not TF32, bfloat16, float16, "
        "Winograd's algorithm or integers",
    }
