"""The sections of the report, one a file: each a function from the run's files to what is shown of them."""
