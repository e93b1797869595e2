"""A network over HTTP: labels, margins and certified radii."""
