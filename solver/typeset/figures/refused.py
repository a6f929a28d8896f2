"""Why a figure was not drawn."""

from __future__ import annotations


class FigureError(Exception):
    """A figure that cannot be drawn; the message is a sentence for the author."""
