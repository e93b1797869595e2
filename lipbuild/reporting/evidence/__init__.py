"""What a run and its exports rest on, link by link."""
