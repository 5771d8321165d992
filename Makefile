# What a person runs. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
PYTHON := $(BIN)/python
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export SQLALCHEMY_SILENCE_UBER_WARNING := 1

.PHONY: help run cluster backup restore shell train eval bench bench-load soak test lint audit check validate widget lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 18

run: .venv/installed ## install, train if needed, and start the assistant on 127.0.0.1:5005
	@$(PYTHON) -m bot serve

cluster: .venv/installed-dev .venv/nginx ## two assistants, worker, PostgreSQL and proxy on this machine: https://127.0.0.1:8443
	@$(PYTHON) -m bot train && $(PYTHON) -m deploy.cluster

backup: ## copy the database of docker compose into backups/; FILE=… names another place
	@deploy/backup $(FILE)

restore: ## put a backup in the database's place: FILE=…; stop assistant and worker first
	@deploy/restore $(FILE)

shell: .venv/installed ## talk to it in this terminal
	@$(PYTHON) -m bot train && $(PYTHON) -m bot shell

train: .venv/installed ## train the model if it is missing or stale
	@$(PYTHON) -m bot train

eval: .venv/installed-dev ## measure the understanding; STOCK=1 beside Rasa's default pipeline
	@$(PYTHON) -m bot train && $(PYTHON) -m bot eval $(if $(STOCK),--stock)

bench: .venv/installed-dev ## measure the speed; STOCK=1 beside stock Rasa
	@$(PYTHON) -m bot train && $(PYTHON) -m bot bench $(if $(STOCK),--stock)

bench-load: .venv/installed-dev ## measure turns a second and waiting times under load; STOCK=1 beside stock Rasa
	@$(PYTHON) -m bot train && $(PYTHON) -m bot bench-load $(if $(STOCK),--stock)

soak: .venv/installed-dev ## look for leaks and slowness over 20,000 turns
	@$(PYTHON) -m bot train && $(PYTHON) -m bot soak

test: .venv/installed-dev .venv/browser .venv/nginx widget/node_modules/installed ## lint, types, training and all tests
	@$(MAKE) --no-print-directory lint
	@$(PYTHON) -m bot train
	@$(PYTHON) -m pytest -n 2 --dist loadfile

lint: .venv/installed-dev ## ruff, mypy, bandit, and whether examples, rules, answers and labels agree
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/bandit -q -c pyproject.toml -r bot actions
	@$(PYTHON) -m bot check

validate: .venv/installed ## Rasa's own validation of the data
	@PYTHONWARNINGS="ignore:The utterance,ignore::DeprecationWarning" $(BIN)/rasa data validate --domain domain

audit: .venv/installed-dev .venv-audit/installed ## careless code (bandit), and known weaknesses of what is installed
	@$(BIN)/bandit -q -c pyproject.toml -r bot actions
	@$(PYTHON) -m bot.evaluation.audit .venv-audit/bin/pip-audit

widget: widget/node_modules/installed ## build the website's widget into bot/web (needs Node.js 20)
	@cd widget && npm run --silent build

lock: ## renew the lock files from the .in files (needs uv)
	@uv pip compile --python-version 3.10 --generate-hashes --no-annotate --no-header requirements.in -o requirements.txt
	@uv pip compile --python-version 3.10 --generate-hashes --no-annotate --no-header requirements-dev.in -o requirements-dev.txt
	@uv pip compile --python-version 3.10 --generate-hashes --no-annotate --no-header requirements-audit.in -o requirements-audit.txt

clean: ## remove the environment, models, caches and reports
	@rm -rf .venv .venv-audit widget/node_modules models .rasa reports .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	@if command -v python3.10 >/dev/null && python3.10 -c '' 2>/dev/null; then python3.10 -m venv .venv; \
	elif command -v uv >/dev/null; then uv venv --seed --python 3.10 .venv; \
	else echo "Python 3.10 is needed: install python3.10, or uv (which fetches it), and try again." >&2; exit 1; fi

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing what the assistant needs (3 GB, some minutes the first time)…"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing what tests and checks need…"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.venv-audit/installed: requirements-audit.txt | .venv/bin/python
	@echo "Installing what audits the packages, apart from them…"
	@$(PYTHON) -m venv --clear .venv-audit
	@.venv-audit/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-audit.txt
	@touch $@

.venv/browser: | .venv/bin/python
	@command -v chromium >/dev/null || { echo "Installing Chromium for the widget's tests…"; root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	$$root apt-get update -qq && $$root apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; } || \
	{ echo "Chromium is needed for the widget's tests: install it (Debian: apt-get install chromium) and try again." >&2; exit 1; }
	@touch $@

# Debian starts nginx when it installs it; the cluster runs one of its own.
.venv/nginx: | .venv/bin/python
	@PATH="$$PATH:/usr/sbin"; command -v nginx >/dev/null && command -v openssl >/dev/null || { echo "Installing nginx for the cluster…"; \
	root=$$([ "$$(id -u)" = 0 ] || echo sudo); $$root apt-get update -qq && \
	$$root apt-get install -y -qq --no-install-recommends nginx-light openssl >/dev/null && \
	{ [ ! -d /run/systemd/system ] || $$root systemctl --quiet disable --now nginx; }; } || \
	{ echo "nginx and openssl are needed: install them (Debian: apt-get install nginx-light openssl) and try again." >&2; exit 1; }
	@touch $@

widget/node_modules/installed: widget/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 with npm is needed to build and test the widget." >&2; exit 1; }
	@cd widget && npm ci --silent
	@touch $@
