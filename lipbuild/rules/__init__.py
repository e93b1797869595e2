"""The design rules of Lipschitz networks, one a file, grouped as they are numbered."""
