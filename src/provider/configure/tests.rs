use time::OffsetDateTime;
use time::macros::datetime;

use super::{configure, schema, validate};
use crate::aws::canned::{Answer, Canned};
use crate::aws::config::Environment;
use crate::controls::CONTROLS;
use crate::controls::contract::example::good_key;
use crate::controls::contract::facts::{KeyFacts, RotationFacts};
use crate::controls::contract::finding::{Finding, Status};
use crate::model::fact::Fact;
use crate::provider::configured::{Configured, Enforcement};
use crate::tf::{Diagnostic, Diagnostics, Type, Value};

/// The block with these attributes and nothing else.
fn block(attributes: &[(&str, Value)]) -> Value {
    let mut whole = nothing(&schema().ty());
    for (name, value) in attributes {
        whole.set_attr(name, value.clone()).unwrap();
    }
    whole
}

fn nothing(ty: &Type) -> Value {
    let Type::Object(fields) = ty else { return Value::Null };
    let empty = |name: &String| {
        let is_block = schema().block().blocks().contains_key(name);
        (name.clone(), if is_block { Value::List(vec![]) } else { Value::Null })
    };
    Value::Object(fields.keys().map(empty).collect())
}

/// An occurrence of a nested block.
fn nested(name: &str, attributes: &[(&str, Value)]) -> Value {
    let all = schema().block().blocks()[name].block().ty();
    let Type::Object(fields) = all else { panic!("a block is an object") };
    let mut one = Value::Object(fields.keys().map(|name| (name.clone(), Value::Null)).collect());
    for (name, value) in attributes {
        one.set_attr(name, value.clone()).unwrap();
    }
    Value::List(vec![one])
}

/// `controls` with one setting of one control, as Terraform passes on what has no declared type.
fn controls(argument: &str, setting: &str, value: impl Into<Value>) -> Value {
    open(Value::object([(argument, Value::object([(setting, value.into())]))]))
}

fn open(value: Value) -> Value {
    Value::Dynamic(Type::Dynamic, Box::new(value))
}

fn finding(configured: &Configured, control: &str, key: &KeyFacts) -> Finding {
    configured.judge(key).into_iter().find(|finding| finding.control.0 == control).unwrap()
}

fn waiver(control: &str, expires: impl Into<Value>) -> Value {
    Value::list([Value::object([
        ("control", Value::from(control)),
        ("key", "alias/legacy".into()),
        ("reason", "moves in spring".into()),
        ("approved_by", "ciso".into()),
        ("expires", expires.into()),
    ])])
}

fn shown(diagnostic: &Diagnostic) -> (String, String, String) {
    let path = diagnostic.path.as_ref().map(ToString::to_string).unwrap_or_default();
    (path, diagnostic.summary.clone(), diagnostic.detail.clone())
}

/// The one diagnostic of the block.
fn mistake(attributes: &[(&str, Value)]) -> (String, String, String) {
    let diagnostics = validate(&block(attributes));
    assert_eq!(diagnostics.iter().count(), 1, "{diagnostics:?}");
    shown(diagnostics.iter().next().unwrap())
}

fn told(path: &str, summary: &str, detail: &str) -> (String, String, String) {
    (path.to_owned(), summary.to_owned(), detail.to_owned())
}

fn clock() -> OffsetDateTime {
    datetime!(2026-11-22 12:00 UTC)
}

async fn configured(
    attributes: &[(&str, Value)],
    environment: &[(&str, &str)],
) -> Result<Configured, Diagnostics> {
    let pairs = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    configure(&block(attributes), &pairs.collect::<Environment>(), "1.11.4", clock).await
}

/// A block that reaches `address` with static keys.
fn reaching(address: &str) -> Vec<(&'static str, Value)> {
    let address = || Value::from(address);
    vec![
        ("region", "eu-west-1".into()),
        ("access_key", "AKIAEXAMPLE".into()),
        ("secret_key", "hunter2".into()),
        ("shared_config_files", Value::list(["/dev/null"])),
        ("shared_credentials_files", Value::list(["/dev/null"])),
        ("skip_metadata_api_check", "true".into()),
        ("endpoints", nested("endpoints", &[("sts", address()), ("organizations", address())])),
    ]
}

