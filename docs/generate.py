"""Write the generated pages of this folder anew: `make docs`. A test fails when one of them is stale."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))


def pages() -> dict[str, str]:
    """The generated pages by their names."""
    from lipbuild.rules.pages import pages as rule_pages

    rules = {f"rules/{name}": text for name, text in rule_pages().items()}
    return {
        "config-reference.md": config_reference(),
        "layers.md": table_of_layers(),
        "cli.md": cli_reference(),
        "python-reference.md": python_reference(),
        "json.md": json_reference(),
        **{f"python-{name}.md": class_page(name, *about) for name, about in CLASS_PAGES.items()},
        **rules,
    }


# What is said of lipbuild's own layers alone.
OF_ITS_OWN = ("in place of", "cost", "JAX", "PyTorch", "from")


def table_of_layers() -> str:
    """Every layer with what it replaces, its constant and what it costs, from the registry."""
    from lipbuild.network.specs import LAYERS

    parts = [
        "# Layers",
        "",
        "Every layer of a config. Generated from the registry by `make docs`. Arguments are in the "
        "[config reference](config-reference.md), shapes and formulas in the docstrings of `lipbuild.layers`.",
        "",
        "Constants are those of the L2 norm. k is `k_coef_lip`, and Λ the constant of an input with respect to the "
        "input of the network.",
        "",
        "- The column *exact* says `yes` if a layer reaches its constant with the weights that it starts from, which a "
        "test measures. It says `bound` if usual weights stay below it, even if special ones reach it, such as equal "
        "columns in `FrobeniusDense` and `LastLayerNormalized` or the identity in `AOLDense`.",
        "- A layer is *norm preserving* if all singular values of its Jacobian equal its constant; the gradient's norm "
        "is then *kept*, which a test measures too. Deep 1-Lipschitz networks need such layers, or gradients vanish.",
        "- The columns *JAX* and *PyTorch* say whether `lipbuild.layers` trains and condenses on these backends of "
        "Keras, which a nightly test tries. The commands of lipbuild need TensorFlow, and so do certificates and "
        "exports: save the model, and load it there. JAX has no float64 unless `JAX_ENABLE_X64=1` is set: kernels "
        "that are computed in float64 elsewhere are then held only to the accuracy of float32.",
        "- Costs are in addition to those of the replaced layer, in multiply-adds, for a kernel of n×m, a residual "
        "block of n inputs and h hidden units, c channels.",
    ]
    groups = {"lipbuild's own": True, "Keras's": False}
    for title, own in groups.items():
        parts += ["", f"## {title}", ""]
        columns = [
            "layer",
            "in place of",
            "constant",
            "exact",
            "gradient's norm",
            "cost",
            "JAX",
            "PyTorch",
            "from",
        ]
        columns = columns if own else [c for c in columns if c not in OF_ITS_OWN]
        parts += [row(columns), row(["---"] * len(columns))]
        for name, cls in LAYERS.items():
            facts = cls.facts
            if bool(facts.replaces) is not own:
                continue
            cells = {
                "layer": f"[`{name}`](config-reference.md#{name.lower()})",
                "in place of": facts.replaces,
                "constant": facts.constant.replace("|", "\\|"),
                "exact": "yes" if facts.exact else "bound",
                "gradient's norm": facts.gradient,
                "cost": facts.cost,
                "JAX": "yes" if "jax" in facts.backends else "no",
                "PyTorch": "yes" if "torch" in facts.backends else "no",
                "from": facts.paper,
            }
            parts.append(row([cells[column] for column in columns]))
    return "\n".join(parts) + "\n"


def row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def config_reference() -> str:
    """Every key of a config with its type, default and meaning, from the classes that read it."""
    from lipbuild.config.blocks import BLOCKS
    from lipbuild.config.choices import (
        AUGMENTATION,
        AVERAGES,
        LOSSES,
        METRICS,
        OBJECTIVES,
        OPTIMIZERS,
        PRUNERS,
        SAMPLERS,
        SCHEDULES,
    )
    from lipbuild.config.mix import MixSection
    from lipbuild.config.preprocessing import PREPROCESSING
    from lipbuild.config.sections import (
        CertifySection,
        CheckpointSection,
        ConfigSection,
        DataSection,
        EarlyStoppingSection,
        ExportSection,
        ModelSection,
        SweepSection,
        TrainSection,
    )
    from lipbuild.config.sources import SOURCES
    from lipbuild.config.split import SplitSection
    from lipbuild.config.sweep.range import Range
    from lipbuild.network.specs import LAYERS

    parts = [
        "# Config reference",
        "",
        "Every key of a config. Generated from the classes that read it by `make docs`; `lipbuild schema` prints "
        "the same for editors. Names and arguments are those of Keras and deel-lip.",
    ]
    sections = {
        "The config": ConfigSection,
        "model": ModelSection,
        "data": DataSection,
        "data.mix": MixSection,
        "data.split": SplitSection,
        "train": TrainSection,
        "train.early_stopping": EarlyStoppingSection,
        "train.checkpoint": CheckpointSection,
        "certify": CertifySection,
        "export": ExportSection,
        "sweep": SweepSection,
        "A range of a sweep": Range,
    }
    for title, cls in sections.items():
        parts += ["", f"## {title if ' ' in title else f'`{title}`'}", "", *table(cls)]
    groups: dict[str, tuple[str, dict[str, Any]]] = {
        "Layers": ("Every layer also takes `name` and `inputs`.", LAYERS),
        "Blocks": ("Layers that hold layers.", BLOCKS),
        "Data sources": ("Paths start from the folder of the config.", SOURCES),
        "Preprocessing": ("The steps of `data.preprocess`.", PREPROCESSING),
        "Augmentation": ("The steps of `data.augment`.", AUGMENTATION),
        "Losses": ("", LOSSES),
        "Optimisers": ("", OPTIMIZERS),
        "Schedules": ("In place of a `learning_rate`, or of a parameter of a loss.", SCHEDULES),
        "Averages": ("For `train.average`.", AVERAGES),
        "Metrics": ("", METRICS),
        "Objectives": ("What a sweep looks for.", OBJECTIVES),
        "Samplers": ("", SAMPLERS),
        "Pruners": ("", PRUNERS),
    }
    for title, (note, classes) in groups.items():
        parts += ["", f"## {title}"]
        if note:
            parts += ["", note]
        for name, cls in classes.items():
            shared = {"name", "inputs"} if title == "Layers" else set()
            parts += ["", f"### `{name}`", "", doc(cls), *table(cls, shared, blank_first=True)]
    return "\n".join(parts) + "\n"


def doc(cls: type) -> str:
    return " ".join((cls.__doc__ or "").strip().split("\n\n", 1)[0].split())


def table(cls: Any, without: Iterable[str] = (), *, blank_first: bool = False) -> list[str]:
    """The keys of a section as a Markdown table; nothing where it has none."""
    fields = {name: field for name, field in cls.model_fields.items() if name not in set(without)}
    if not fields:
        return []
    lines = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for name, field in fields.items():
        lines.append(f"| `{name}` | {kind(field)} | {default(field)} | {field.description} |")
    return ["", *lines] if blank_first else lines


def default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ({}, []):
        return ""
    if hasattr(type(value), "model_fields"):
        return "" if type(value).__name__.endswith("Section") else f"`{type(value).__name__}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        value = list(value)
    return f"`{value}`"


def kind(field: Any) -> str:
    """The type of a key in words."""
    from lipbuild.fields.choice import Choice

    choice = next((m for m in field.metadata if isinstance(m, Choice)), None)
    if choice is not None and any(float in (kind, *get_args(kind)) for kind in get_args(field.annotation)):
        return f"number, or a {choice.what}"
    if choice is not None:
        return f"list of {choice.what}s" if choice.many else choice.what
    return in_words(field.annotation)


def in_words(annotation: Any) -> str:
    from lipbuild.fields.strict import Strict

    names = {int: "whole number", float: "number", str: "text", bool: "truth value", Any: "see below"}
    if annotation in names:
        return names[annotation]
    if get_origin(annotation) is None and isinstance(annotation, type) and issubclass(annotation, Strict):
        return "section"
    origin = getattr(annotation, "__origin__", None)
    arguments = [a for a in get_args(annotation) if a is not type(None)]
    if hasattr(annotation, "__metadata__"):
        names_of = next((m.names for m in annotation.__metadata__ if hasattr(m, "names")), None)
        if hasattr(names_of, "built_in"):
            return ", ".join(f"`{name}`" for name in names_of.built_in)
        return in_words(arguments[0])
    if origin is list:
        return f"list of {plural(in_words(arguments[0]))}"
    if origin is tuple:
        return "one whole number, or two"
    if origin is dict:
        return "mapping"
    if arguments and all(isinstance(a, (str, int)) for a in arguments):
        return ", ".join(f"`{a}`" for a in arguments)
    return " or ".join(dict.fromkeys(in_words(a) for a in arguments))


def plural(words: str) -> str:
    return words if words.startswith("`") or words == "text" else f"{words}s"


def json_reference() -> str:
    """What commands print for programs, from the classes of `lipbuild.outputs`."""
    from lipbuild.outputs import OUTPUTS, output_class

    parts = [
        "# JSON",
        "",
        "With `--format json` a command prints one JSON object on standard output, and everything else on standard "
        "error. Generated from `lipbuild.outputs` by `make docs`; `lipbuild schema COMMAND` prints the JSON Schema of "
        "a command.",
        "",
        "Each object has `format` and `version`. A version gains keys, and a key that it has keeps its meaning: a "
        "reader ignores keys that it does not know. A key that goes or changes its meaning makes a new version.",
        "",
        "JSON has neither NaN nor infinity: a number that is not finite is null. Constants, radii and movements are "
        "those of the L2 norm. Where a command could not do what it was asked, it prints an object `lipbuild.error` "
        "in place of its result, says the same on standard error, and ends with the `status` that is in it. What "
        "`check`, `verify`, `audit`, `data` or `import` finds wanting is a result, with the status 1.",
    ]
    for command, kind in OUTPUTS.items():
        cls = output_class(command)
        title = "Errors" if command == "error" else f"lipbuild {command}"
        parts += [
            "",
            f"## {title}",
            "",
            f"{doc(cls)} `format` is `{kind.format}`, `version` is {kind.version}.",
        ]
        root = cls.model_fields.get("root")
        if root is None:
            parts += objects(cls, "", {})
            continue
        seen: dict[Any, str] = {}
        for event in get_args(root.annotation):
            parts += ["", doc(event), *objects(event, "", seen)]
    return "\n".join(parts) + "\n"


def objects(cls: Any, path: str, seen: dict[Any, str]) -> list[str]:
    """The keys of an object of a result, and those of the objects in it. What was shown before is not shown again."""
    fields = {name: field for name, field in cls.model_fields.items() if name not in ("format", "version")}
    lines = ["", "| key | value | meaning |", "|---|---|---|"]
    inside: list[tuple[str, Any]] = []
    for name, field in fields.items():
        key = field.alias or name
        words, objects_of = result_kind(field.annotation)
        words += "" if field.is_required() else ", or absent" if "null" not in words else ", null or absent"
        words = words.replace(" or null, null or absent", ", null or absent")
        meaning = field.description or "Which line this is."
        for one in objects_of:
            place = f"{path}.{key}".removeprefix(".")
            if one in seen:
                meaning += f" Its keys are those of `{seen[one]}`."
            else:
                seen[one] = place
                inside.append((place, one))
        lines.append(f"| `{key}` | {words} | {meaning} |")
    for place, one in inside:
        lines += ["", f"`{place}`: {doc(one)}", *objects(one, place, seen)]
    return lines


def result_kind(annotation: Any) -> tuple[str, list[Any]]:
    """The type of a key of a result in words, and the objects in it."""
    from pydantic import BaseModel

    names = {
        int: "whole number",
        float: "number",
        str: "text",
        bool: "truth value",
        Any: "any value",
        type(None): "null",
    }
    if annotation in names:
        return names[annotation], []
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None and isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "object", [annotation]
    if origin is list:
        words, found = result_kind(arguments[0])
        return f"list of {plural(words) if words != 'text' else 'texts'}", found
    if origin is dict:
        words, found = result_kind(arguments[1])
        return f"object with {plural(words) if words != 'text' else 'texts'}", found
    if all(isinstance(one, str) for one in arguments):
        return ", ".join(f"`{one}`" for one in arguments), []
    each = [result_kind(one) for one in arguments]
    return " or ".join(words for words, _ in each), [one for _, found in each for one in found]


def cli_reference() -> str:
    """Every command with its arguments and options, from the functions that they are."""
    from lipbuild.cli.app import app
    from lipbuild.cli.help_page import sections

    parts = [
        "# Command line",
        "",
        "Generated from the commands by `make docs`.",
        "",
        "Every command also takes `--help`, `--debug` (show the traceback of a failure) and `--allow-code` (let a "
        "config call a Python function for its data). `lipbuild --version` shows the version.",
        "",
        "| exit status | meaning |",
        "|---|---|",
        "| 0 | Done. |",
        "| 1 | The config, the data or the model has an error, or an export or a certificate was refused. |",
        "| 2 | The command could not run: a file is missing, an option is wrong. |",
        "| 3 | `verify` only: the certificate holds on a condition that is named. |",
        "| 75 | A process of a distributed training was lost, or the run folder is in use. Try again. |",
        "| 130, 143 | Stopped by Ctrl-C or by SIGTERM. |",
    ]
    heading = ""
    for command in app.registered_commands:
        function = command.callback
        assert function is not None
        name = command.name or function.__name__
        parameters = list(command_parameters(function))
        arguments = [p.metavar for p in parameters if not p.options]
        usage = " ".join(
            ["lipbuild", name, "[OPTIONS]" if len(arguments) < len(parameters) else "", *arguments]
        )
        explained, example = sections(function.__doc__ or "")
        if command.rich_help_panel != heading:
            heading = str(command.rich_help_panel)
            parts += ["", f"## {heading}"]
        parts += ["", f"### `lipbuild {name}`", "", *text_of(explained), ""]
        parts += ["```text", " ".join(usage.split()), "```", "", "```sh", example, "```"]
        if parameters:
            parts += ["", "| argument or option | meaning |", "|---|---|"]
            parts += [f"| {p.signature} | {p.meaning} |" for p in parameters]
    return "\n".join(parts) + "\n"


@dataclass(frozen=True)
class Parameter:
    """One argument or option of a command."""

    options: tuple[str, ...]
    metavar: str
    meaning: str

    @property
    def signature(self) -> str:
        if not self.options:
            return f"`{self.metavar}`"
        return f"{', '.join(f'`{option}`' for option in self.options)} {self.metavar}".strip()


def command_parameters(function: Any) -> Iterable[Parameter]:
    """The parameters of a command, from its annotations."""
    hints = get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        kind, info = get_args(hints[name])[:2]
        meaning = " ".join((info.help or "").split()).replace("|", "\\|")
        if type(info).__name__ == "ArgumentInfo":
            yield Parameter((), (info.metavar or name.upper()).replace("|", "\\|"), meaning)
            continue
        # Inside `Annotated`, typer takes the first declaration for the default.
        given = (info.default, *(info.param_decls or ()))
        options = tuple(o for o in given if isinstance(o, str) and o.startswith("-"))
        options = options or (f"--{name.rstrip('_').replace('_', '-')}",)
        members = next((c for c in (kind, *get_args(kind), *inner(kind)) if is_enum(c)), None)
        metavar = info.metavar or (" \\| ".join(str(m.value) for m in members) if members is not None else "")
        value = parameter.default
        if value not in (None, False, inspect.Parameter.empty):
            shown = options[0].split("/")[0] if value is True else getattr(value, "value", value)
            meaning += f" Default: `{shown}`."
        yield Parameter(tuple(options), metavar if "\\" in metavar else metavar.replace("|", "\\|"), meaning)


def inner(annotation: Any) -> list[Any]:
    return [argument for part in get_args(annotation) for argument in get_args(part)]


def is_enum(annotation: Any) -> bool:
    return get_origin(annotation) is None and isinstance(annotation, type) and issubclass(annotation, Enum)


def text_of(text: str) -> list[str]:
    """The text of a docstring, a line a paragraph, blank lines between."""
    paragraphs = [" ".join(part.split()) for part in text.strip().split("\n\n")]
    return "\n\n".join(paragraphs).split("\n")


def python_reference() -> str:
    """Every function of the Python API and what it returns, from their texts: nothing of them is imported."""
    from lipbuild._lazy import FUNCTIONS

    parts = [
        "# Python reference",
        "",
        "The functions of `lipbuild` and what they return. Generated from their docstrings by `make docs`; "
        "[Python API](python-api.md) shows their use.",
    ]
    results: dict[str, str] = {}
    for name, module in FUNCTIONS.items():
        tree = ast.parse(text_of_module(module))
        function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name)
        returned = ast.unparse(function.returns) if function.returns is not None else "None"
        signature = f"{name}({signature_of(function)}) -> {returned}"
        parts += ["", f"## `lipbuild.{name}`", "", "```text", signature, "```", "", *docstring(function)]
        results |= {cls: where for cls, where in origins(tree, module).items() if cls in returned}
    for cls, module in sorted(results.items()):
        found = definition(cls, module)
        if found is not None:
            parts += ["", f"## `{cls}`", "", *docstring(found)]
    return "\n".join(parts) + "\n"


def text_of_module(module: str) -> str:
    path = DOCS.parent / Path(*module.split("."))
    return (path.with_suffix(".py") if not path.is_dir() else path / "__init__.py").read_text(
        encoding="utf-8"
    )


def origins(tree: ast.Module, module: str) -> dict[str, str]:
    """Where the classes of lipbuild are from that a module names."""
    found = {node.name: module for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lipbuild"):
            found |= {alias.name: str(node.module) for alias in node.names}
    return found


def definition(cls: str, module: str) -> ast.ClassDef | None:
    tree = ast.parse(text_of_module(module))
    return next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == cls), None)


def signature_of(function: ast.FunctionDef) -> str:
    """The parameters, one a line where they are many."""
    text = ast.unparse(function.args)
    if len(text) <= 70:
        return text
    arguments = function.args
    plain = [ast.unparse(a) for a in arguments.args]
    for i, value in enumerate(reversed(arguments.defaults), 1):
        plain[-i] += f" = {ast.unparse(value)}"
    named = [
        ast.unparse(a) + (f" = {ast.unparse(d)}" if d is not None else "")
        for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults)
    ]
    lines = [*plain, *(["*", *named] if named else [])]
    return "\n" + "".join(f"    {line},\n" for line in lines)


def docstring(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    """A docstring of Google's form as Markdown: its text, its sections as tables."""
    text = ast.get_docstring(node) or ""
    return sections(text)


