# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
PIP    := $(PY) -m pip --disable-pip-version-check -q

# What has been compiled once is kept: the demo and the tests start many processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo demo-reset test soak lint types chromium strace texts sbom audit clean

demo: $(VENV)/.demo
	@$(PY) demo.py

demo-reset:
	rm -rf .demo

test: $(VENV)/.test chromium strace lint types
	@$(PY) -m pytest -m "not soak" -n 4 --no-loadscope-reorder || { \
	  echo; echo "What failed is run once more, by itself. What passes then depends on load or order: mend it."; \
	  $(PY) -m pytest -m "not soak" --last-failed --last-failed-no-failures none; }

soak: $(VENV)/.test chromium strace
	@$(PY) -m pytest -m soak --timeout 7200

lint: $(VENV)/.test
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .

types: $(VENV)/.test
	@$(VENV)/bin/mypy

# After editing assets/texts/*.po: the phone reads the compiled files.
texts: $(VENV)/.test
	@$(PY) assets/texts/compile.py

# What the phone and the endpoint are made of: build/sbom-*.json (CycloneDX).
sbom: $(VENV)/.release
	@$(PY) -m release.sbom

# Whether anything of that is known to be unsafe. Without a network: ADVISORIES=an OSV export.
audit: $(VENV)/.release
	@$(PY) -m release.audit

# The tests drive a real browser. As root we fetch it from the system's packages; otherwise we say how.
chromium:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
	  else echo "Chromium is missing. Install it with: sudo apt-get install chromium"; exit 1; fi; }

# The phone's crashes are recorded and made with it.
strace:
	@command -v strace >/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq strace >/dev/null; \
	  else echo "strace is missing. Install it with: sudo apt-get install strace"; exit 1; fi; }

# Debian and Ubuntu ship python3 without venv's ensurepip: say what is missing, or fetch it as root.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null; \
	  else echo "python3-venv is missing. Install it with: sudo apt-get install python3-venv"; exit 1; fi; }
	@echo "Making $(VENV) (once, about a minute)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	@$(PIP) install -c constraints.txt -e '.[endpoint,browser]' && touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/bin/python
	@$(PIP) install -c constraints.txt -e '.[endpoint,browser,development]' && touch $@ $(VENV)/.demo

$(VENV)/.release: pyproject.toml constraints.txt | $(VENV)/.test
	@$(PIP) install -c constraints.txt -e '.[endpoint,browser,development,release]' && touch $@

clean:
	rm -rf $(VENV) .demo build
