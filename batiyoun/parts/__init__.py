"""Pieces of the composition root: like `app.py`, they know features and storage, and nothing but it imports them."""
