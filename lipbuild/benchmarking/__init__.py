"""What a network costs beside the same network without constraints."""