_TITLES = "Args|Attributes|Call arguments|Input shape|Output shape|Returns|Raises|Reference"


def sections(text: str) -> list[str]:
    """The text of a docstring as Markdown, as above."""
    parts = re.split(rf"^({_TITLES}):$", text, flags=re.MULTILINE)
    lines = ["\n\n".join(" ".join(p.split()) for p in parts[0].strip().split("\n\n"))]
    for title, body in zip(parts[1::2], parts[2::2]):
        if title in ("Returns", "Input shape", "Output shape", "Reference"):
            lines += ["", f"{title}: {' '.join(body.split())}"]
            continue
        lines += ["", f"| {title.lower()} | |", "|---|---|"]
        lines += [f"| `{name}` | {meaning} |" for name, meaning in entries(body)]
    return "\n".join(lines).split("\n")


CLASS_PAGES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "layers": (
        "The layers of `lipbuild.layers`: Keras layers with a known Lipschitz constant, with deel-lip's names and "
        "arguments. [Layers](layers.md) compares them, [choosing](choosing.md) says which to take.",
        ("lipbuild.layers",),
        """import keras

from lipbuild import Sequential
from lipbuild.layers import GroupSort2, ScaledL2NormPooling2D, SpectralConv2D, SpectralDense

model = Sequential(
    [
        keras.Input((8, 8, 1)),
        SpectralConv2D(8, 3),
        GroupSort2(),
        ScaledL2NormPooling2D(2),
        keras.layers.Flatten(),
        SpectralDense(10),
    ]
)
assert model.lipschitz_bound() <= 1.0
""",
    ),
    "losses": (
        "The losses of `lipbuild.losses`, with deel-lip's names and arguments. [Choosing](choosing.md) says which to "
        "take. A loss of a config has these arguments too, under the same names.",
        ("lipbuild.losses",),
        """import numpy as np

from lipbuild.losses import HKR, MulticlassHKR, TauCategoricalCrossentropy

labels = np.eye(3)[[0, 1]]
logits = np.array([[2.0, 0.5, 0.0], [0.1, 0.4, 0.2]])
for loss in (TauCategoricalCrossentropy(tau=3), MulticlassHKR(alpha=10, target_radius=0.25)):
    print(loss.name, float(loss(labels, logits)))

signs = np.array([[1.0], [-1.0]])
print("HKR", float(HKR(alpha=10, min_margin=0.5)(signs, np.array([[0.8], [0.1]]))))
""",
    ),
    "metrics": (
        "The metrics of `lipbuild.metrics`. A metric takes the constant of the network from you; "
        "`lipbuild evaluate` and `lipbuild certify` prove it. The radius of several logits is (top1 − top2)/(√2·L), or "
        "(top1 − top2)/(2·L) with `disjoint_neurons`, deel-lip's default; certificates use a "
        "[closer one](evaluation.md#what-a-radius-is).",
        ("lipbuild.metrics",),
        """import numpy as np

from lipbuild.metrics import CategoricalProvableRobustAccuracy

metric = CategoricalProvableRobustAccuracy(epsilon=0.5, lip_const=1.0, disjoint_neurons=False)
metric.update_state(np.eye(3)[[0, 1]], np.array([[2.0, 0.5, 0.0], [0.1, 0.4, 0.2]]))
assert float(metric.result()) == 0.5  # 1.5/√2 is above 0.5, and 0.2/√2 is not
""",
    ),
    "models": (
        "Models and callbacks: `lipbuild.model` and `lipbuild.callbacks`, with deel-lip's names and arguments.",
        ("lipbuild.model", "lipbuild.callbacks"),
        """import keras
import numpy as np

from lipbuild import Sequential
from lipbuild.callbacks import CondenseCallback, LossParamScheduler
from lipbuild.layers import GroupSort2, SpectralDense
from lipbuild.losses import MulticlassHKR

x, y = np.random.default_rng(0).random((32, 4)), np.eye(2)[np.arange(32) % 2]
model = Sequential([keras.Input((4,)), SpectralDense(8), GroupSort2(), SpectralDense(2)])
model.compile("adam", MulticlassHKR(alpha=1.0))
growing = LossParamScheduler("alpha", fp=[1.0, 10.0], xp=[0, 4])
model.fit(x, y, epochs=4, verbose=0, callbacks=[CondenseCallback(), growing])
plain = model.vanilla_export()  # Keras's layers alone
""",
    ),
    "constraints": (
        "Constraints, initializers and regularizers: `lipbuild.constraints`, `lipbuild.initializers` and "
        "`lipbuild.regularizers`, with deel-lip's names and arguments. The layers of lipbuild bring their own; these "
        "are for layers of Keras.",
        ("lipbuild.constraints", "lipbuild.initializers", "lipbuild.regularizers"),
        """import keras
import numpy as np

from lipbuild.constraints import SpectralConstraint
from lipbuild.initializers import SpectralInitializer

dense = keras.layers.Dense(
    8, kernel_initializer=SpectralInitializer(), kernel_constraint=SpectralConstraint()
)
model = keras.Sequential([keras.Input((4,)), dense])
model.compile("adam", "mse")
model.fit(np.ones((8, 4)), 9.0 * np.ones((8, 8)), epochs=2, verbose=0)
assert np.linalg.norm(np.asarray(dense.kernel), 2) <= 1.0 + 1e-6
""",
    ),
}