fn caller() -> Answer {
    let body = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                <GetCallerIdentityResult><Arn>arn:aws:iam::222222222222:user/dev</Arn><UserId>AIDA</UserId>\
                <Account>222222222222</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    Answer::Says(200, body.to_owned())
}

#[test]
fn the_schema_keeps_terraforms_laws() {
    assert_eq!(schema().broken_laws(), Vec::<String>::new());
}

#[test]
fn every_setting_of_every_control_is_documented() {
    let schema = schema();
    let controls = &schema.block().attributes()["controls"];
    assert_eq!(controls.ty(), Type::Dynamic, "Terraform would drop what a nested attribute does not have");
    let arguments = controls.inside().unwrap().attributes();
    assert_eq!(arguments.len(), CONTROLS.len());
    for control in CONTROLS {
        let settings = arguments[control.argument()].inside().unwrap().attributes();
        let declared: Vec<&str> = control.settings().iter().map(|spec| spec.name).collect();
        assert!(declared.iter().all(|name| settings.contains_key(*name)), "{}", control.id());
        assert_eq!(settings.len(), declared.len(), "{}", control.id());
    }
}

#[test]
fn an_empty_block_is_valid() {
    assert!(validate(&block(&[])).is_empty());
}

#[test]
fn a_block_of_unknown_values_is_valid() {
    let names: Vec<String> = schema().block().attributes().keys().cloned().collect();
    let unknown: Vec<(&str, Value)> = names.iter().map(|name| (name.as_str(), Value::UNKNOWN)).collect();
    assert_eq!(validate(&block(&unknown)), Diagnostics::new());
}

#[test]
fn a_wrong_region_is_told() {
    assert_eq!(
        mistake(&[("region", "eu-wset-1".into())]),
        told(
            "region",
            "Invalid AWS region",
            "`eu-wset-1` is not a region that this version knows. Correct it, or set `skip_region_validation = \
             true` if AWS opened the region recently.",
        )
    );
    assert_eq!(
        mistake(&[("region", "Ireland".into())]),
        told(
            "region",
            "Invalid AWS region",
            "`Ireland` is not a region; expected a name such as `eu-west-1`."
        )
    );
    let skipping = [("region", "eu-moon-1".into()), ("skip_region_validation", true.into())];
    assert!(validate(&block(&skipping)).is_empty());
}

#[test]
fn a_setting_out_of_range_is_told_at_its_place() {
    let controls = controls("key_rotation", "max_period_in_days", 20);
    assert_eq!(
        mistake(&[("controls", controls)]),
        told(
            "controls",
            "Invalid setting of a control",
            "At `controls.key_rotation.max_period_in_days`: found is `20`; required is a whole number from 90 to 2560.",
        )
    );
}

#[test]
fn a_malformed_waiver_is_told_at_its_place() {
    assert_eq!(
        mistake(&[("waivers", waiver("key-rotation", "2027-13-31"))]),
        told(
            "waivers",
            "Invalid date in a waiver",
            "At `waivers[0].expires`: `2027-13-31` is not a date. Required is the last day of the waiver, such as `2027-01-31`.",
        )
    );
    assert_eq!(
        mistake(&[("waivers", waiver("key-rotatio", "2027-01-31"))]),
        told(
            "waivers",
            "Unknown control in a waiver",
            "At `waivers[0].control`: there is no control `key-rotatio`. The controls are `deletion-window`, `environment-boundary`, \
             `key-rotation`, `mfa-for-critical-operations`, `required-tags`.",
        )
    );
}

#[test]
fn what_cannot_be_done_is_declined_in_words() {
    assert_eq!(
        mistake(&[("insecure", true.into())]),
        told(
            "insecure",
            "Certificates are always checked",
            "`insecure` is true, which would let anybody on the way read and change what AWS is told. Remove it, and \
             name the certificate's authority with `custom_ca_bundle`.",
        )
    );
}

