#!/usr/bin/env bash
# Validates every Terraform folder and runs the modules' tests, in a copy, so that no .terraform folder
# is left among the sources.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
work=$(cd "${CARGO_TARGET_DIR:-$here/target}" && pwd)/terraform-check
rm -rf "$work"
mkdir -p "$work"
TF_CLI_CONFIG_FILE=$("$here/scripts/mirror.sh" "$work")
export TF_CLI_CONFIG_FILE TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1
cp -r "$here/env" "$here/modules" "$here/examples" "$here/policies" "$work"
cd "$work"

# quietly COMMAND...: prints what COMMAND said only when it fails.
quietly() {
    local said
    if ! said=$("$@" 2>&1); then
        echo "$said" >&2
        echo "error: in ${PWD#"$work/"}: $*" >&2
        return 1
    fi
}

# The two environments differ in their values and in nothing else.
quietly diff -ru --exclude=terraform.tfvars.sample --exclude=README.md env/dev env/prod

while IFS= read -r folder; do
    (
        cd "$folder"
        # An example of a resource is read beside the example of the provider, and is completed by it here.
        grep -q required_providers ./*.tf || cp "$work/examples/provider/provider.tf" .
        quietly terraform init -backend=false -no-color
        quietly terraform validate -no-color
        if compgen -G 'tests/*.tftest.hcl' >/dev/null; then
            terraform test -no-color
        fi
    )
    echo "ok: $folder"
done < <(find env modules examples -name '*.tf' -exec dirname {} \; | sort -u)
