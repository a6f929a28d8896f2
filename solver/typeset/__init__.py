"""Derivations to pages: letter forms, line breaking, templates, figures and the runner of TeX."""
