# Every target prepares .venv by itself; it installs again only when the pinned list has changed.
PYTHON ?= python3
KILLS ?= 300
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: chat demo test test-postgres crash crash-long fuzz guide coverage lint train eval docs migration bench bench-turns bench-many bench-memory bench-record wheel clean

chat: $(VENV)/run.stamp
	@$(BIN)/python persistent_multi_agent.py $(ARGS)

demo: $(VENV)/run.stamp
	@$(BIN)/python demo_flow.py $(ARGS)

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest $(ARGS)

test-postgres: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -m postgres $(ARGS)

crash: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -m 'slow and not postgres' $(ARGS)
	$(BIN)/python -m tests.crash --kills 20

crash-long: $(VENV)/dev.stamp
	$(BIN)/python -m tests.crash --kills $(KILLS) $(ARGS)

fuzz: $(VENV)/dev.stamp
	$(BIN)/python -m tests.fuzz $(ARGS)

guide: $(VENV)/dev.stamp
	$(BIN)/python -m tests.guide $(ARGS)

coverage: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -m 'not slow' --cov --cov-report=term:skip-covered --cov-report=json:.coverage.json $(ARGS)
	$(BIN)/python -m tests.coverage_gate .coverage.json

docs: $(VENV)/dev.stamp
	$(BIN)/python -m docs.generate

migration: $(VENV)/dev.stamp
	$(BIN)/python -m storage.migrations.new "$(NAME)"
	$(BIN)/ruff format --quiet storage/migrations
	$(BIN)/python -m docs.generate

bench: bench-record bench-turns bench-many bench-memory

bench-record: $(VENV)/run.stamp
	$(BIN)/python -m benchmarks.record $(ARGS)

bench-turns: $(VENV)/run.stamp
	$(BIN)/python -m benchmarks.turns $(ARGS)

bench-many: $(VENV)/run.stamp
	$(BIN)/python -m benchmarks.many $(ARGS)

bench-memory: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.memory $(ARGS)

train: $(VENV)/dev.stamp
	$(BIN)/python -m tests.routing.training

eval: $(VENV)/dev.stamp
	$(BIN)/python -m tests.routing.evaluate $(ARGS)

wheel: $(VENV)/dev.stamp
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	@echo "Installing the pinned dependencies into $(VENV) (once)..."
	@$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .coverage .coverage.json dist
