"""The judge: every line evaluated on exact balls, from the statement and never from the rules."""
