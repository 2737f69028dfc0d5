.DEFAULT_GOAL := help
.PHONY: help run test test-cluster bench bench-large bench-load audit translations vendor places lock fmt lint types
SHELL := /bin/bash

DEV := scripts/environment.sh requirements-dev.lock

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

run: ## Start Durchwahl with demo data and the simulated telephone system; Ctrl-C ends both
	@scripts/environment.sh requirements.lock
	@exec .venv/bin/python -m scripts.run

test: ## All checks and all levels of tests, on SQLite and PostgreSQL; STEPS="unit sqlite" runs only those
	@$(DEV)
	@scripts/install_test_tools.sh
	@exec .venv/bin/python -m scripts.run_tests $(STEPS)

test-cluster: ## Two machines behind nginx, one of them killed: the level "cluster" of the tests alone
	@$(DEV)
	@scripts/install_test_tools.sh
	@exec .venv/bin/python -m scripts.run_tests cluster

bench: ## Measure the way of a call and write docs/performance.md
	@$(DEV)
	@scripts/install_test_tools.sh
	@exec .venv/bin/python -m benchmarks $(ARGS)

bench-large: ## Measure with up to a million addresses and calls; ARGS="--only lookup" or another part, ARGS=--quick
	@$(DEV)
	@scripts/install_test_tools.sh
	@exec .venv/bin/python -m benchmarks.large $(ARGS)

bench-load: ## Put hundreds of connected users and ever more webhooks on one and two instances; ARGS="--only NAME", ARGS=--quick
	@$(DEV)
	@scripts/install_test_tools.sh
	@exec .venv/bin/python -m benchmarks.load $(ARGS)

translations: ## Collect the texts from code and templates, then compile the translations
	@$(DEV)
	@.venv/bin/python -m scripts.translations

vendor: ## Copy the pinned files of the npm packages into static/vendor
	@$(DEV)
	@.venv/bin/python -m scripts.vendor_static

places: ## Build the table of where phone numbers come from, after an update of phonenumbers or Babel
	@$(DEV)
	@.venv/bin/python -m scripts.places

audit: ## Compare the locked packages with known weaknesses; needs the network, and is no part of `make test`
	@scripts/environment.sh requirements.lock
	@.venv/bin/python -m scripts.audit

lock: ## Renew the lock files from requirements.in, requirements-dev.in and package.json
	@$(DEV)
	@.venv/bin/python -m scripts.lock $(ARGS)
	@.venv/bin/python -m scripts.vendor_static --lock

fmt: ## Format the code and mend what ruff can mend
	@$(DEV)
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

lint: ## Check style and the walls between the modules
	@$(DEV)
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports --no-logo

types: ## Check the types
	@$(DEV)
	@.venv/bin/mypy
