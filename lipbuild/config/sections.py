"""The sections of a config, each key with its type, its range and its default."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from lipbuild.config.choices import (
    AUGMENTATION,
    AVERAGES,
    LOSSES,
    METRICS,
    OPTIMIZERS,
    AugmentSpec,
    AverageSpec,
    LossSpec,
    MetricSpec,
    OptimizerSpec,
)
from lipbuild.config.class_weights import ClassWeights
from lipbuild.config.export_formats import EXPORT_FORMATS
from lipbuild.config.mix import MixSection
from lipbuild.config.preprocessing import PREPROCESSING, PreprocessSpec
from lipbuild.config.sources import SOURCES, SourceSpec
from lipbuild.config.split import SplitSection, pattern_error
from lipbuild.config.sweep.section import SweepSection
from lipbuild.config.target_scale import TargetScale
from lipbuild.fields.choice import Choice
from lipbuild.fields.misfit import misfit, redundant
from lipbuild.fields.one_of import OneOf
from lipbuild.fields.strict import Strict

Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]
Strategy = Literal["auto", "mirrored", "multi_worker"]
ExportFormat = Annotated[str, OneOf("export format", EXPORT_FORMATS)]
Size = Annotated[int, Field(ge=1, le=10_000_000)]
Radius = Annotated[float, Field(ge=0)]


def _adam() -> OptimizerSpec:
    return OPTIMIZERS["Adam"]()


def _keras_alone() -> list[ExportFormat]:
    return ["keras"]


class ModelSection(Strict):
    """The network."""

    lipschitz: float = Field(
        1.0, gt=0, le=1e6, description="The Lipschitz constant (L2) that the network promises."
    )
    input: list[Size | None] | None = Field(
        None,
        min_length=1,
        max_length=5,
        description="The shape of one sample, without the batch. Default: taken from the data.",
    )
    layers: Any = Field(description="The layers, in order: names, or names with their arguments.")
    monotone: dict[str, Literal["increasing", "decreasing"]] | None = Field(
        None,
        min_length=1,
        description="Columns of a table with which the one output never falls (`increasing`) or never rises "
        "(`decreasing`): a linear part is added that outweighs the slopes of the layers.",
    )
    outputs: list[str] | None = Field(
        None, min_length=1, description="The names of the output layers. Default: the last layer."
    )


class DataSection(Strict):
    """The data."""

    source: Annotated[SourceSpec, Choice("data source", SOURCES)] = Field(
        description="Where the data comes from: a name, or a name with its arguments."
    )
    mix: MixSection | None = Field(
        None,
        description="A second source, of which each batch of the training has a share. Default: none.",
    )
    test: float = Field(
        0.2, gt=0, lt=1, description="The share held out for `evaluate`, unless the data brings a test set."
    )
    validation: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="The share of the remaining samples on which each epoch is measured. With 0, epochs are measured "
        "on the test part.",
    )
    split: SplitSection | None = Field(
        None,
        description="How parts are drawn if samples belong together or follow each other. Default: each sample by "
        "itself.",
    )
    seed: int = Field(
        0, ge=0, lt=2**32, description="What the split is drawn with, apart from the training's seed."
    )
    stratify: bool = Field(
        False, description="Whether each part that is drawn has every class in the same share."
    )
    class_weights: ClassWeights = Field(
        None,
        description="What the samples of a class count in the loss: `balanced` for the same sum in every class, or "
        "a number for each class by name, 1 for those left out.",
    )
    stream: bool | Literal["auto"] = Field(
        "auto",
        description="Whether samples are read when they are needed, instead of all of them into memory. `auto`: if "
        "they take "
        "more than 2 GiB once they are decoded.",
    )
    cache: str | None = Field(
        None,
        min_length=1,
        description="A folder, from the folder of the config, in which samples are kept once they are decoded.",
    )
    preprocess: Annotated[list[PreprocessSpec], Choice("preprocessing step", PREPROCESSING, many=True)] = (
        Field(
            default_factory=list,
            description="What is done to the data first, inside the network: its constant counts, and radii stay in "
            "the units of the data.",
        )
    )
    target_scale: TargetScale = Field(
        None,
        description="What numbers to predict are divided by in the training: `standard` for mean and deviation of the "
        "training part, or a number. The network that comes of it ends in the opposite layer, so that outputs, errors "
        "and constants are in the target's own units.",
    )
    augment: Annotated[list[AugmentSpec], Choice("augmentation", AUGMENTATION, many=True)] = Field(
        default_factory=list,
        description="How samples are changed at random in the training, before the network is given them.",
    )

    @property
    def has_source(self) -> bool:
        """Whether there is data: what `lipbuild import` writes has none yet."""
        return self.source.source_name != "none"

    @property
    def sources(self) -> dict[str, SourceSpec]:
        """The sources, each by the path of its key in a config."""
        mixed = {} if self.mix is None else {"data.mix.source": self.mix.source}
        return {"data.source": self.source, **mixed}

    def files(self) -> dict[str, str]:
        """The files and folders of the sources, each by the path of its key in a config."""
        return {
            f"{place}.{source.source_name}.{key}": path
            for place, source in self.sources.items()
            for key, path in source.files().items()
        }

    @model_validator(mode="after")
    def _can_be_mixed(self) -> "DataSection":
        if self.mix is None:
            return self
        if self.mix.source.source_name == "none":
            raise misfit("`source: none` has no data to mix in", ("mix", "source"), help="remove `mix`")
        if self.split is not None:
            key = self.split.key
            message = (
                f"parts are drawn by {key}, and nothing says of which {key} a sample is that is mixed in"
            )
            raise redundant(message, "mix", "split", help="leave `mix` or `split` out")
        return self

    @model_validator(mode="after")
    def _can_be_split(self) -> "DataSection":
        split = self.split
        if split is None:
            return self
        name = self.source.source_name
        if self.source.split_names is None:
            raise misfit(
                f"`{name}` has nothing that parts could be drawn by",
                "split",
                "source",
                help="`split` is for `csv`, `parquet`, `npz` and `image_folder`",
            )
        if split.time is not None and self.stratify:
            raise redundant("parts that follow each other in time cannot be stratified", "split", "stratify")
        wrong = pattern_error(split.name) if self.source.split_names == "pattern" else ""
        if wrong:
            raise misfit(f"`{split.name}` is not a regular expression: {wrong}", "split", "source")
        self.source.goes_by(split)
        return self


class EarlyStoppingSection(Strict):
    """When a training ends before its last epoch."""

    patience: int = Field(
        10, ge=1, description="How many epochs may follow each other without an improvement."
    )
    min_delta: float = Field(0.0, ge=0, description="The least change that counts as an improvement.")
    start_from_epoch: int = Field(0, ge=0, description="How many epochs go by before any of them counts.")


class CheckpointSection(Strict):
    """When checkpoints are written; there is one in any case when the training ends or is interrupted."""

    epochs: int | None = Field(
        None,
        ge=1,
        description="After every this many epochs. Default: so that it takes at most a twentieth of the time.",
    )
    steps: int | None = Field(None, ge=1, description="Also after every this many steps, for long epochs.")


class TrainSection(Strict):
    """The training."""

    loss: Annotated[LossSpec, Choice("loss", LOSSES)] = Field(description="The loss.")
    optimizer: Annotated[OptimizerSpec, Choice("optimizer", OPTIMIZERS)] = Field(
        default_factory=_adam, description="The optimiser."
    )
    epochs: int = Field(ge=1, le=1_000_000, description="How often the training data is gone through.")
    batch_size: Size = Field(64, description="The number of samples of one step.")
    metrics: Annotated[list[MetricSpec], Choice("metric", METRICS, many=True)] = Field(
        default_factory=list, description="Metrics in addition to loss, accuracy and certified accuracy."
    )
    precision: Precision = Field(
        "float32",
        description="The arithmetic of the training's steps, under Keras's names. Weights, and the model that is "
        "measured and saved, are float32 whatever it is.",
    )
    strategy: Strategy = Field(
        "auto",
        description="How steps are distributed: `mirrored` over the GPUs of this machine, `multi_worker` over "
        "several processes; `auto` takes what there is.",
    )
    average: Annotated[AverageSpec | None, Choice("average", AVERAGES)] = Field(
        None,
        description="An average of the weights over the training. It is brought back to the constraints, measured "
        "and saved.",
    )
    monitor: str = Field(
        "val_loss",
        min_length=1,
        description="The column of `metrics.csv` by which the best epoch is chosen: the least for losses and errors, "
        "else the greatest.",
    )
    early_stopping: EarlyStoppingSection | None = Field(
        None, description="Ends the training where `monitor` no longer improves."
    )
    restore_best_weights: bool = Field(
        False, description="Whether the result is the best epoch's by `monitor`, rather than the last one's."
    )
    checkpoint: CheckpointSection = Field(
        default_factory=CheckpointSection, description="When checkpoints are written."
    )
    tensorboard: bool = Field(
        False, description="Whether the metrics go to TensorBoard files in the run folder as well."
    )
    mlflow: bool = Field(
        False,
        description="Whether parameters, metrics and files are also recorded in MLflow, at its variable "
        "`MLFLOW_TRACKING_URI` or its default.",
    )


Tolerated = Annotated[float, Field(gt=0, le=1e30)]


class CertifySection(Strict):
    """What is certified."""

    radii: list[Radius] = Field(
        default_factory=lambda: [0.1, 0.25, 0.5],
        min_length=1,
        description="The L2 radii, in the units of the data, at which certified accuracy is stated.",
    )
    tolerance: dict[str, Tolerated] | None = Field(
        None,
        min_length=1,
        description="By how much columns of a table may be off, by their names: how far the outputs then move is "
        "stated, while all other columns are held fixed.",
    )


class ExportSection(Strict):
    """What is exported."""

    formats: list[ExportFormat] = Field(
        default_factory=_keras_alone,
        min_length=1,
        description="The formats that `lipbuild export` writes without `--to`.",
    )
    with_radius: bool = Field(
        False,
        description="Whether the files also compute the label, the margin and the certified radius; of a regression "
        "the interval in which each value stays within the first of `certify.radii`. With `certify.tolerance` also "
        "what stays within that.",
    )
    semantics: Literal["real", "float32"] = Field(
        "real",
        description="What these are about: the function in exact arithmetic, or what the file computes in float32.",
    )
    arithmetic: Literal["float32", "double"] = Field(
        "float32",
        description="The arithmetic of C programs: `double` if the proved error of float32 leaves a deep network no "
        "radius.",
    )
    preprocess: bool = Field(
        True, description="Whether the files include the preprocessing, or expect preprocessed inputs."
    )
    optimize: bool = Field(
        True,
        description="Whether SavedModel, ONNX and LiteRT files compute sorting in a rotated basis, multiplied into "
        "the kernels beside it: nearly as fast as a ReLU. Their weights then differ by rounding.",
    )
    batch: int | None = Field(
        None,
        ge=1,
        le=2**16,
        description="How many samples an ONNX file takes at a time, for runtimes and generators of code that need a "
        "fixed number. Default: any number.",
    )
    quantize: Literal["none", "float16", "int8"] = Field(
        "none", description="How many bits LiteRT files keep their kernels in, and ONNX files with `float16`."
    )
    tolerance: float | None = Field(
        None,
        gt=0,
        le=1e6,
        description="The largest difference of an output that weights of lower precision may cause. Default: 1e-2 for "
        "float16, 0.1 for int8. Without `quantize`, a smaller one than the gate allows.",
    )


class ConfigSection(Strict):
    """A config."""

    name: str = Field(
        "model",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        max_length=100,
        description="The name of the model, and of its run folders.",
    )
    seed: int = Field(0, ge=0, lt=2**32, description="What everything random in the training starts from.")
    extends: str | None = Field(None, description="The path of one parent config: maps merge, lists replace.")
    variables: dict[str, Any] = Field(
        default_factory=dict, description="Values for use elsewhere, as `${variables.name}`."
    )
    model: Any = Field(description="The network.")
    data: DataSection | None = Field(None, description="The data.")
    train: TrainSection | None = Field(None, description="The training.")
    certify: CertifySection = Field(default_factory=CertifySection, description="What is certified.")
    export: ExportSection = Field(default_factory=ExportSection, description="What is exported.")
    sweep: SweepSection | None = Field(None, description="What a sweep tries.")


# Every section by its key; the config itself has none.
SECTIONS: dict[str, type[Strict]] = {
    "model": ModelSection,
    "data": DataSection,
    "train": TrainSection,
    "certify": CertifySection,
    "export": ExportSection,
    "sweep": SweepSection,
    "": ConfigSection,
}
