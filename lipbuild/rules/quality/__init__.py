"""3xx: is it as good as it could be?"""
