"""What the layers with a kernel are made of: a geometry × a parametrisation.

A public layer is a class of both, with deel-lip's name, signature and documentation of its own. What no class is made
for yet is a line:

    class AOLConv1D(Convolution1D, AOL): ...
"""
