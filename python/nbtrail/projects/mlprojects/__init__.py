"""`MLproject` files: what they say, and the commands of their entry points."""
