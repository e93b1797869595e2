"""The HTML report of a run, comparisons of runs, the live page of a training, and charts as files."""
