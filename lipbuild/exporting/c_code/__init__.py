"""C of a network, whose certified radius holds for the program as it is compiled."""
