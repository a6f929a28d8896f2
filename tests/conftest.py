"""What holds for all tests: how long one takes is no part of what it says."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("worked", deadline=None)
settings.load_profile("worked")
