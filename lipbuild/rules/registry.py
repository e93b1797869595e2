"""Every rule there is, in the order of their codes."""

from __future__ import annotations

from importlib import import_module

from lipbuild.rules.rule import Rule

# A file a rule, in the folder of its group.
_FILES = {
    "source": (
        "ambiguous_scalars",
        "duplicate_keys",
        "empty_configs",
        "excessive_depth",
        "explicit_tags",
        "malformed_options",
        "malformed_yaml",
        "merge_keys",
        "multiple_documents",
        "oversized_expansion",
        "recursive_aliases",
        "unknown_aliases",
        "unreadable_parents",
        "unresolved_variables",
    ),
    "schema": (
        "cyclic_graphs",
        "duplicate_names",
        "indivisible_group_sort",
        "missing_keys",
        "out_of_range_values",
        "shape_mismatches",
        "unknown_inputs",
        "unknown_keys",
        "unknown_layer_types",
        "unknown_names",
        "unused_layers",
        "wrong_types",
    ),
    "soundness": (
        "attention",
        "batch_normalization",
        "discontinuous_activations",
        "discrete_inputs",
        "dropout",
        "expansive_activations",
        "lambda_layers",
        "layer_normalization",
        "lipschitz_budget_exceeded",
        "lipschitz_budget_mismatch",
        "multiplicative_merges",
        "overlapping_average_pooling",
        "overlapping_max_pooling",
        "plain_convolutions",
        "plain_dense",
        "recurrent_layers",
        "standardized_inputs",
        "unscaled_average_pooling",
        "unscaled_concatenations",
        "unscaled_residuals",
        "upsampling",
    ),
    "quality": (
        "consecutive_linear_layers",
        "few_iterations",
        "missing_flatten",
        "norm_losing_activations",
        "output_activations",
        "single_output_spectral",
        "wide_first_layer_waste",
    ),
    "training": (
        "grey_images",
        "half_precision",
        "incomparable_epochs",
        "incomparable_trials",
        "loss_beyond_radii",
        "margin_exceeds_data",
        "mismatched_label_encoding",
        "mismatched_outputs",
        "mismatched_tasks",
        "missing_files",
        "missing_seeds",
        "missing_validation",
        "overlapping_ranges",
        "radius_unit_mismatch",
        "selection_on_test_data",
        "unexportable_formats",
        "unfit_augmentation",
        "unfit_searches",
        "unknown_columns",
        "unknown_monitors",
        "unlikely_columns",
        "unmeasurable_objectives",
        "unreadable_columns",
        "unsafe_data_augmentation",
        "unstreamable_sources",
        "untempered_cross_entropy",
        "unused_validation",
        "upside_down_images",
        "weight_decay_on_constrained_kernels",
    ),
    "hygiene": (
        "missing_reasons",
        "unknown_suppressions",
        "unused_suppressions",
    ),
}


def _rule(group: str, name: str) -> Rule:
    rule: Rule = import_module(f"lipbuild.rules.{group}.{name}").RULE
    return rule


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in sorted(
        (_rule(group, name) for group, names in _FILES.items() for name in names), key=lambda rule: rule.code
    )
}

# The layers that some rule refuses by name: known to be unsound, rather than unknown.
REFUSED_LAYERS: frozenset[str] = frozenset(layer for rule in RULES.values() for layer in rule.layers)
