"""Problem files: YAML 1.2 to `Problem`, with positions and every mistake reported at once."""
