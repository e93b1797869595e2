"""Files as they are found: missing, damaged, or made to mislead. Each kind has one reader, which refuses in a line."""
