"""Kernels that layers compute from their weights, in balls that hold the exact kernel."""
