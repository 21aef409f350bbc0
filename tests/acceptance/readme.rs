//! Every command and every example of the README, as a reader would try them.
//!
//! `make` and `cargo` are not run again by the tests that they run: it is
//! checked that what the README asks of them exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::shell::in_sandbox;

const README: &str = include_str!("../../README.md");

/// Stands in for the commands that would start the tests within the tests.
const STAND_INS: &str = r#"
make() { command make --directory "$REPOSITORY" --dry-run "$@" > /dev/null; }
cargo() { case "$*" in "install --locked --path . --bin keyrail") ;; *) echo "unexpected: cargo $*"; return 1 ;; esac; }
"#;

#[test]
fn the_commands_work_one_after_another() {
    let commands = blocks("sh").join("\n");
    in_sandbox(&format!("{STAND_INS}{commands}"));
}

#[test]
fn the_audit_is_that_of_the_account_with_the_keys_and_shows_them() {
    let blocks = blocks("sh");
    let commands: Vec<&str> =
        blocks.iter().map(String::as_str).take_while(|block| !block.contains("sandbox")).collect();
    let audit = commands.iter().find(|block| block.contains("keyrail audit")).unwrap();
    let lines: Vec<&str> = audit.lines().collect();
    assert!(lines[0].starts_with("keyrail audit --config ../controls.json --assume-role "), "{audit}");
    let script = format!(
        "cd env/dev; cp terraform.tfvars.sample terraform.tfvars; terraform init; terraform apply\n{} --all\n{audit}\n\
         jq -r '.keys[].aliases[]' audit.json",
        lines[0]
    );
    let said = in_sandbox(&script);
    assert!(said.contains("\naccount 222222222222, region eu-west-1, 20"), "{said}");
    assert!(said.contains("\n2 keys: 0 fail, 0 unknown, 0 waived, 8 pass, 2 not applicable\n"), "{said}");
    assert!(said.contains("\nalias/dev/payments/db/encryption\n"), "{said}");
}

#[test]
fn the_examples_are_those_that_are_applied() {
    let mut texts = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"), &mut texts);
    let shown = blocks("hcl");
    assert!(!shown.is_empty());
    for example in shown {
        assert!(texts.contains(example.trim()), "this is not a file of examples/:\n{example}");
    }
}

#[test]
fn the_refusal_is_what_terraform_says() {
    let said = in_sandbox("cd examples/refused; terraform init; terraform plan || true");
    let shown = blocks("text");
    assert_eq!(shown.len(), 1);
    for refusal in shown {
        assert!(said.contains(&refusal), "Terraform does not say:\n{refusal}\nbut:\n{said}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let links = README.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    for link in links.filter(|link| !link.starts_with("http")) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(link).exists(), "`{link}` leads nowhere");
    }
}

#[test]
fn both_commands_are_named() {
    assert!(blocks("sh").iter().any(|block| block.contains("make demo\nmake test")));
}

/// The fenced blocks of a language, in order.
fn blocks(language: &str) -> Vec<String> {
    let opening = format!("\n```{language}\n");
    let found = README.split(opening.as_str()).skip(1).filter_map(|rest| rest.split("\n```").next());
    found.map(str::to_owned).collect()
}

fn collect(folder: &Path, texts: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "tf") {
            texts.insert(fs::read_to_string(path).unwrap().trim().to_owned());
        }
    }
}