#[test]
fn mistakes_of_the_connection_are_told_at_their_places() {
    let role = |duration: &str| {
        let arn = "arn:aws:iam::222222222222:role/terraform";
        nested("assume_role", &[("role_arn", arn.into()), ("duration", duration.into())])
    };
    let endpoint = nested("endpoints", &[("kms", "localhost:4566".into())]);
    let both = [
        ("allowed_account_ids", Value::set(["111111111111"])),
        ("forbidden_account_ids", Value::set(["222222222222"])),
    ];
    let found = [
        mistake(&[("assume_role", role("5m"))]),
        mistake(&[("endpoints", endpoint)]),
        mistake(&[("access_key", "AKIAEXAMPLE".into())]),
        mistake(&both),
        mistake(&[("retry_mode", "legacy".into())]),
        mistake(&[("max_retries", 0.into())]),
        mistake(&[("enforcement", "strict".into())]),
        mistake(&[("environment", "moon".into())]),
    ];
    let places: Vec<&str> = found.iter().map(|(path, _, _)| path.as_str()).collect();
    assert_eq!(
        places,
        [
            "assume_role[0].duration",
            "endpoints[0].kms",
            "access_key",
            "forbidden_account_ids",
            "retry_mode",
            "max_retries",
            "enforcement",
            "environment"
        ]
    );
    assert_eq!(found[0].2, "`5m` is not a session's duration. Required is `15m` to `12h`, such as `1h30m`.");
    assert_eq!(
        found[7].2,
        "`environment` is `moon`; `allowed_environments` has `dev`, `prod`, `staging`. Correct it, or add it to `allowed_environments`."
    );
}

#[test]
fn an_alias_format_that_makes_no_alias_is_told() {
    let wrong = |format: &str| {
        let (path, summary, detail) = mistake(&[("alias_format", format.into())]);
        assert_eq!((path.as_str(), summary.as_str()), ("alias_format", "Invalid alias format"));
        detail
    };
    assert_eq!(
        wrong("{environment}/{taem}/{purpose}"),
        "Found is the placeholder `{taem}` in `alias_format`; required is one of `{environment}`, `{team}`, `{function}`, \
         `{purpose}`."
    );
    let required = "required is a format whose aliases AWS takes";
    let rule = "1 to 250 letters, digits, `/`, `_` and `-`, with or without `alias/` in front";
    let long = format!("{}/{{team}}", "x".repeat(249));
    for format in ["{team}:{purpose}", "{team} {purpose}", "{team", long.as_str()] {
        assert_eq!(wrong(format), format!("Found is `{format}` in `alias_format`; {required}: {rule}."));
    }
    assert_eq!(
        wrong("alias/aws/{team}"),
        format!(
            "Found is `alias/aws/{{team}}` in `alias_format`; {required}: a name outside `alias/aws/`, which is AWS's own."
        )
    );
    for right in ["alias/{environment}/{team}", "{environment}-{purpose}", "the-key"] {
        assert!(validate(&block(&[("alias_format", right.into())])).is_empty(), "{right}");
    }
}

