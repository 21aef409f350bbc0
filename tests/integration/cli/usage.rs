//! How the command line meets people: help, mistakes, pipes, exit codes.

use std::process::Stdio;

use super::support::{err, keyrail, out, with_input};

#[test]
fn help_is_a_success_and_misuse_is_not() {
    for (arguments, code) in [
        (&["--help"][..], 0),
        (&["audit", "--help"], 0),
        (&["guardrails", "render", "--help"], 0),
        (&["--version"], 0),
        (&[], 2),
        (&["no-such-command"], 2),
        (&["audit", "--fail-on", "sometimes"], 2),
        (&["audit", "--region", "nowhere"], 2),
    ] {
        assert_eq!(keyrail().args(arguments).output().unwrap().status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn every_command_teaches_by_example() {
    for command in
        [&["audit"][..], &["lint"], &["simulate"], &["sandbox"], &["docs"], &["guardrails", "diff"]]
    {
        let help = out(&keyrail().args(command).arg("--help").output().unwrap());
        assert!(help.contains("\nExample"), "{command:?}: {help}");
    }
}

#[test]
fn examples_are_shown_as_they_are_written_however_narrow_the_terminal() {
    for (command, example) in [
        (
            &["simulate"][..],
            "\n    \"scp\": [{\"target\": \"r-ab12\", \"policies\": [{\"Version\": \"2012-10-17\", \"Statement\": [\n",
        ),
        (
            &["guardrails", "prove"],
            "\n  keyrail guardrails prove --config env/controls.json --on root=mfa,key-rotation --on \
             prod=environment-boundary\n      some controls at some places\n",
        ),
    ] {
        let help = out(&keyrail().args(command).arg("--help").env("COLUMNS", "60").output().unwrap());
        assert!(help.contains(example), "{command:?}: {help}");
        assert!(
            help.contains("\nExit codes: 0 every") || help.contains("\nExit codes: 0 everything"),
            "{help}"
        );
        let prose = help.lines().filter(|line| !line.starts_with(' '));
        assert!(prose.clone().all(|line| line.chars().count() <= 60), "{help}");
        assert!(!help.contains('\u{a0}'), "what is copied from here must run");
    }
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_failure() {
    let mut child = keyrail().args(["audit", "--help"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn without_a_region_the_audit_says_what_to_set() {
    let output = keyrail().arg("audit").env("AWS_EC2_METADATA_DISABLED", "true").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(err(&output), "error: no region is given\n  try: set `--region` or `AWS_REGION`\n");
}

#[test]
fn unknown_controls_are_refused_by_name() {
    let output = keyrail().args(["audit", "--check", "rotation"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        err(&output),
        "error: there is no control `rotation`\n  try: one of `deletion-window`, `environment-boundary`, \
         `key-rotation`, `mfa-for-critical-operations`, `required-tags`\n"
    );
}

#[test]
fn a_prefix_that_no_alias_can_have_is_refused() {
    let output = keyrail().args(["audit", "--alias-prefix", "dev/"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        err(&output),
        "error: no alias begins with `dev/`\n  try: alias names begin with `alias/`, so `alias/dev/`\n"
    );
}

#[test]
fn an_exemption_that_is_no_arn_is_refused() {
    let prove = |organisation: &[&str]| {
        keyrail().args(["guardrails", "prove", "--exempt", "terraform"]).args(organisation).output().unwrap()
    };
    let output = prove(&["--organization", "o-a1b2c3d4e5", "--root", "r-ab12"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        err(&output),
        "error: `terraform` can exempt nobody\n  try: write the ARN of a role or user such as \
         `arn:aws:iam::*:role/platform/terraform`; `*` may stand for the account and for a part of the name\n"
    );
}

#[test]
fn cases_come_from_standard_input_and_a_bad_one_spoils_no_other() {
    let mut command = keyrail();
    command.args(["simulate", "--compact", "-"]);
    let cases = r#"{"cases": [{"name": "bad"}, {"name": "good", "action": "kms:Decrypt",
        "resource": "arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "resource_account": "222222222222", "principal": "arn:aws:iam::222222222222:role/app", "context": {}}]}"#;
    let output = with_input(command, cases);
    assert_eq!(output.status.code(), Some(0));
    let answers: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert!(answers["results"][0]["error"].as_str().unwrap().contains("no `action`"));
    assert_eq!(answers["results"][1]["decision"], "implicitly_denied");
}

#[test]
fn cases_that_are_no_json_are_a_failure_with_a_place() {
    let mut command = keyrail();
    command.args(["simulate", "-"]);
    let output = with_input(command, "{");
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).starts_with("error: standard input: line 1, column "), "{}", err(&output));
}

#[test]
fn the_sandbox_passes_the_exit_code_of_its_command_on() {
    let output = keyrail().args(["sandbox", "--", "/bin/sh", "-c", "exit 7"]).output().unwrap();
    assert_eq!((output.status.code(), err(&output)), (Some(7), String::new()));
}

#[test]
fn a_place_and_a_control_that_do_not_exist_are_told_apart() {
    let refused = |placement: &str| {
        let arguments = ["guardrails", "prove", "--config", "env/controls.json", "--on", placement];
        let output = keyrail().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        err(&output)
    };
    assert_eq!(
        refused("nowhere=mfa"),
        "error: `nowhere` is no place of the organisation\n  try: the places are `root`, `dev`, `prod` and the ids of \
         roots, organizational units and accounts, such as `ou-ab12-11111111`; environments are set in \
         `environment_boundary` of the configuration\n"
    );
    assert_eq!(
        refused("root=mfa,nope"),
        "error: `nope` is no control\n  try: the controls are `deletion-window`, `environment-boundary`, \
         `key-rotation`, `mfa-for-critical-operations`, `required-tags`\n"
    );
    assert_eq!(
        refused("root"),
        "error: `root` does not say which controls hang where\n  try: write a place, `=` and controls, such as \
         `root=mfa,key-rotation`\n"
    );
}
