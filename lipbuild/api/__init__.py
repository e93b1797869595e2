"""What one does with lipbuild: load, check, build, train, evaluate, export. One function a file."""
