"""0xx: can the text be read?"""
