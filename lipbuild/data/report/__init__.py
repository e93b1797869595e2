"""What is in a data set, before anything is learnt from it."""
