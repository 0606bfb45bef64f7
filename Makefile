# Needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOWEST := .venv-lowest
PEERS  := .venv-peers
KILLS  ?= 50
PYTEST_ARGS ?=

.PHONY: help demo test fuzz check format docs bench soak coverage api lowest audit peers clean
.DEFAULT_GOAL := help

help:
	@echo "make demo      the main job on real purchases; ends in build/demo/report.html"
	@echo "make test      every test but the long ones"
	@echo "make fuzz      the same with random examples; PROFILE=soak draws twenty times as many"
	@echo "make check     format, lint, types"
	@echo "make format    put the code into its format"
	@echo "make docs      build/docs/index.html"
	@echo "make bench     one line a figure: name | ours | peer | ratio   (ONLY=name runs one)"
	@echo "make peers     the peers of \`make bench ONLY=marketing\`, in an environment of their own"
	@echo "make soak      kill the demo KILLS=50 times at random moments"
	@echo "make coverage  branch coverage"
	@echo "make api       write the snapshot of public names anew"
	@echo "make lowest    tests on the oldest versions that pyproject.toml allows"
	@echo "make audit     known vulnerabilities in what a user installs"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# `--group` (PEP 735) needs pip 25.1.
$(VENV)/.stamp-demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[report]"
	@touch $@

$(VENV)/.stamp-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $(VENV)/.stamp-demo $@

demo: $(VENV)/.stamp-demo
	$(BIN)/relmkt demo

test: $(VENV)/.stamp-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS)

fuzz: $(VENV)/.stamp-dev
	HYPOTHESIS_PROFILE=$(or $(PROFILE),search) $(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS)

check: $(VENV)/.stamp-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.stamp-dev
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

docs: $(VENV)/.stamp-dev
	$(BIN)/python -m sphinx -W --keep-going -b html docs build/docs

bench: $(VENV)/.stamp-dev
	$(BIN)/python -m tests.benchmarks $(ONLY)

# PyMC-Marketing's pins would rule ours, so it has an environment of its own; what `bench` lacks it leaves out.
peers: $(PEERS)/.stamp

$(PEERS)/.stamp:
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet "pymc-marketing>=0.19"
	@touch $@

soak: $(VENV)/.stamp-dev
	RELMKT_KILLS=$(KILLS) $(BIN)/python -m pytest -o faulthandler_timeout=3600 -m soak -s $(PYTEST_ARGS)

coverage: $(VENV)/.stamp-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup --cov --cov-report=term $(PYTEST_ARGS)

api: $(VENV)/.stamp-dev
	$(BIN)/python -m tests.guards.public_api

# Rule X22: every lower bound of pyproject.toml is taken at its word.
lowest: $(VENV)/.stamp-dev
	test -x $(LOWEST)/bin/python || $(BIN)/python -m venv $(LOWEST)
	mkdir -p build
	$(BIN)/python -m tests.guards.bounds > build/lowest.txt
	$(LOWEST)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(LOWEST)/bin/python -m pip install --quiet --editable ".[all]" --constraint build/lowest.txt pytest
	$(LOWEST)/bin/python -m tests.guards.bounds --installed build/lowest.txt
	$(LOWEST)/bin/python -m pytest -q $(PYTEST_ARGS) -k "docstring or readme or import" \
	    tests/guards/test_docs.py tests/guards/test_import.py

audit: $(BIN)/python
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --group audit
	mkdir -p build
	$(BIN)/python -m tests.guards.bounds --stated > build/audit.txt
	$(BIN)/python -m pip_audit --strict --requirement build/audit.txt

clean:
	rm -rf build dist .venv-lowest .venv-peers .coverage .coverage.* htmlcov .hypothesis \
	    .mypy_cache .pytest_cache .ruff_cache .import_linter_cache docs/_build
