#!/bin/sh
# Gives the machine what the project needs, and says in one sentence what it may not install itself.
#   tools/setup.sh python    .venv, filled with the versions of constraints.txt
#   tools/setup.sh tex       pdflatex and the LaTeX packages of templates/
#   tools/setup.sh poppler   what the tests look into PDFs with
#   tools/setup.sh browser   what the tests look at pages for the screen with
set -eu
cd "$(dirname "$0")/.."

# The LaTeX packages that templates/ load.
sty="amsmath amssymb array babel bm booktabs cmap extsizes fancyhdr fontenc geometry graphicx hyperref inputenc \
lastpage mathpazo mathtools microtype needspace tabularx textcomp tgpagella xcolor"

# The engine of the accessibility tests, a file within this package: nothing else of it is installed or run.
axe="axe-playwright-python==0.1.8"

say() { printf '%s\n' "$*" >&2; }

# install "DEBIAN PACKAGES -- FEDORA PACKAGES": through the system's package manager, where it asks for no password.
install() {
  debian=${1%% -- *} fedora=${1#* -- }
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || return 1
    as_root="sudo -n"
  fi
  if command -v apt-get >/dev/null; then
    say "Installing with apt-get: $debian"
    # shellcheck disable=SC2086
    { $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends $debian; } >&2
  elif command -v dnf >/dev/null; then
    say "Installing with dnf: $fedora"
    # shellcheck disable=SC2086
    $as_root dnf install -y $fedora >&2
  else
    return 1
  fi
}

python_setup() {
  python=
  for each in ${PYTHON:-} python3.14 python3.13 python3.12 python3.11 python3; do
    if "$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$each; break; fi
  done
  if [ -z "$python" ]; then
    say "Python 3.11 or newer is needed and was not found; install it, or name it: make PYTHON=/path/to/python3.12"
    exit 3
  fi
  # A half-made environment is made again.
  if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    if ! "$python" -c 'import ensurepip' 2>/dev/null && ! install "python3-venv -- python3-pip"; then
      say "$python cannot make virtual environments; install its venv module (Debian: apt-get install python3-venv)."
      exit 3
    fi
    "$python" -m venv --clear .venv
  fi
  say "Installing the Python packages of constraints.txt into .venv"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r constraints.txt
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
}

missing_tex() {
  command -v pdflatex >/dev/null && command -v kpsewhich >/dev/null || { echo pdflatex; return; }
  for each in $sty; do
    kpsewhich "$each.sty" >/dev/null || echo "$each.sty"
  done
}

tex_setup() {
  missing=$(missing_tex | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  debian="texlive-latex-base texlive-latex-recommended texlive-latex-extra texlive-fonts-recommended tex-gyre"
  fedora="texlive-scheme-basic"
  for each in $sty; do fedora="$fedora tex($each.sty)"; done
  if install "$debian -- $fedora" && [ -z "$(missing_tex)" ]; then return 0; fi
  say "TeX is incomplete (missing: ${missing% }); install TeX Live with its recommended and extra LaTeX packages and the" \
    "TeX Gyre fonts (Debian: apt-get install $debian; macOS: brew install texlive), then run make again."
  exit 3
}

poppler_setup() {
  command -v pdftotext >/dev/null && command -v pdffonts >/dev/null || install "poppler-utils -- poppler-utils" || {
    say "The tests look into PDFs with pdftotext and pdffonts; install poppler (Debian: apt-get install poppler-utils)."
    exit 3
  }
}

browser_setup() {
  command -v chromium >/dev/null && command -v chromedriver >/dev/null ||
    install "chromium chromium-driver fonts-texgyre-math -- chromium chromedriver texlive-tex-gyre-math" || {
    say "The tests of pages for the screen need Chromium and its driver; install them (Debian: apt-get install chromium" \
      "chromium-driver)."
    exit 3
  }
  [ -f .venv/axe/axe_playwright_python/axe.min.js ] ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --target .venv/axe "$axe"
}

case ${1:-} in
  python) python_setup ;;
  tex) tex_setup ;;
  poppler) poppler_setup ;;
  browser) browser_setup ;;
  *) say "usage: tools/setup.sh python|tex|poppler|browser"; exit 2 ;;
esac
