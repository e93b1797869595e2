"""Proofs about trained networks: what must be right. It imports NumPy and nothing else of lipbuild."""
