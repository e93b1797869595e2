"""How a section of a config declares its fields, and the names that it may choose from."""
