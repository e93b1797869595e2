"""4xx: do training, data and network fit together?"""
