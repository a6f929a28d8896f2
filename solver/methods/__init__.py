"""How people argue: a plan for each route, choosing rules and recording steps."""
