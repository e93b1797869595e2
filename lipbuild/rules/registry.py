"""Every rule there is, in the order of their codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module

from lipbuild.errors import UnusableError
from lipbuild.plugins import entry_points, load_entry_point
from lipbuild.rules.rule import Rule


class Applied(Enum):
    """To which configs a rule is applied: known without its file, whose loading takes a part of a check's time."""

    # To none: what it reports is found by the stage that reads the config, or is a layer that is refused by its name.
    REPORTED = "reported"
    ALWAYS = "always"
    SWEEPS = "sweeps"


REPORTED, ALWAYS, SWEEPS = Applied

# A file a rule, in the folder of its group, by their codes.
_FILES = {
    "source": {
        "malformed_yaml": REPORTED,
        "empty_configs": REPORTED,
        "duplicate_keys": REPORTED,
        "merge_keys": REPORTED,
        "multiple_documents": REPORTED,
        "explicit_tags": REPORTED,
        "unknown_aliases": REPORTED,
        "recursive_aliases": REPORTED,
        "oversized_expansion": REPORTED,
        "excessive_depth": REPORTED,
        "unreadable_parents": REPORTED,
        "unresolved_variables": REPORTED,
        "malformed_options": REPORTED,
        "ambiguous_scalars": ALWAYS,
    },
    "schema": {
        "unknown_keys": REPORTED,
        "missing_keys": REPORTED,
        "wrong_types": REPORTED,
        "out_of_range_values": REPORTED,
        "unknown_layer_types": ALWAYS,
        "unknown_names": ALWAYS,
        "duplicate_names": REPORTED,
        "unknown_inputs": REPORTED,
        "cyclic_graphs": REPORTED,
        "unused_layers": REPORTED,
        "shape_mismatches": REPORTED,
        "indivisible_group_sort": REPORTED,
    },
    "soundness": {
        "plain_dense": REPORTED,
        "plain_convolutions": REPORTED,
        "batch_normalization": REPORTED,
        "layer_normalization": REPORTED,
        "dropout": REPORTED,
        "unscaled_average_pooling": REPORTED,
        "overlapping_max_pooling": ALWAYS,
        "expansive_activations": ALWAYS,
        "overlapping_average_pooling": REPORTED,
        "lipschitz_budget_exceeded": REPORTED,
        "attention": REPORTED,
        "recurrent_layers": REPORTED,
        "upsampling": REPORTED,
        "multiplicative_merges": REPORTED,
        "lambda_layers": REPORTED,
        "unscaled_residuals": REPORTED,
        "unscaled_concatenations": REPORTED,
        "discontinuous_activations": ALWAYS,
        "standardized_inputs": ALWAYS,
        "lipschitz_budget_mismatch": ALWAYS,
        "discrete_inputs": REPORTED,
    },
    "quality": {
        "norm_losing_activations": ALWAYS,
        "missing_flatten": ALWAYS,
        "output_activations": ALWAYS,
        "single_output_spectral": ALWAYS,
        "consecutive_linear_layers": ALWAYS,
        "wide_first_layer_waste": ALWAYS,
        "few_iterations": ALWAYS,
    },
    "training": {
        "mismatched_outputs": ALWAYS,
        "mismatched_tasks": ALWAYS,
        "missing_seeds": ALWAYS,
        "mismatched_label_encoding": ALWAYS,
        "untempered_cross_entropy": ALWAYS,
        "half_precision": ALWAYS,
        "weight_decay_on_constrained_kernels": ALWAYS,
        "radius_unit_mismatch": ALWAYS,
        "margin_exceeds_data": ALWAYS,
        "missing_validation": ALWAYS,
        "unsafe_data_augmentation": REPORTED,
        "unexportable_formats": ALWAYS,
        "unknown_columns": ALWAYS,
        "missing_files": REPORTED,
        "selection_on_test_data": ALWAYS,
        "unknown_monitors": ALWAYS,
        "unreadable_columns": ALWAYS,
        "unlikely_columns": ALWAYS,
        "unfit_augmentation": ALWAYS,
        "unstreamable_sources": ALWAYS,
        "grey_images": ALWAYS,
        "loss_beyond_radii": ALWAYS,
        "incomparable_epochs": ALWAYS,
        "overlapping_ranges": SWEEPS,
        "incomparable_trials": SWEEPS,
        "unmeasurable_objectives": SWEEPS,
        "unfit_searches": SWEEPS,
        "upside_down_images": ALWAYS,
        "unused_validation": ALWAYS,
    },
    "hygiene": {
        "unused_suppressions": REPORTED,
        "unknown_suppressions": REPORTED,
        "missing_reasons": REPORTED,
    },
}


class Rules(Mapping[str, Rule]):
    """The rules by their names, each loaded when it is first asked for, and after them those that packages bring."""

    def __init__(self, files: Mapping[str, Mapping[str, Applied]]) -> None:
        self._modules = {
            name.replace("_", "-"): (f"lipbuild.rules.{group}.{name}", applied)
            for group, names in files.items()
            for name, applied in names.items()
        }

    def __getitem__(self, name: str) -> Rule:
        if name not in self._modules:
            return _brought(name)
        rule: Rule = import_module(self._modules[name][0]).RULE
        return rule

    def __contains__(self, name: object) -> bool:
        return name in self._modules or name in entry_points("rules")

    def __iter__(self) -> Iterator[str]:
        yield from self._modules
        yield from (name for name in entry_points("rules") if name not in self._modules)

    def __len__(self) -> int:
        return len(set(self._modules) | set(entry_points("rules")))

    def applied(self, *, sweep: bool) -> Iterator[Rule]:
        """The rules that have something to check.

        Args:
            sweep: Whether the config has a sweep.
        """
        for name, (_, applied) in self._modules.items():
            if applied is ALWAYS or (applied is SWEEPS and sweep):
                yield self[name]
        for name in entry_points("rules"):
            if name not in self._modules:
                yield self[name]


def _brought(name: str) -> Rule:
    """A rule that a package brings. Codes that begin with LIP are lipbuild's."""
    found = load_entry_point("rules", name)
    if not isinstance(found, Rule) or found.name != name or found.code.startswith("LIP"):
        raise UnusableError(
            f"{entry_points('rules')[name].package} brings the rule `{name}`, which is no Rule of that name with a "
            "code of its own",
            "install another version of the package, or remove it",
        )
    return found


RULES = Rules(_FILES)
