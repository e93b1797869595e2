"""What a package may bring to lipbuild."""
