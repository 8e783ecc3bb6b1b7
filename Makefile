# The only entry point: make demo | test | test-lowest | check | bench | slow | clean
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install demo test test-lowest slow check bench clean

install: .venv/user

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "tfseis needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	touch $@

.venv/user: .venv/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[cpu,tensorboard]'
	touch $@

.venv/developer: .venv/user
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[cpu,tensorboard,dev]'
	touch $@

demo: .venv/user
	$(BIN)/tfseis demo --out demo-result --overwrite

test: .venv/developer
	$(BIN)/pytest -n 2 --dist loadfile

test-lowest: .lowest/developer
	.lowest/bin/pytest -n 2 --dist loadfile

.lowest/developer: pyproject.toml
	$(PYTHON) -m venv .lowest
	.lowest/bin/pip install --quiet --disable-pip-version-check uv
	.lowest/bin/uv pip install --quiet --python .lowest/bin/python --resolution lowest-direct \
	  --editable '.[cpu,tensorboard,dev]'
	touch $@

slow: .venv/developer
	$(BIN)/pytest -m slow

check: .venv/developer
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/developer
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv .lowest build dist *.egg-info demo-result .pytest_cache .mypy_cache .ruff_cache
