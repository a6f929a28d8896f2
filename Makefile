# Thin over the command `worked`; `make help` lists the targets. Everything is set up when it is first needed.
.DEFAULT_GOAL := help
.PHONY: help setup pdf html check test bench mutants seeds identities fuzz random clean

PATHS ?= problems
VENV := .venv
PYTHON_READY := $(VENV)/python.stamp
TEX_READY := $(VENV)/tex.stamp
WORKED := $(VENV)/bin/worked

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/  make \1\t\2/p' Makefile | expand -t 16

setup: $(PYTHON_READY) $(TEX_READY)  ## what the other targets need, which they set up themselves

pdf: $(PYTHON_READY) $(TEX_READY)  ## check every sheet and typeset it: solutions, handout, answers and rubric in build/<sheet>/
	@$(WORKED) pdf $(PATHS)

html: $(PYTHON_READY)  ## the same sheets as pages for the screen: build/<sheet>/index.html
	@$(WORKED) html $(PATHS)

check: $(PYTHON_READY)  ## derive every part and judge every line, without TeX
	@$(WORKED) check $(PATHS)

test: $(PYTHON_READY)  ## the linter, the type checker and the tests: all of them, whatever the first ones say
	@status=0; \
	$(VENV)/bin/ruff check --quiet . || status=1; \
	$(VENV)/bin/ruff format --check --quiet . || status=1; \
	$(VENV)/bin/mypy || status=1; \
	$(VENV)/bin/pytest -q -rs -n auto $(TESTS) || status=1; \
	exit $$status

bench: $(PYTHON_READY) $(TEX_READY)  ## what each stage costs, in seconds and in runs of a bare pdflatex, and how that grows
	@$(VENV)/bin/python tools/bench.py $(PATHS)

mutants: $(PYTHON_READY)  ## change every line of every derivation by each known mistake: the judge must notice
	@$(VENV)/bin/python tools/mutants.py $(PATHS) $(if $(LIMIT),--limit $(LIMIT))

seeds: $(PYTHON_READY)  ## one sheet judged from N seeds: the same verdicts each time (N=1000, SHEET=problems/softmax)
	@$(VENV)/bin/python tools/seeds.py $(or $(SHEET),problems/softmax) --seeds $(or $(N),1000)

identities: $(PYTHON_READY)  ## true identities, the literature's and N random ones: no false alarm (N=10000, SEED=0)
	@$(VENV)/bin/python tools/identities.py --count $(or $(N),10000) --seed $(or $(SEED),0)

fuzz: $(PYTHON_READY)  ## damaged files, formulas and LaTeX: each is read or refused in words (SECONDS=60, SEED=0)
	@$(VENV)/bin/python tools/fuzz.py --seconds $(or $(SECONDS),60) --seed $(or $(SEED),0)

random: $(PYTHON_READY)  ## N random problems by every route, each line judged, all routes agreeing (N, SEED, JOBS)
	@$(VENV)/bin/python tests/methods/random_losses.py $(or $(N),1000) $(or $(SEED),0) --jobs $(or $(JOBS),1)

clean:  ## remove everything that was built; the environment in .venv stays
	rm -rf build .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find solver tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

$(PYTHON_READY): constraints.txt pyproject.toml tools/setup.sh
	@PYTHON="$(PYTHON)" tools/setup.sh python
	@touch $@

$(TEX_READY): tools/setup.sh | $(PYTHON_READY)
	@tools/setup.sh tex
	@touch $@