#[test]
fn default_tags_that_no_key_can_have_are_told_at_their_places() {
    let wrong = |tags: Vec<(String, Value)>| {
        mistake(&[("default_tags", nested("default_tags", &[("tags", Value::map(tags))]))])
    };
    let one = |key: &str, value: Value| wrong(vec![(key.to_owned(), value)]);
    let at = |key: &str| format!("default_tags[0].tags[\"{key}\"]");
    let reserved = "required is a key that begins neither with `aws:` nor with `keyrail:`.";
    for key in ["aws:team", "keyrail:creation-id"] {
        let detail = format!("Found is `{key}`; {reserved}");
        assert_eq!(one(key, "x".into()), told(&at(key), "The tag key is reserved", &detail));
    }
    let long = "k".repeat(129);
    let detail = format!("Found is `{long}`; required is 1 to 128 characters.");
    assert_eq!(one(&long, "x".into()), told(&at(&long), "The tag key has the wrong length", &detail));
    assert_eq!(
        one("Owner", "v".repeat(257).as_str().into()),
        told(
            &at("Owner"),
            "The tag value is too long",
            "Found is 257 characters; required is at most 256 characters."
        )
    );
    assert_eq!(
        one("Owner", Value::Null),
        told(
            &at("Owner"),
            "The tag has no value",
            "Found is `Owner = null`; required is a text, which may be empty, or no such tag."
        )
    );
    let many =
        |count: usize| (0..count).map(|number| (format!("k{number}"), Value::from("v"))).collect::<Vec<_>>();
    assert_eq!(
        wrong(many(50)),
        told(
            "default_tags[0].tags",
            "Too many tags",
            "Found is 50 tags; required is at most 49: AWS allows 50, and one is the creation tag."
        )
    );
    let tags = || nested("default_tags", &[("tags", Value::map(many(50)))]);
    let ignored = nested("ignore_tags", &[("keys", Value::set(["k7"]))]);
    assert!(validate(&block(&[("default_tags", tags()), ("ignore_tags", ignored)])).is_empty());
    let later = nested("ignore_tags", &[("keys", Value::UNKNOWN)]);
    assert!(validate(&block(&[("default_tags", tags()), ("ignore_tags", later)])).is_empty());
}

#[tokio::test]
async fn a_default_tag_of_the_environment_is_told_by_its_variable() {
    let variable = [("TF_AWS_DEFAULT_TAGS_aws:team", "x")];
    let diagnostics = configured(&[("region", Value::UNKNOWN)], &variable).await.unwrap_err();
    assert_eq!(
        diagnostics.iter().map(shown).collect::<Vec<_>>(),
        [told(
            "",
            "The tag key is reserved",
            "The environment variable `TF_AWS_DEFAULT_TAGS_aws:team`: Found is `aws:team`; required is a key that begins \
             neither with `aws:` nor with `keyrail:`.",
        )]
    );
}

#[tokio::test]
async fn an_unknown_region_keeps_aws_out_of_reach_and_is_no_error() {
    let configured = configured(&[("region", Value::UNKNOWN)], &[]).await.unwrap();
    assert_eq!(
        configured.session.unwrap_err().to_string(),
        "the provider's `region` is known only after apply, so AWS cannot be asked yet"
    );
}

#[tokio::test]
async fn a_control_with_an_unknown_setting_is_undecided() {
    let controls = controls("key_rotation", "max_period_in_days", Value::UNKNOWN);
    let configured = configured(&[("region", Value::UNKNOWN), ("controls", controls)], &[]).await.unwrap();
    for controls in [&configured.undecided_controls, &configured.unsettled_controls] {
        assert_eq!(controls.iter().map(|id| id.0).collect::<Vec<_>>(), ["key-rotation"]);
    }
    let finding = finding(&configured, "key-rotation", &good_key());
    assert_eq!(
        (finding.status, finding.detail.as_str()),
        (Status::Unknown, "the control's settings in the provider block are known only after apply")
    );
}

#[tokio::test]
async fn an_unknown_waiver_leaves_open_what_it_may_concern_and_nothing_else() {
    let waivers = waiver("key-rotation", Value::UNKNOWN);
    let configured = configured(&[("region", Value::UNKNOWN), ("waivers", waivers)], &[]).await.unwrap();
    assert!(configured.unsettled_controls.is_empty());
    assert_eq!(finding(&configured, "key-rotation", &good_key()).status, Status::Pass);
    let off = RotationFacts { enabled: Fact::Known(false), period: Fact::Known(None) };
    let still = KeyFacts { rotation: Fact::Known(off), ..good_key() };
    let finding = finding(&configured, "key-rotation", &still);
    assert_eq!(
        (finding.status, finding.detail.as_str()),
        (Status::Unknown, "the control's waivers in the provider block are known only after apply")
    );
    assert!(configured.key_policy_statements(&still).known().is_some());
}

#[tokio::test]
async fn arguments_of_ours_that_are_unknown_are_named() {
    let configured = configured(
        &[("region", Value::UNKNOWN), ("environment", Value::UNKNOWN), ("enforcement", "warn".into())],
        &[],
    )
    .await
    .unwrap();
    assert_eq!(configured.unknown.into_iter().collect::<Vec<_>>(), ["environment"]);
    assert_eq!(configured.enforcement, Enforcement::Warn);
}

