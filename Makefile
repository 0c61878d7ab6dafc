# What a person types; `make help` lists it. PYTHON may name another Python 3.11 or later.
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header -q

.DEFAULT_GOAL := help
ROUNDS ?= 1
.PHONY: help venv run demo test faults lint types imports unit test-containers bench docs lock

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.* ## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 25

venv:
	@$(PYTHON) -m devstack.setup_venv

run: venv ## run everything on this machine; Ctrl-C stops it
	@$(BIN)/cppp up --end-with-parent

demo: venv ## show that 1,000 applications end as they should
	@$(BIN)/cppp demo --end-with-parent

lint: venv ## style
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: venv ## types
	@$(BIN)/mypy bench cli devstack samples services shared

imports: venv ## who may import whom
	@$(BIN)/lint-imports

unit: venv ## the tests that need neither Kafka nor MongoDB
	@$(BIN)/python -m pytest -m "not docker" --without-infrastructure

test: lint types imports ## everything that needs no Docker
	@$(BIN)/python -m devstack.servers.jar_cache
	@$(BIN)/python -m pytest -m "not docker" -n auto --dist worksteal

faults: venv ## every fault on real servers, as one table; ROUNDS=n plays each n times
	@$(BIN)/python -m devstack.servers.jar_cache
	@$(BIN)/python -m tests.faults --rounds $(ROUNDS)

test-containers: venv ## everything that needs Docker
	@$(BIN)/python -m devstack.testing.containers
	@$(BIN)/python -m pytest -m docker tests/containers

bench: venv ## measure it against what one would use otherwise; QUICK=1 is short, SIZE=full long
	@$(BIN)/python -m bench --size $(if $(QUICK),quick,$(if $(SIZE),$(SIZE),standard))

docs: venv ## make the generated pages anew
	@$(BIN)/python -m cli.rules_page > docs/rules.md
	@$(BIN)/python -m bench.page

lock: venv ## make the lock files anew
	@$(COMPILE) -o requirements.lock
	@$(COMPILE) --group dev -o requirements-dev.lock
	@$(BIN)/python -m devstack.servers.jar_lock
	@$(BIN)/python -m bench.lock
