"""1xx: does it say something that can be built?"""
