"""9xx: are the comments to lipbuild itself in order?"""
