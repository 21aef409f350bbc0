#!/usr/bin/env bash
# Puts the release build of the provider into Terraform's implied local mirror, where `terraform init`
# finds it in any folder and without a network.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$here/target}
version=$(sed -nE 's/^version = "(.*)"/\1/p' "$here/Cargo.toml" | head -n 1)
place=$HOME/.terraform.d/plugins/registry.terraform.io/keyrail/kms/$version/$("$here/scripts/platform.sh")

mkdir -p "$place"
# A file that Terraform may be running is not written over but replaced.
cp "$target/release/terraform-provider-kms" "$place/.new"
mv "$place/.new" "$place/terraform-provider-kms_v$version"

echo "Installed keyrail/kms $version in $place"
if [ -f "${TF_CLI_CONFIG_FILE:-$HOME/.terraformrc}" ] && grep -q provider_installation "${TF_CLI_CONFIG_FILE:-$HOME/.terraformrc}"; then
    echo "Note: ${TF_CLI_CONFIG_FILE:-$HOME/.terraformrc} has a provider_installation block, which switches this folder off; add a filesystem_mirror for $HOME/.terraform.d/plugins to it."
fi
echo "A folder that was initialised with an older build of this version needs: terraform init -upgrade, after removing keyrail/kms from .terraform.lock.hcl"
