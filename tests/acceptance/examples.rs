//! Every example of the documentation, applied against the sandbox: apply,
//! nothing left to plan, imported again, still nothing to plan, destroyed.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::shell::in_sandbox;

/// What the examples have in common. `example FOLDER ACCOUNT` stands in a folder
/// with the example and the provider block that the documentation shows, the
/// latter led into the account's pipeline role.
const PRELUDE: &str = r#"
example() {
  mkdir -p "work/$1"
  cp examples/provider/provider.tf examples/$1/*.tf "work/$1"
  cd "work/$1"
  if [ "$2" != management ]; then
    printf 'provider "kms" {\n  assume_role {\n    role_arn = "arn:aws:iam::%s:role/terraform"\n  }\n}\n' "$2" > role_override.tf
  fi
  terraform init
}
settled() { terraform plan -detailed-exitcode; }
apply() { terraform apply && settled; }
"#;

#[test]
fn the_examples_work_in_the_order_of_their_readers() {
    let script = r#"
(example resources/kms_org_guardrails management; apply)
(example resources/secure_kms_key 222222222222; apply
  terraform state rm secure_kms_key.payments
  bash "$OLDPWD/examples/resources/secure_kms_key/import.sh"
  settled)
(example data-sources/secure_kms_key 222222222222; apply)
(example data-sources/kms_org_guardrails management; apply)
(example data-sources/kms_audit 222222222222; apply)
(example resources/kms_org_guardrails management
  terraform state rm kms_org_guardrails.this
  bash "$OLDPWD/examples/resources/kms_org_guardrails/import.sh"
  settled)
"#;
    in_sandbox(&format!("{PRELUDE}{script}"));
}

#[test]
fn the_examples_of_functions_work_and_find_nothing() {
    let script = r#"
(example functions/lint_rcp 222222222222; apply | tee said; ! grep -q Warning said)
(example functions/lint_scp 222222222222; apply | tee said; ! grep -q Warning said)
(example functions/normalize_policy 222222222222; apply)
(example functions/policies_equivalent 222222222222; apply; [ "$(terraform output equivalent)" = true ])
(example functions/policy_size 222222222222; apply)
(example functions/validate_key_policy 222222222222; apply)
"#;
    in_sandbox(&format!("{PRELUDE}{script}"));
}

#[test]
fn every_example_is_among_those_that_are_tried() {
    let source = include_str!("examples.rs");
    let untried = ["resources", "data-sources", "functions"]
        .iter()
        .flat_map(|kind| folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(kind)))
        .map(|folder| {
            folder.iter().rev().take(2).map(|part| part.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        })
        .map(|parts| format!("example {}/{} ", parts[1], parts[0]))
        .filter(|call| !source.contains(call.as_str()))
        .collect::<Vec<_>>();
    assert!(untried.is_empty(), "these are not tried: {untried:?}");
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}
