"""Charts as SVG, drawn from numbers alone: text stays text, colours are the page's."""
