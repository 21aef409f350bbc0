#!/usr/bin/env bash
# The steps of the demo. Expects what demo.sh prepares: the sandbox around it, a copy of the sources in
# $DEMO, the programs in $KEYRAIL_BIN.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cd "$DEMO"
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0 PATH="$KEYRAIL_BIN:$PATH"
unset TF_CLI_ARGS TF_LOG TF_WORKSPACE TF_DATA_DIR

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1;36m' red=$'\e[1;31m' plain=$'\e[0m' no_color=()
else
    bold='' red='' plain='' no_color=(-no-color)
fi

step='before the first step'
begin() {
    step="step $1: $2"
    printf '\n%s== %s%s\n\n' "$bold" "$step" "$plain"
}
finish() {
    local code=$?
    [ "$code" = 0 ] || printf '\n%sThe demo stopped in %s (exit code %s).%s\n' "$red" "$step" "$code" "$plain" >&2
    exit "$code"
}
trap finish EXIT

stop() {
    echo "$1" >&2
    exit 1
}

# tf FOLDER COMMAND ARGUMENTS...
tf() {
    local folder=$1 command=$2
    shift 2
    terraform -chdir="$folder" "$command" "${no_color[@]}" "$@"
}

# quietly LOG COMMAND...: keeps in LOG what COMMAND says, and shows it only when it fails.
quietly() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 || {
        cat "$log" >&2
        return 1
    }
}

apply() {
    cp "$1/terraform.tfvars.sample" "$1/terraform.tfvars"
    quietly "$1/init.log" tf "$1" init
    quietly "$1/apply.log" tf "$1" apply -auto-approve
    grep 'Apply complete' "$1/apply.log"
    tf "$1" output
    echo
}

take_down() {
    quietly "$1/unprotect.log" tf "$1" apply -auto-approve -var deletion_protection=false
    quietly "$1/destroy.log" tf "$1" destroy -auto-approve -var deletion_protection=false
    echo "$1: $(grep 'Destroy complete' "$1/destroy.log")"
}

# expect_refusal WORD COMMAND...: runs what must fail, and must say WORD while it does.
expect_refusal() {
    local word=$1 said
    shift
    if said=$("$@" 2>&1); then
        stop "this was allowed, and must not be: $*"
    fi
    echo "$said"
    grep -q -- "$word" <<<"$said" || stop "the refusal does not name $word"
}

begin 1 'env/organization: guardrails, generated, packed, proven, attached'
apply env/organization

begin 2 'env/dev and env/prod: keys, each environment in its own account'
apply env/dev
apply env/prod

begin 3 'a plan with five keys, each of which breaks one control'
tf examples/refused init >/dev/null
refused=$(tf examples/refused plan 2>&1) && stop 'the plan was not refused'
echo "$refused"
for control in key-rotation deletion-window required-tags mfa-for-critical-operations environment-boundary; do
    grep -q "$control" <<<"$refused" || stop "the refusal does not name $control"
done

begin 4 'an ordinary role against the guardrails'
dev_key=$(tf env/dev output -raw key_arn)
prod_key=$(tf env/prod output -raw key_arn)
developer=arn:aws:iam::222222222222:role/developer

echo "$developer switches rotation of a dev key off:"
expect_refusal 'explicit deny in a service control policy.*Sid: Kms\(CriticalNeedsMfa\|RotationStaysOn\))' python3 "$here/aws_call.py" --role "$developer" \
    kms DisableKeyRotation "{\"KeyId\": \"$dev_key\"}"
echo
echo "$developer decrypts with the prod key:"
ciphertext=$(python3 "$here/aws_call.py" --role arn:aws:iam::333333333333:role/terraform \
    kms Encrypt "{\"KeyId\": \"$prod_key\", \"Plaintext\": \"c2VjcmV0\"}" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["CiphertextBlob"])')
expect_refusal 'explicit deny in a service control policy.*Sid: KmsBoundaryByTagProd)' python3 "$here/aws_call.py" --role "$developer" \
    kms Decrypt "{\"KeyId\": \"$prod_key\", \"CiphertextBlob\": \"$ciphertext\"}"

begin 5 'the audit of the prod account'
cat >aws-config <<CONFIG
[profile prod]
role_arn          = arn:aws:iam::333333333333:role/auditor
credential_source = Environment
region            = eu-west-1
CONFIG
export AWS_CONFIG_FILE=$DEMO/aws-config
keyrail audit --profile prod --config env/controls.json --all
keyrail audit --profile prod --config env/controls.json --output audit.json --output audit.html >/dev/null
unset AWS_CONFIG_FILE
test -s audit.json -a -s audit.html
echo
echo "JSON: $DEMO/audit.json"
echo "HTML: $DEMO/audit.html"

begin 6 'plan again: no changes; then take everything down'
for environment in organization dev prod; do
    quietly "env/$environment/plan.log" tf "env/$environment" plan -detailed-exitcode
    echo "env/$environment: $(grep 'No changes' "env/$environment/plan.log")"
done
for environment in prod dev organization; do
    take_down "env/$environment"
done

printf '\n%sDone.%s What was made is in %s.\n' "$bold" "$plain" "$DEMO"
