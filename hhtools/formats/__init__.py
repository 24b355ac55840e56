"""Shapes that trainers read."""
