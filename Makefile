# make demo    try the main job on a small sample        make test    run all tests
# make bench   measure speed and memory                  make format  lay the code out
SHELL := /bin/bash
.SHELLFLAGS := -eo pipefail -c
.DELETE_ON_ERROR:
.PHONY: help demo test lint format bench clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH_BIN := build/bench/venv/bin
SAMPLE := hhtools/sample/helpful-sample.jsonl.gz
PIP := -m pip install --quiet --disable-pip-version-check

help:
	@grep '^# make' Makefile

demo: $(VENV)/installed
	@mkdir -p build/demo
	@echo '$$ zcat $(SAMPLE) | hh-parse | hh-unpack-kto > build/demo/train.jsonl'
	@PATH="$(CURDIR)/$(BIN):$$PATH"; zcat $(SAMPLE) | hh-parse -v | hh-unpack-kto -v > build/demo/train.jsonl
	@echo; echo '$$ head -n 2 build/demo/train.jsonl'; head -n 2 build/demo/train.jsonl
	@echo; echo 'Next, with your own files and trainer:'
	@echo '  source $(BIN)/activate; hh-unpack-kto --help'
	@echo '  hh-parse $(SAMPLE) | hh-unpack-kto --for trl -o build/demo/trl.jsonl'

test: $(VENV)/test-ready
	$(BIN)/python -m pytest -n auto $(PYTEST_FLAGS)

lint: $(VENV)/test-ready
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

format: $(VENV)/test-ready
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: build/bench/venv/ready
	$(BENCH_BIN)/python $(PIP) --force-reinstall --no-deps .
	$(BENCH_BIN)/python tests/bench/run.py

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python $(PIP) --editable .
	@touch $@

$(VENV)/test-ready: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python $(PIP) --editable '.[test]'
	@touch $(VENV)/installed $@

build/bench/venv/ready: setup.cfg tests/bench/requirements.txt
	$(PYTHON) -m venv build/bench/venv
	$(BENCH_BIN)/python $(PIP) . --requirement tests/bench/requirements.txt
	@touch $@
