# `make help` lists the targets. PYTHON may name another Python 3.11 or later.
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header -q

.DEFAULT_GOAL := help
ROUNDS ?= 1
.PHONY: help venv compiled monitoring run compose demo test faults lint types imports unit test-containers test-browser screens bench docs lock

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.* ## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 25

venv:
	@$(PYTHON) -m devstack.setup_venv

monitoring:
	@$(PYTHON) -m devstack.setup_debian $(if $(filter test test-browser screens unit faults,$(MAKECMDGOALS)),--required) \
		$(if $(filter test test-browser screens,$(MAKECMDGOALS)),--browser)

run: venv monitoring ## run everything on this machine; Ctrl-C stops it
	@$(BIN)/cppp up --end-with-parent

compose: ## write the compose file of every service into .env, for docker compose
	@$(PYTHON) -m devstack.compose_files

demo: venv ## submit 1,000 applications and compare every decision and mail with the expected one
	@$(BIN)/cppp demo --end-with-parent

lint: venv ## check style and formatting
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: venv ## check types
	@$(BIN)/mypy bench cli devstack samples services shared

imports: venv ## check which package may import which
	@$(BIN)/lint-imports

unit: venv monitoring ## run the tests that need neither Kafka nor MongoDB
	@$(BIN)/python -m pytest -m "not docker" --without-infrastructure

test: export PYTHONDONTWRITEBYTECODE := # tests start hundreds of programs: each module is compiled once
test: venv monitoring ## run all checks and all tests that need no Docker
	@$(MAKE) --no-print-directory -j2 lint types imports compiled
	@$(BIN)/python -m devstack.servers.jar_cache
	@$(BIN)/python -m pytest -m "not docker" -n auto --dist worksteal

# While types are checked on another processor. Otherwise every worker would compile the tests.
compiled: venv
	@$(BIN)/python -m pytest --collect-only -qq > /dev/null || true # pytest itself will say what is wrong

faults: venv monitoring ## play every fault on real servers, and add a service under load; ROUNDS=n repeats each
	@$(BIN)/python -m devstack.servers.jar_cache
	@$(BIN)/python -m tests.faults --rounds $(ROUNDS)
	@$(BIN)/python -m pytest -m faults -n 0 -rP tests/cli/new_service

test-containers: venv ## run the tests that need Docker
	@$(BIN)/python -m devstack.testing.containers
	@$(BIN)/python -m pytest -m docker tests/containers

test-browser: venv monitoring ## open every page and state in every language, size and colour scheme, with Chromium
	@$(BIN)/python -m devstack.servers.jar_cache
	@$(BIN)/python -m pytest -m browser -n 0 -s tests/browser

screens: venv monitoring ## photograph the site again, for docs/screens
	@$(BIN)/python -m devstack.servers.jar_cache
	@$(BIN)/python -m pytest -m screens -n 0 tests/browser

bench: venv ## measure the platform beside its alternatives; QUICK=1 is short, SIZE=full long; BASELINE=checkout
	@$(BIN)/python -m bench --size $(if $(QUICK),quick,$(if $(SIZE),$(SIZE),standard)) \
		$(if $(BASELINE),--baseline "$(BASELINE)")

docs: venv ## regenerate the generated pages
	@$(BIN)/python -m cli.rules_page > docs/rules.md
	@$(BIN)/python -m cli.sources_page > docs/sources.md
	@$(BIN)/python -m cli.api_docs
	@$(BIN)/python -m devstack.metrics_page > docs/metrics.md
	@$(BIN)/python -m devstack.logs_page > docs/logs.md
	@$(BIN)/python -m devstack.dashboards
	@$(BIN)/python -m bench.report.page

lock: venv ## regenerate the lock files
	@$(COMPILE) -o requirements.lock
	@$(COMPILE) --group dev -o requirements-dev.lock
	@$(BIN)/python -m devstack.servers.jar_lock
	@$(BIN)/python -m bench.lock
