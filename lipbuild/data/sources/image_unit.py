# What one unit of a radius is where pixels are given in [0, 1].
IMAGE_UNIT = "the range of a pixel, [0, 1]"
