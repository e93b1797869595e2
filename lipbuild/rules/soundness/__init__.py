"""2xx: is its Lipschitz constant what it promises?"""
