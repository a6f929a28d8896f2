"""`python -m solver` is the command `worked`."""

from solver.cli import main

main()
