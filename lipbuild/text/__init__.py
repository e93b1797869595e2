"""Text in, a tree of nodes out, each knowing where in which text it stands."""
