#!/usr/bin/env bash
# Installs moto's server into a virtual environment below the target folder, once.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
venv=${CARGO_TARGET_DIR:-$here/target}/venv
version=5.2.1

if [ "$(cat "$venv/moto-version" 2>/dev/null)" != "$version" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv" || {
        echo "error: python3 cannot make virtual environments; install its venv module (python3-venv on Debian and Ubuntu)" >&2
        exit 1
    }
    "$venv/bin/pip" install --quiet --disable-pip-version-check "moto[server]==$version"
    echo "$version" >"$venv/moto-version"
fi
test -x "$venv/bin/moto_server"
