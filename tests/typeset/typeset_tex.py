"""The mark of tests that run TeX."""

from __future__ import annotations

import shutil

import pytest

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
