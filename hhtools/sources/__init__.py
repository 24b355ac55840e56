"""Grammars of what comes in."""
