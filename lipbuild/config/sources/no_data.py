from lipbuild.config.sources.source_spec import SourceSpec


class NoData(SourceSpec):
    """No data yet: what `lipbuild import` writes beside the steps that it found, until a source is named."""

    source_name = "none"
