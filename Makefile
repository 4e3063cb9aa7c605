# Everything happens in .venv, which is made from a lock in requirements/ when it is first needed
# and again when that lock has changed. The demo needs requirements/demo.txt only; the rest needs
# requirements/dev.txt, which holds the same versions and more.

PYTHON ?= python3
RUN := .venv/bin/python
# More arguments for pytest, e.g. make test ARGS="-k mapping"
ARGS ?=
# What make mutate changes
MODULES ?= spotler_plugin.planning.consent
# How many processes share the tests: these wait more than they work, so one more than there are
# cores.
PROCESSES ?= $$(($$(getconf _NPROCESSORS_ONLN) + 1))
# A file stays together, so that it starts its servers once; the long ones go first
# (tests/conftest.py).
SPREAD ?= -n $(PROCESSES) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test test-postgres mutate lint types format bench pictures lock clean venv demo-lock dev-lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: demo-lock ## Run plugin, CRM and Mail+ sandbox on this machine, until Ctrl-C
	@$(RUN) -m demo

test: dev-lock ## Run all tests; on PostgreSQL when TEST_DATABASE_URL is set
	@$(RUN) -m pytest $(SPREAD) $(ARGS)

# What these send is sent by others too: they are about documents, tokens and lines. Of the histories
# of consent, which are about what we decide, a tenth is enough here.
ASIDE := tests/contract tests/embedding tests/logs
test-postgres: dev-lock ## Run the tests of the database, without browser, on a PostgreSQL of their own
	@CONSENT_HISTORIES=30 .ci/with-postgres $(RUN) -m pytest $(SPREAD) $(ASIDE:%=--ignore=%) \
	  -m "database and not browser" $(ARGS)

mutate: dev-lock ## Change one thing at a time in MODULES, and see whether a test fails (of ARGS)
	@$(INSTALL) --requirement requirements/mutate.txt
	@$(RUN) -m pytest -q -W ignore::DeprecationWarning -p tests.mutants $(MODULES:%=--mutate=%) \
	  $(or $(ARGS),tests/planning/test_consent.py)

lint: dev-lock ## Check style and likely bugs
	@$(RUN) -m ruff check
	@$(RUN) -m ruff format --check

types: dev-lock ## Check types
	@$(RUN) -m mypy

format: dev-lock ## Put the code in its form
	@$(RUN) -m ruff check --fix
	@$(RUN) -m ruff format

bench: dev-lock ## Measure speed
	@$(RUN) -m benchmarks

pictures: dev-lock ## Take the pictures of docs/images anew
	@$(RUN) -m tests.journeys.pictures

# Existing pins stay unless UPGRADE=--upgrade (or --upgrade-package=name) is given.
COMPILE = $(RUN) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url $(UPGRADE)
lock: dev-lock ## Write requirements/*.txt anew from pyproject.toml (newer: UPGRADE=--upgrade)
	@$(RUN) -m pip install --quiet uv
	$(COMPILE) --output-file requirements/prod.txt
	$(COMPILE) --extra demo --output-file requirements/demo.txt
	$(COMPILE) --extra demo --extra dev --output-file requirements/dev.txt
	$(COMPILE) --extra demo --extra dev --extra mutate --output-file requirements/mutate.txt

clean: ## Remove the demo's data, builds and caches
	rm -rf .demo dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# --- what the targets above stand on ---

venv:
	@$(RUN) -c "import pip" 2> /dev/null || { \
	  command -v $(PYTHON) > /dev/null || { \
	    echo "Python 3.11 or newer is needed, and there is no $(PYTHON) here: apt install python3 python3-venv" >&2; exit 1; }; \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Python 3.11 or newer is needed, and $(PYTHON) is `$(PYTHON) --version 2>&1`: name another with make PYTHON=python3.11" >&2; exit 1; }; \
	  $(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
	    echo "$(PYTHON) can't make a virtual environment here: apt install python3-venv" >&2; exit 1; }; \
	  $(PYTHON) -m venv --clear .venv; }

# A copy of the lock beside the environment tells what was installed last. Python compiles what is
# used when it is first used: a third of what is installed.
INSTALL = $(RUN) -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes

demo-lock: venv
	@cmp -s requirements/demo.txt .venv/demo.txt || { \
	  echo "Installing requirements/demo.txt into .venv ..."; \
	  $(INSTALL) --requirement requirements/demo.txt && cp requirements/demo.txt .venv/; }

dev-lock: venv
	@cmp -s requirements/dev.txt .venv/dev.txt || { \
	  echo "Installing requirements/dev.txt into .venv ..."; \
	  $(INSTALL) --requirement requirements/dev.txt && cp requirements/dev.txt requirements/demo.txt .venv/; }