def class_page(name: str, about: str, packages: tuple[str, ...], example: str) -> str:
    """The classes of some packages with their arguments, from their signatures and docstrings."""
    from importlib import import_module

    from lipbuild.config.choices import LOSSES, METRICS
    from lipbuild.network.specs import LAYERS

    parts = [
        f"# Python {name}",
        "",
        f"{about} Generated from their docstrings by `make docs`.",
        *("", "```python", example.rstrip("\n"), "```"),
    ]
    for package in packages:
        module = import_module(package)
        for shown in sorted(module.__all__, key=str.lower):
            described = getattr(module, shown)
            if inspect.ismodule(described):
                continue
            parts += ["", f"## `{package}.{shown}`", "", "```text", called(shown, described), "```", ""]
            parts += sections(inspect.getdoc(described) or "")
            if shown in {"layers": LAYERS, "losses": LOSSES, "metrics": METRICS}.get(name, ()):
                parts += ["", f"In a config: [`{shown}`](config-reference.md#{shown.lower()})."]
    return "\n".join(parts) + "\n"


def called(name: str, described: Any) -> str:
    """How a class or a function is called, its arguments one a line where they are many."""
    parameters = inspect.signature(described).parameters.values()
    arguments = [str(p.replace(annotation=inspect.Parameter.empty)) for p in parameters]
    line = f"{name}({', '.join(arguments)})"
    return line if len(line) <= 90 else f"{name}(\n" + "".join(f"    {a},\n" for a in arguments) + ")"


def entries(section: str) -> Iterable[tuple[str, str]]:
    """The names of a docstring's section and what is said of them; what stands further in continues."""
    for part in re.split(r"^    (?=\S)", section.strip("\n"), flags=re.MULTILINE):
        name, _, meaning = part.partition(": ")
        if meaning:
            yield name.strip(), " ".join(meaning.split())


def main() -> None:
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"wrote docs/{name}")


if __name__ == "__main__":
    main()