#[tokio::test]
async fn tags_of_block_and_environment_add_up() {
    let tags = Value::map([("Owner", Value::from("block")), ("Later", Value::UNKNOWN)]);
    let configured = configured(
        &[
            ("region", Value::UNKNOWN),
            ("default_tags", nested("default_tags", &[("tags", tags)])),
            ("ignore_tags", nested("ignore_tags", &[("key_prefixes", Value::set(["auto:"]))])),
        ],
        &[
            ("TF_AWS_DEFAULT_TAGS_Owner", "environment"),
            ("TF_AWS_DEFAULT_TAGS_BU", "it"),
            ("TF_AWS_IGNORE_TAGS_KEYS", "Patched, Scanned"),
        ],
    )
    .await
    .unwrap();
    let own = [("Name", "n"), ("auto:x", "1"), ("Patched", "yes")];
    let own = own.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let all = configured.with_default_tags(&own);
    let all: Vec<(&str, &str)> = all.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(all, [("BU", "it"), ("Name", "n"), ("Owner", "block")]);
    assert_eq!(configured.default_tags.tags.get("Later"), Some(&None));
}

#[tokio::test]
async fn an_endpoint_at_which_nothing_listens_is_told_at_its_place() {
    let mut attributes = reaching("http://127.0.0.1:1");
    attributes.push(("max_retries", 1.into()));
    let diagnostics = configured(&attributes, &[]).await.unwrap_err();
    assert_eq!(
        diagnostics.iter().map(shown).collect::<Vec<_>>(),
        [told(
            "endpoints[0].sts",
            "Cannot find out who the caller is: AWS cannot be reached",
            "STS GetCallerIdentity in region eu-west-1: no connection to `http://127.0.0.1:1`: Connection refused \
             (os error 111).\n\nCheck `region`, `endpoints` and `AWS_ENDPOINT_URL`, the proxy, and whether this \
             machine reaches the network.",
        )]
    );
}

#[tokio::test]
async fn credentials_that_aws_does_not_know_are_told() {
    let body = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                <Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.\
                </Message></Error></ErrorResponse>";
    let service = Canned::answering(vec![Answer::Says(403, body.to_owned())]).await;
    let diagnostics = configured(&reaching(&service.address), &[]).await.unwrap_err();
    assert_eq!(
        diagnostics.iter().map(shown).collect::<Vec<_>>(),
        [told(
            "access_key",
            "Cannot find out who the caller is: AWS does not accept the credentials",
            "STS GetCallerIdentity in region eu-west-1: InvalidClientTokenId: The security token included in the \
             request is invalid. (request id id-1).\n\nCheck the keys, the profile or the role in the provider block \
             and the environment. Temporary credentials expire: sign in again.",
        )]
    );
}

#[tokio::test]
async fn credentials_of_another_account_are_told() {
    let service = Canned::answering(vec![caller()]).await;
    let mut attributes = reaching(&service.address);
    attributes.push(("allowed_account_ids", Value::set(["333333333333"])));
    let diagnostics = configured(&attributes, &[]).await.unwrap_err();
    assert_eq!(
        diagnostics.iter().map(shown).collect::<Vec<_>>(),
        [told(
            "allowed_account_ids",
            "Credentials of another account",
            "The credentials belong to account 222222222222, which is not listed in `allowed_account_ids`. Use \
             credentials of the account that is meant, or correct the list.",
        )]
    );
}

#[tokio::test]
async fn terraform_and_the_provider_are_named_to_aws() {
    let service = Canned::answering(vec![caller()]).await;
    let configured =
        configured(&reaching(&service.address), &[("TF_APPEND_USER_AGENT", "ci/1")]).await.unwrap();
    assert_eq!(configured.session.as_ref().unwrap().account.as_ref().unwrap().as_str(), "222222222222");
    let sent = service.asked()[0].user_agent.clone();
    let expected =
        "Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-kms/0.1.0 ci/1 aws-sdk-rust/";
    assert!(sent.starts_with(expected), "{sent}");
}

