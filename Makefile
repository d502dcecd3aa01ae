# Money over IP. `make book` builds it, `make test` proves it; both make the environment first.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: help book pdf offline check test serve execute essay lock bench binder lab format clean

help:  ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Name one: make book PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@echo "Making the environment in $(VENV) (about a minute, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(RUN) -m pip install --quiet --disable-pip-version-check $$(grep '^uv==' requirements.txt)
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet --compile-bytecode -r requirements.txt
	@touch $@

book: $(VENV)/ready  ## build the site into _build/html and say where it is
	@$(RUN) -m moip build

pdf: book  ## the whole book as one PDF, through Chromium: _build/pdf/money-over-ip.pdf
	@$(RUN) -m moip pdf

offline: book  ## the site as one archive that needs no server: _build/money-over-ip-offline.zip
	@$(RUN) -m moip offline

check: $(VENV)/ready  ## read tables and notebooks, in seconds: what is wrong, where, and what mends it
	@$(RUN) -m moip check data notebooks

test: $(VENV)/ready  ## check data, library, notebooks and pages
	@$(RUN) -m moip test

serve: $(VENV)/ready  ## build, serve on port 8000, build again on change
	@$(RUN) -m moip serve

execute: $(VENV)/ready  ## re-execute changed notebooks in place (NB="book/..." names some, NB=--all takes all)
	@$(RUN) -m moip execute $(NB)

essay: export ESSAY_TITLE = $(value TITLE)
essay: export ESSAY_PART = $(or $(value PART),Essays)
essay: $(VENV)/ready  ## start an essay: make essay TITLE="A question?" [PART="Essays"]
	@$(RUN) -m moip essay --part "$$ESSAY_PART" -- "$$ESSAY_TITLE"

lab: $(VENV)/ready  ## open the chapters in JupyterLab
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet -c requirements.txt -e '.[lab]'
	@$(VENV)/bin/jupyter lab book/index.ipynb

binder: $(VENV)/ready  ## prove that chapters run where Binder runs them: fresh environment, JupyterLab, browser (CHAPTERS="...")
	@$(RUN) -m moip binder $(CHAPTERS)

bench: $(VENV)/ready  ## measure builds, notebooks and pages (PARTS="build pages" names some)
	@$(RUN) -m moip bench $(PARTS)

lock: $(VENV)/ready  ## resolve requirements.txt anew from pyproject.toml
	@$(VENV)/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --upgrade --no-annotate --quiet \
		--custom-compile-command "make lock" -o requirements.txt
	@echo "-e ." >> requirements.txt

format: $(VENV)/ready  ## put right what a program can: code linted and formatted, rows of tables in order
	@$(RUN) -m moip.checks.data --write-only
	@$(VENV)/bin/ruff check --fix . && $(VENV)/bin/ruff format .

clean:  ## remove what was built (the environment stays)
	rm -rf _build .cache
