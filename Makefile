# Targets of the project. `make` lists them. Needs Python 3.11+, make and git; everything else is installed into .venv.
PORT ?= 8000
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# pip's own chatter says nothing here: errors only.
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check

.PHONY: help setup web demo test test-deep check bench docs
help:
	@echo "make setup              install everything into $(VENV) and build the map page"
	@echo "make demo [PORT=8000]   the demo province, served: prints the address when it answers"
	@echo "make test               check, then every test but the deep ones"
	@echo "make test-deep          long kills and fuzz"
	@echo "make check              format, lint, types, layers, front end, generated pages"
	@echo "make bench              measure beside the peers (needs PostgreSQL + PostGIS)"
	@echo "make docs               write the generated pages of docs/reference"

# A changed lock file, pyproject.toml or version installs again; a broken installation leaves no stamp.
$(STAMP): requirements.txt pyproject.toml CHANGELOG.md
	@command -v $(PYTHON) >/dev/null || { echo "✗ $(PYTHON) is not here: install Python 3.11 or newer, or say which one: make setup PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || { \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "✗ Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -c 'import sys; print(sys.version.split()[0])'). Say which one: make setup PYTHON=python3.12" >&2; exit 1; }; \
	  $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "✗ no virtual environment: on Debian, apt-get install python3-venv" >&2; exit 1; }; }
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "✗ $(VENV) holds an older Python than 3.11: delete it, then make setup PYTHON=python3.12" >&2; exit 1; }
	@echo "→ installing the Python side (once; a minute or two) …"
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# Compares the hashes of its inputs and does nothing when the page is the one they give.
web: $(STAMP)
	@$(BIN)/python web/build.py
setup: $(STAMP) web

demo: setup
	@$(BIN)/quyhoach demo --workspace var/demo --serve --port $(PORT)

check: setup
	@echo "→ format and lint";     $(BIN)/ruff format --check . && $(BIN)/ruff check --quiet .
	@echo "→ types";               $(BIN)/mypy
	@echo "→ layers of the rooms"; $(BIN)/lint-imports
	@echo "→ front end";           $(BIN)/python web/build.py --check
	@echo "→ generated pages";     $(BIN)/python docs/build.py --check

test: check
	@$(BIN)/python -m pytest -m "not deep"

# pytest's exit code 5 is "no test was selected": nothing has failed.
test-deep: setup
	@$(BIN)/python -m pytest -m deep || { code=$$?; test $$code -eq 5 && echo "no deep tests" || exit $$code; }

bench: setup
	@$(BIN)/python -m bench

docs: setup
	@$(BIN)/python docs/build.py
