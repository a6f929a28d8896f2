"""Verified worked solutions: derive, judge every line, typeset."""

__version__ = "0.1.0"