#[tokio::test]
async fn the_organisation_is_asked_for_where_units_are_named_by_id() {
    let organization = serde_json::json!({ "Organization": {
        "Id": "o-a1b2c3d4e5", "MasterAccountId": "111111111111", "FeatureSet": "ALL",
    }});
    let service = Canned::answering(vec![caller(), Answer::Says(200, organization.to_string())]).await;
    let mut attributes = reaching(&service.address);
    let places = Value::map([("dev", "ou-ab12-11111111")]);
    attributes.push(("controls", controls("environment_boundary", "environments", places)));
    let configured = configured(&attributes, &[]).await.unwrap();
    assert_eq!(service.operations(), ["", "DescribeOrganization"]);
    let boundary = configured.catalogue.rules().find(|(control, _)| control.id().0 == "environment-boundary");
    let clauses = boundary.unwrap().1.guardrail();
    assert!(!clauses.clauses().is_empty());
}

#[tokio::test]
async fn the_organisation_is_not_asked_for_where_its_id_is_not_needed_or_given() {
    let unit = || Value::map([("dev", "ou-ab12-11111111")]);
    let path = Value::map([("dev", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/")]);
    let settings: [&[(&str, Value)]; 4] = [
        &[],
        &[("tag_key", "Stage".into())],
        &[("environments", path)],
        &[("environments", unit()), ("organization_id", "o-a1b2c3d4e5".into())],
    ];
    for settings in settings {
        let service = Canned::answering(vec![caller()]).await;
        let mut attributes = reaching(&service.address);
        let boundary = Value::object(settings.iter().map(|(name, value)| (*name, value.clone())));
        attributes.push(("controls", open(Value::object([("environment_boundary", boundary)]))));
        configured(&attributes, &[]).await.unwrap();
        assert_eq!(service.operations(), [""], "{settings:?}");
    }
}

#[tokio::test]
async fn an_account_that_may_not_ask_for_the_organisation_still_plans() {
    let denied = serde_json::json!({ "__type": "AccessDeniedException", "Message": "no" }).to_string();
    let service = Canned::answering(vec![caller(), Answer::Says(400, denied)]).await;
    let mut attributes = reaching(&service.address);
    let places = Value::map([("dev", "ou-ab12-11111111")]);
    attributes.push(("controls", controls("environment_boundary", "environments", places)));
    assert!(configured(&attributes, &[]).await.is_ok());
}

#[tokio::test]
async fn a_profile_that_is_not_there_is_told_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let shown_file = file.display().to_string();
    let with = async |profile: &str| {
        let files = || Value::list([shown_file.as_str()]);
        let attributes = [
            ("region", "eu-west-1".into()),
            ("profile", profile.into()),
            ("shared_config_files", files()),
            ("shared_credentials_files", files()),
        ];
        configured(&attributes, &[]).await
    };
    let refused = |diagnostics: Diagnostics| diagnostics.iter().map(shown).collect::<Vec<_>>();
    let told = |detail: &str| vec![told("profile", "Unusable profile", detail)];
    std::fs::write(&file, "").unwrap();
    assert_eq!(
        refused(with("prod").await.unwrap_err()),
        told(&format!(
            "Profile `prod` is not in `{shown_file}`; there are no profiles. Correct `profile`, or make the profile \
             with `aws configure --profile prod`."
        ))
    );
    std::fs::write(&file, "[profile production]\nregion = eu-west-1\n[profile dev]\nregion = eu-west-1\n")
        .unwrap();
    assert_eq!(
        refused(with("prod").await.unwrap_err()),
        told(&format!(
            "Profile `prod` is not in `{shown_file}`; did you mean `production`? Correct `profile`, or make the \
             profile with `aws configure --profile prod`."
        ))
    );
    assert_eq!(
        refused(with("x").await.unwrap_err()),
        told(&format!(
            "Profile `x` is not in `{shown_file}`; the profiles are `dev`, `production`. Correct `profile`, or make \
             the profile with `aws configure --profile x`."
        ))
    );
}
