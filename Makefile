# make demo, make test, make lint, …: each creates .venv when it is missing and installs into it.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
RUN := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
EVERY_CORE := --numprocesses=auto --dist=worksteal

# Threads that wait without spinning, and no more of them than there are cores.
export OMP_WAIT_POLICY ?= passive

.PHONY: demo test test-restricted nightly coverage compatibility lint docs bench clean

demo: $(INSTALLED)
	$(RUN) -m hypercomplex.demo $(ARGS)

test: $(INSTALLED)
	$(RUN) -m pytest $(EVERY_CORE) $(ARGS)

# The numerical tests once more, with the instructions of an older CPU.
test-restricted: export ATEN_CPU_CAPABILITY = avx2
test-restricted: export ONEDNN_MAX_CPU_ISA = AVX2
test-restricted: export MKL_ENABLE_INSTRUCTIONS = AVX2
test-restricted: $(INSTALLED)
	$(RUN) -m pytest $(EVERY_CORE) -m numerical tests $(ARGS)

# Thousands of examples, every algebra for every layer, machine code: hours.
nightly: $(INSTALLED)
	$(RUN) -m pytest $(EVERY_CORE) --hypothesis-profile=nightly $(ARGS)

# Which lines no test runs; tracing them makes the tests half as slow again.
coverage: $(INSTALLED)
	$(RUN) -m pytest $(EVERY_CORE) --cov=hypercomplex --cov-report=term:skip-covered $(ARGS)

# The tests with another torch, as TORCH=2.12.1 PYTHON=python3.12 ARGS="tests/tensor": a large download.
compatibility:
	$(PYTHON) .ci/compatibility "$(TORCH)" $(ARGS)

lint: $(INSTALLED)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

docs: $(INSTALLED)
	$(RUN) -m mkdocs build --strict --quiet -f docs/mkdocs.yml

bench: $(INSTALLED)
	$(RUN) -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) .torch site .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(INSTALLED): pyproject.toml constraints.txt
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet -c constraints.txt -e ".[demo,export,test,docs,lint,bench]"
	touch $@
