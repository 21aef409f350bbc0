//! Commands that write files, and say whether files are current.

use std::fs;
use std::path::Path;

use super::support::{controls, err, keyrail, out};

fn render(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = keyrail();
    command.args(["guardrails", "render", "--account", "dev=222222222222", "--config"]).arg(controls());
    command.arg("--out").arg(folder).args(arguments).output().unwrap()
}

#[test]
fn rendered_policies_are_current_until_one_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(render(folder.path(), &[]).status.code(), Some(0));
    assert_eq!(render(folder.path(), &["--check"]).status.code(), Some(0));
    let policies = folder.path().join("org/resource_control_policy");
    fs::write(policies.join("keyrail-rcp-dev-1.json"), "{}").unwrap();
    fs::write(policies.join("old.json"), "{}").unwrap();
    let checked = render(folder.path(), &["--check"]);
    assert_eq!(checked.status.code(), Some(1));
    assert_eq!(
        out(&checked),
        "outdated org/resource_control_policy/keyrail-rcp-dev-1.json\n\
         left over org/resource_control_policy/old.json\n"
    );
}

#[test]
fn a_key_policy_is_of_the_partition_and_the_tag_that_the_configuration_names() {
    let rendered = |exempt: &[&str], arguments: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("controls.json");
        let controls = serde_json::json!({"controls": {
            "mfa": {"exempt_principal_arns": exempt},
            "environment_boundary": {
                "organization_id": "o-a1b2c3d4e5",
                "environments": {"dev": "ou-ab12-11111111"},
                "tag_key": "Stage",
            },
        }});
        fs::write(&config, controls.to_string()).unwrap();
        let mut command = keyrail();
        command.args(["guardrails", "render", "--account", "dev=222222222222", "--config"]).arg(config);
        let output = command.arg("--out").arg(folder.path()).args(arguments).output().unwrap();
        let policy = fs::read_to_string(folder.path().join("kms/dev.json")).unwrap_or_default();
        (output.status.code(), err(&output), policy)
    };
    let china = "arn:aws-cn:iam::*:role/terraform";
    for (exempt, arguments, account) in [
        (&[][..], &[][..], "arn:aws:iam::222222222222:root"),
        (&[china], &[], "arn:aws-cn:iam::222222222222:root"),
        (&[], &["--partition", "aws-us-gov"], "arn:aws-us-gov:iam::222222222222:root"),
    ] {
        let (code, told, policy) = rendered(exempt, arguments);
        assert_eq!((code, told), (Some(0), String::new()));
        assert!(policy.contains(account), "{policy}");
        // The boundary of `dev` is in it, so the key was taken for one of `dev`.
        assert!(policy.contains("ou-ab12-11111111"), "{policy}");
    }
    let (code, told, _) = rendered(&[china, "arn:aws:iam::*:role/terraform"], &[]);
    assert_eq!(code, Some(2));
    assert_eq!(
        told,
        "error: the configuration names ARNs of `aws` and of `aws-cn`, so it does not say where the accounts are\n  \
         try: give `--partition`\n"
    );
    let (code, told, _) = rendered(&[], &["--partition", "aws-xx"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("the partitions are aws, aws-cn, aws-us-gov, "), "{told}");
}

#[test]
fn the_proof_says_how_much_was_asked() {
    let proved = keyrail().args(["guardrails", "prove", "--config"]).arg(controls()).output().unwrap();
    assert_eq!((proved.status.code(), err(&proved)), (Some(0), String::new()));
    assert!(out(&proved).contains("\nproven:\n  deletion-window: "), "{}", out(&proved));
}

#[test]
fn guardrails_without_an_organisation_are_refused_with_advice() {
    let refused = keyrail().args(["guardrails", "prove"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        err(&refused),
        "error: the configuration does not say which organisation is meant\n  \
         try: set `environments` and `organization_id` of `environment_boundary`, or give `--organization` and \
         `--root`\n"
    );
}

#[test]
fn pages_are_current_until_one_is_changed() {
    let root = tempfile::tempdir().unwrap();
    let docs = |arguments: &[&str]| {
        keyrail().arg("docs").arg("--root").arg(root.path()).args(arguments).output().unwrap()
    };
    assert_eq!(docs(&[]).status.code(), Some(0));
    assert_eq!(docs(&["--check"]).status.code(), Some(0));
    let page = root.path().join("docs/controls/key-rotation.md");
    assert!(
        fs::read_to_string(&page).unwrap().starts_with("---\npage_title: \"key-rotation Control - kms\"\n")
    );
    fs::remove_file(page).unwrap();
    let checked = docs(&["--check"]);
    assert_eq!(
        (checked.status.code(), out(&checked)),
        (Some(1), "missing docs/controls/key-rotation.md\n".to_owned())
    );
}

#[test]
fn rendered_policies_can_be_given_to_aws_as_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let all =
        "root=deletion-window,environment-boundary,key-rotation,mfa-for-critical-operations,required-tags";
    assert_eq!(render(folder.path(), &["--on", all]).status.code(), Some(0));
    for (kind, name, limit) in
        [("scp", "service_control_policy", 10_240), ("rcp", "resource_control_policy", 5_120)]
    {
        for entry in fs::read_dir(folder.path().join("org").join(name)).unwrap() {
            let file = entry.unwrap().path();
            let characters = fs::read_to_string(&file).unwrap().chars().count();
            assert!(characters <= limit, "{} has {characters}", file.display());
            let linted = keyrail().args(["lint", "--type", kind]).arg(&file).output().unwrap();
            assert_eq!(linted.status.code(), Some(0), "{}", out(&linted));
        }
    }
    // All five controls on the root: indented it would be too long.
    let root = folder.path().join("org/service_control_policy/keyrail-scp-root-1.json");
    assert_eq!(fs::read_to_string(root).unwrap().lines().count(), 1);
    assert_eq!(render(folder.path(), &["--on", all, "--check"]).status.code(), Some(0));
}
