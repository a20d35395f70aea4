# Everything a newcomer types. `make demo` and `make test` set up a fresh machine by themselves.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev

.PHONY: help demo test lint format bench chaos check reference editor lock clean

help:
	@echo "make demo    set up what is missing, then start the demonstration"
	@echo "make test    set up what is missing, then run the tests"
	@echo "make lint    ruff and mypy"
	@echo "make check   lint, the library of rules, then the tests"
	@echo "make bench   measure, each figure beside its baseline"
	@echo "make chaos   kill and pause three servers a thousand times, their base failing too (KILLS=… CHAOS=a seed)"
	@echo "make format  rewrite the code as ruff wants it"
	@echo "make reference  write anew the pages of docs that are made: phrases, library, coming from elsewhere"
	@echo "make editor  make the editor of scripts anew from web/ (needs Node)"
	@echo "make lock    write requirements.lock and requirements-dev.lock anew (needs uv)"

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "Relance needs Python 3.11 or later: « $(PYTHON) » was not found. Install it, or say make PYTHON=/path/to/python."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Relance needs Python 3.11 or later; « $(PYTHON) » is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python has no venv module. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# A stamp file makes the second run immediate. The locks carry hashes: what is installed is
# what was tested.
$(READY): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what Relance needs…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(READY_DEV): requirements-dev.lock $(READY) | $(BIN)/python
	@echo "Installing what the tests need…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(READY)
	@$(BIN)/relance demo $(ARGS)

# Two processes more than there are processors: each waits now and then for a browser, a database, a
# thread, and three left a quarter of two processors idle. Each takes its part, then from the others': what the tests of a file share is made once.
test: $(READY_DEV)
	@$(BIN)/python -m pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 2)) --dist worksteal $(ARGS)

lint: $(READY_DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(READY_DEV)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

check: lint $(READY_DEV)
	@$(BIN)/relance check rules
	@$(BIN)/relance fmt --check rules
	@$(BIN)/relance test rules
	@$(MAKE) --no-print-directory test

bench: $(READY_DEV)
	@$(BIN)/python -m bench $(ARGS)

chaos: $(READY_DEV)
	@KILLS=$(or $(KILLS),1000) CHAOS=$(or $(CHAOS),1) $(BIN)/python -m pytest -q --timeout=0 tests/crash/test_several.py

reference: $(READY)
	@$(BIN)/relance phrases --markdown > docs/phrases.md
	@$(BIN)/relance modeles --markdown > docs/bibliotheque.md
	@$(BIN)/python -m server.reference.elsewhere < docs/venir-d-ailleurs.toml > docs/venir-d-ailleurs.md

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	--extra cles --extra demo --extra lsp --extra mesures --extra postgresql --extra traces --group build pyproject.toml

editor:
	cd web && npm ci --ignore-scripts && node build.mjs

lock:
	$(LOCK) --output-file requirements.lock
	$(LOCK) --group dev --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
