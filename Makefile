# make demo    run the main job on a small sample        make test    run all tests (two minutes)
# make lint    check style and types                     make format  lay the code out
# make test-s3 run the S3 tests against a real server, Ceph's gateway (Debian: radosgw ceph-mon ceph-osd ceph-common)
# make test-trainers train a tiny model with TRL's trainers on what the commands write (1.5 GB of packages)
# make test-ray  run the tests of many machines on Ray clusters of this one (600 MB of packages, four minutes)
# make bench   measure speed and memory (4 minutes)      make clean   remove what make made, but not data/
# make bench-shards  measure hh-run over 1,000, 10,000 and 100,000 empty shards (10 minutes)
# make data/kto   fetch HH-RLHF and make train.jsonl and test.jsonl of it; data/dpo, data/steerlm: see hhtools/recipes.mk
SHELL := /bin/bash
.SHELLFLAGS := -eo pipefail -c
.DELETE_ON_ERROR:
.PHONY: help demo test test-s3 test-trainers test-ray lint format bench bench-shards clean

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
	@for name in helpful-sample helpful-base harmless-base; do cp $(SAMPLE) build/demo/$$name.jsonl.gz; done
	@echo '$$ zcat helpful-sample.jsonl.gz | hh-parse | hh-unpack-kto > train.jsonl'
	@cd build/demo; PATH="$(CURDIR)/$(BIN):$$PATH"; \
	  zcat helpful-sample.jsonl.gz | hh-parse -v | hh-unpack-kto -v > train.jsonl
	@echo; echo '$$ head -n 2 train.jsonl'; head -n 2 build/demo/train.jsonl
	@echo; echo 'All of it is in build/demo. Next, type:'
	@echo '  source $(BIN)/activate; cd build/demo'
	@echo '  hh-parse helpful-sample.jsonl.gz | hh-unpack-kto --for trl -o trl.jsonl'

test: $(VENV)/test-ready
	$(BIN)/python -m pytest -n auto $(PYTEST_FLAGS)

test-s3: $(VENV)/test-ready
	@for program in radosgw ceph-mon ceph-osd ceph; do \
	  command -v $$program > /dev/null || { echo "$$program is missing; Debian: apt-get install" \
	    "--no-install-recommends radosgw ceph-mon ceph-osd ceph-common" >&2; exit 1; }; done
	@folder=$$(mktemp -d); trap 'tests/s3/radosgw.sh stop '$$folder EXIT; \
	  endpoint=$$(tests/s3/radosgw.sh start $$folder); \
	  HH_TEST_S3=$$endpoint $(BIN)/python -m pytest -n auto tests/s3 $(PYTEST_FLAGS)

test-trainers: build/trainers/venv/ready
	cd build/trainers; HF_HUB_OFFLINE=1 HF_HOME=$$PWD/hub TOKENIZERS_PARALLELISM=false venv/bin/python -m pytest -q \
	  -c ../../setup.cfg --rootdir ../.. -o addopts=--import-mode=importlib -o filterwarnings= ../../tests/trainers $(PYTEST_FLAGS)

test-ray: build/ray/venv/ready
	build/ray/venv/bin/python -m pytest tests/scale tests/test_*_page.py $(PYTEST_FLAGS)

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

bench-shards: build/bench/venv/ready
	$(BENCH_BIN)/python $(PIP) --force-reinstall --no-deps .
	$(BENCH_BIN)/python tests/bench/shards.py $(SHARDS_FLAGS)

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

build/trainers/venv/ready: setup.cfg tests/trainers/requirements.txt
	$(PYTHON) -m venv build/trainers/venv
	build/trainers/venv/bin/python $(PIP) --editable . --requirement tests/trainers/requirements.txt
	@touch $@

build/ray/venv/ready: setup.cfg pyproject.toml
	$(PYTHON) -m venv build/ray/venv
	build/ray/venv/bin/python $(PIP) --editable '.[test,ray]' 'ray[data]'
	@touch $@

build/bench/venv/ready: setup.cfg tests/bench/requirements.txt
	$(PYTHON) -m venv build/bench/venv
	$(BENCH_BIN)/python $(PIP) . --requirement tests/bench/requirements.txt
	@touch $@

# The recipes, with the commands of the venv. That is installed before the first of them runs, and when it is installed
# again, nothing is made again: | makes it a prerequisite for order alone.
include hhtools/recipes.mk
$(all_recipes): | $(VENV)/installed
$(all_recipes): export PATH := $(CURDIR)/$(BIN):$(PATH)
