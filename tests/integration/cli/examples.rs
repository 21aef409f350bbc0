//! Every example of every `--help`, and of the sandbox's page, run on a copy of
//! this repository within a sandbox, as a reader would try them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use super::support::{err, keyrail, out};
use crate::copies::copy_folder;

/// The commands with examples.
const COMMANDS: &[&[&str]] = &[
    &["audit"],
    &["docs"],
    &["guardrails", "render"],
    &["guardrails", "prove"],
    &["guardrails", "diff"],
    &["lint"],
    &["sandbox"],
    &["simulate"],
];

/// Examples that cannot be run here, and why.
const NOT_RUN: [(&str, &str); 4] = [
    ("keyrail sandbox", "it ends when somebody interrupts it"),
    ("keyrail sandbox -- terraform apply", "there is nothing to apply in this folder"),
    ("keyrail sandbox --faults faults.json -- make test", "it would start these tests again"),
    (
        "aws kms get-key-policy --key-id alias/app --output text --query Policy | keyrail lint --type key -",
        "AWS's own command line may not be there",
    ),
];

/// Examples whose exit code is 1 where nothing hangs yet.
const FINDING: &[&str] = &["keyrail guardrails diff --config env/controls.json --profile management"];

#[test]
fn every_example_of_a_help_works_on_this_repository() {
    let copy = copy();
    let mut skipped = Vec::new();
    for command in COMMANDS {
        let help = out(&keyrail().args(*command).arg("--help").output().unwrap());
        let found = examples(&help);
        assert!(!found.is_empty(), "{command:?}: {help}");
        for example in found {
            if NOT_RUN.iter().any(|(known, _)| *known == example) {
                skipped.push(example);
                continue;
            }
            let expected = i32::from(FINDING.contains(&example.as_str()));
            let output = in_sandbox(copy.path(), &example);
            assert_eq!(output.status.code(), Some(expected), "{example}\n{}{}", out(&output), err(&output));
        }
    }
    skipped.sort();
    let mut known = NOT_RUN.map(|(example, _)| example);
    known.sort_unstable();
    assert_eq!(skipped, known);
}

#[test]
fn the_configuration_that_the_help_shows_is_one() {
    let copy = copy();
    assert!(fs::read_to_string(copy.path().join("keyrail.json")).unwrap().contains("\"waivers\""));
    let output = in_sandbox(copy.path(), "keyrail audit --config keyrail.json");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

#[test]
fn the_page_of_the_sandbox_is_as_it_behaves() {
    let page = fs::read_to_string(root().join("docs/reference/sandbox.md")).unwrap();
    let blocks: Vec<&str> =
        page.split("\n```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next()).collect();
    let copy = copy();
    let said: Vec<String> = blocks
        .iter()
        .map(|block| {
            let output = shell(copy.path(), block).output().unwrap();
            assert!(output.status.success(), "{block}\n{}{}", out(&output), err(&output));
            out(&output)
        })
        .collect();
    let [faults, organization, endpoints] = &said[..] else { panic!("{} examples", said.len()) };
    assert!(faults.starts_with("account 111111111111, region eu-west-1, "), "{faults}");
    assert!(organization.starts_with("account 222222222222, region eu-west-1, "), "{organization}");
    let answers: Vec<serde_json::Value> =
        endpoints.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<Vec<&String>> = answers
        .iter()
        .map(|answer| answer.as_object().into_iter().flatten().map(|(name, _)| name).collect())
        .collect();
    assert_eq!(
        kinds,
        [
            &["now"][..],
            &["loaded"],
            &["arn", "unique_id"],
            &[],
            &[],
            &["calls", "keys", "now", "policies", "principals"],
            &[]
        ]
    );
}

/// The commands among the examples of a help: lines with two spaces in front, each
/// with its here-document. Explanations stand further in.
fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| !line.starts_with("Example")).skip(1);
    let mut found: Vec<String> = Vec::new();
    let mut here_document: Option<String> = None;
    for line in lines.take_while(|line| !line.is_empty()) {
        let line = line.strip_prefix("  ").unwrap_or(line);
        if let (Some(end), Some(command)) = (&here_document, found.last_mut()) {
            command.push_str(&format!("\n{line}"));
            here_document = Some(end.clone()).filter(|end| line != end);
        } else if !line.starts_with(' ') {
            found.push(line.to_owned());
            here_document = line.split_once("<<'").map(|(_, end)| end.trim_end_matches('\'').to_owned());
        }
    }
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What the examples read: the repository's folders, the configuration that the
/// help of `audit` shows, and a profile.
fn copy() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for folder in ["env", "policies", "docs", "examples"] {
        copy_folder(&root().join(folder), &copy.path().join(folder));
    }
    let help = out(&keyrail().args(["audit", "--help"]).output().unwrap());
    let shown = help.split("Configuration file:\n").nth(1).unwrap();
    fs::write(copy.path().join("keyrail.json"), shown.split("\n\n").next().unwrap()).unwrap();
    fs::create_dir(copy.path().join(".aws")).unwrap();
    fs::write(copy.path().join(".aws/config"), "[profile management]\nregion = eu-west-1\n").unwrap();
    let keys = "[management]\naws_access_key_id = AKIAKEYRAILOPERATOR1\n\
                aws_secret_access_key = sandbox-operator-secret\n";
    fs::write(copy.path().join(".aws/credentials"), keys).unwrap();
    copy
}

/// Runs a script in a folder, with `keyrail` on the path.
fn shell(folder: &Path, script: &str) -> Command {
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", script]);
    command.current_dir(folder).env_clear().envs(environment(folder));
    command
}

/// The same within a sandbox.
fn in_sandbox(folder: &Path, script: &str) -> Output {
    let mut command = keyrail();
    command.args(["sandbox", "--", "bash", "-euo", "pipefail", "-c", script]);
    command.current_dir(folder).envs(environment(folder)).output().unwrap()
}

fn environment(folder: &Path) -> BTreeMap<&'static str, String> {
    let programs = Path::new(env!("CARGO_BIN_EXE_keyrail")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    BTreeMap::from([("PATH", path), ("HOME", folder.display().to_string())])
}
