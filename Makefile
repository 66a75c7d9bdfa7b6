# What a newcomer types. Everything works with python3 and make alone; nothing needs an activated environment.
PYTHON ?= python3
PORT ?= 8000
ARGS ?=
export PORT

BIN = .venv/bin
HOUSE = $(PYTHON) tools/house.py

.PHONY: help run test lint ci messages docs lock clean tools

help:
	@echo "make run       open the demonstration county on http://127.0.0.1:$(PORT) (PORT=8001 for another port)"
	@echo "make test      run the whole test suite (ARGS='-k calendar' for a part of it)"
	@echo "make lint      style, types, import contracts"
	@echo "make ci        everything that the continuous integration runs (root on Debian: installs servers)"
	@echo "make messages  collect the texts and compile the translations"
	@echo "make docs      write docs/workflow.md from the steps tables"
	@echo "make lock      pin the requirements again (needs uv)"
	@echo "make clean     remove .venv and caches; var/ with the data stays"

run:
	@$(HOUSE) run

test:
	@$(HOUSE) test $(ARGS)

tools:
	@$(HOUSE) tools

lint: tools
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

ci:
	@.ci/run

messages: tools
	$(BIN)/python tools/messages.py collect
	$(BIN)/python tools/messages.py compile

docs: tools
	$(BIN)/python manage.py draw_workflow

LOCK = uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --custom-compile-command "make lock"

lock:
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
