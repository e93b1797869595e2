# Everything starts from Python, make and git: each target makes the virtual environment that it needs.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo
# Two processes: most of a short training is spent on one core.
PYTEST_ARGS ?= -q -n 2 --dist loadfile

.PHONY: help demo test nightly versions dist lint format docs tutorials site bench clean

help:
	@echo "make demo    install, then check, train, evaluate and export configs/digits_mlp.yaml"
	@echo "make test    install, then run the test suite"
	@echo "make nightly the suite with every tool it can use, then the long searches for a false statement"
	@echo "make versions try the lowest and the highest versions of what lipbuild needs, on each Python that is found"
	@echo "make dist    the wheels and source distributions of lipbuild-core and lipbuild, in dist/"
	@echo "make lint    ruff and mypy"
	@echo "make format  let ruff lay out the code"
	@echo "make docs    write the generated pages of docs/ anew"
	@echo "make tutorials  run the notebooks of docs/tutorials/ and write their pages"
	@echo "make site    the documentation as a web site, in build/site"
	@echo "make bench   certified accuracy and start-up times"
	@echo "make clean   remove what the other targets made"

$(BIN)/python:
	@echo "making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# The stamps are younger than what they were made from exactly when nothing has to be installed.
$(VENV)/.installed: $(BIN)/python pyproject.toml
	@echo "installing lipbuild and what it needs into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# Dependency groups need pip 25.1 or newer.
$(VENV)/.developed: $(VENV)/.installed
	@echo "installing what the tests and the linters need into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

demo: $(VENV)/.installed
	@BIN=$(BIN) sh configs/demo.sh $(DEMO)

test: $(VENV)/.developed
	$(BIN)/python -m pytest $(PYTEST_ARGS)

$(VENV)/.backends: $(VENV)/.developed
	@echo "installing the other backends of Keras and LiteRT's own library into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group backends
	@touch $@

# Whatever finds something here exits with 1.
nightly: $(VENV)/.backends
	LIPBUILD_REQUIRE_TOOLS=1 $(BIN)/python -m pytest $(PYTEST_ARGS) -m ""
	$(BIN)/python -m tests.benchmarks.fuzz_bounds
	$(BIN)/python -m tests.benchmarks.fuzz_models --count 2000
	$(BIN)/python -m tests.benchmarks.forge_certificates --count 100000
	$(BIN)/python -m tests.benchmarks.attack_configs
	$(BIN)/python -m tests.benchmarks.fuzz_c_code
	$(BIN)/python -m tests.benchmarks.nightly_sizes
	$(BIN)/python -m tests.benchmarks.full_size
	$(BIN)/python -m tests.benchmarks.linear_check
	$(BIN)/python -m tests.benchmarks.fuzz_files 10000
	$(BIN)/python -m tests.benchmarks.kill_while_replacing
	$(MAKE) site

versions: $(VENV)/.developed
	$(BIN)/python packaging/try_versions.py

dist: $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dist
	$(BIN)/python packaging/make_distributions.py

lint: $(VENV)/.developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.developed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.developed
	$(BIN)/python docs/generate.py

tutorials: $(VENV)/.developed
	$(BIN)/python docs/notebooks.py

# The pages are read and not imported, so the site needs no TensorFlow.
$(VENV)/.site: $(BIN)/python pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group site
	@touch $@

site: $(VENV)/.site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(VENV)/.developed
	$(BIN)/python tests/benchmarks/start_up.py
	$(BIN)/python tests/benchmarks/certified_accuracy.py

clean:
	rm -rf $(VENV) $(DEMO) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
