"""`python -m solver` is the command `worked`."""

import sys

from solver.cli import main

sys.exit(main())
