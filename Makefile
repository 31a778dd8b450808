# Targets of the project. `make` lists them.
PORT ?= 8000
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WEB_STAMP := src/quyhoach/web_dist/.built
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null)

.PHONY: help setup web demo test test-deep check bench docs
help:
	@echo "make setup | demo [PORT=8000] | test | test-deep | check | bench | docs"

$(STAMP): requirements.txt pyproject.toml CHANGELOG.md
	@echo "→ installing the Python side (once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(WEB_STAMP): $(STAMP) $(WEB_SOURCES)
	@echo "→ building the map page …"
	@$(BIN)/python web/build.py
	@touch $@

web: $(WEB_STAMP)
setup: $(STAMP) $(WEB_STAMP)

demo: setup
	@$(BIN)/quyhoach demo --workspace var/demo --serve --port $(PORT)

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python web/build.py --check

test: check
	@$(BIN)/python -m pytest -m "not deep"

test-deep: setup
	@$(BIN)/python -m pytest -m deep

bench: setup
	@$(BIN)/python -m bench

docs: setup
	@$(BIN)/python docs/build.py
