//! `keyrail guardrails diff` against what the resource put in force.

use std::process::{Command, Output};

use keyrail::aws::NewPolicy;
use keyrail::model::org::{PolicyType, TargetId};
use keyrail::model::tag::Tags;
use keyrail::tf::Value;

use super::{KEY, SECRET, Stand};

const CONTROLS: &str = r#"{
  "controls": {
    "mfa": {"exempt_principal_arns": ["arn:aws:iam::*:role/terraform"]},
    "environment_boundary": {"environments": {"dev": "ou-ab12-11111111", "prod": "ou-ab12-22222222"}}
  }
}"#;

fn diff(endpoint: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("controls.json");
    std::fs::write(&config, CONTROLS).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyrail"));
    command.env_clear().envs([
        ("AWS_ACCESS_KEY_ID", KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_MAX_ATTEMPTS", "1"),
        ("AWS_ENDPOINT_URL", endpoint),
    ]);
    command.args(["guardrails", "diff", "--config"]).arg(config);
    command.args(["--on", "root=mfa,deletion-window,key-rotation"]);
    for environment in ["dev", "prod"] {
        command.args(["--on", &format!("{environment}=required-tags,environment-boundary")]);
    }
    let Output { status, stdout, stderr } = command.args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn endpoint(stand: &Stand) -> String {
    format!("http://{}", stand.running.address())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_resource_put_in_force_is_no_difference() {
    let stand = Stand::set_up(None).await;
    stand.applied(&Value::Null, &stand.full()).await;
    assert_eq!(diff(&endpoint(&stand), &[]), (Some(0), String::new(), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_difference_is_named_and_other_prefixes_are_left_out() {
    let stand = Stand::set_up(None).await;
    stand.applied(&Value::Null, &stand.full()).await;
    let api = stand.organizations().await;
    let target = |text: &str| -> TargetId { text.parse().unwrap() };
    let (dev, prod) = (target("ou-ab12-11111111"), target("ou-ab12-22222222"));
    let services = api.policies(PolicyType::ServiceControl).await.unwrap();
    let named = |name: &str| services.iter().find(|policy| policy.name == name).unwrap().id.clone();
    let weaker = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Weaker","Effect":"Deny","Action":"kms:DisableKey","Resource":"*"}]}"#;
    api.update_policy(&named("keyrail-scp-root-1"), weaker, "ours").await.unwrap();
    api.detach(&named("keyrail-scp-dev-prod-1"), &dev).await.unwrap();
    api.attach(&named("keyrail-scp-dev-1"), &prod).await.unwrap();
    api.detach(&named("keyrail-scp-prod-1"), &prod).await.unwrap();
    api.delete_policy(&named("keyrail-scp-prod-1")).await.unwrap();
    for (name, owner) in [("keyrail-old", None), ("keyrail-2scp-root-1", Some("keyrail-2"))] {
        let tags = owner.map(|owner| ("keyrail:guardrails".to_owned(), owner.to_owned()));
        let policy = NewPolicy {
            name: name.to_owned(),
            description: "old".to_owned(),
            policy_type: PolicyType::ServiceControl,
            content: weaker.to_owned(),
            tags: tags.into_iter().collect::<Tags>(),
        };
        api.create_policy(&policy).await.unwrap();
    }
    let found = "\
attached elsewhere: keyrail-scp-dev-1 to ou-ab12-22222222
not attached: keyrail-scp-dev-prod-1 to ou-ab12-11111111
missing: keyrail-scp-prod-1
altered: keyrail-scp-root-1
left over: keyrail-old
";
    assert_eq!(diff(&endpoint(&stand), &[]), (Some(1), found.to_owned(), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_under_which_nothing_is_in_force_misses_everything() {
    let stand = Stand::set_up(None).await;
    let (code, found, _) = diff(&endpoint(&stand), &["--name-prefix", "acme-"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        found,
        "missing: acme-scp-dev-1\nmissing: acme-scp-dev-prod-1\nmissing: acme-scp-prod-1\n\
         missing: acme-scp-root-1\nmissing: acme-rcp-dev-1\nmissing: acme-rcp-prod-1\n"
    );
}

#[test]
fn an_organisation_that_cannot_be_reached_is_a_failure_with_advice() {
    let (code, found, told) = diff("http://127.0.0.1:9", &[]);
    assert_eq!((code, found), (Some(2), String::new()));
    assert_eq!(
        told,
        "error: STS GetCallerIdentity in region eu-west-1: no connection to `http://127.0.0.1:9`: Connection refused \
         (os error 111)\n  try: check `--profile`, `--endpoint-url` and the credentials: `aws sts get-caller-identity` \
         asks the same\n"
    );
}
