use std::collections::BTreeMap;

use crate::controls::catalogue::Catalogue;
use crate::guardrails::layout::Layout;
use crate::model::org::TargetId;
use crate::provider::resources::kms_org_guardrails::draw::located;
use crate::provider::resources::kms_org_guardrails::wanted::Wanted;
use crate::provider::resources::kms_org_guardrails::{KmsOrgGuardrails, memory, schema, written};
use crate::tf::{Diagnostics, Resource, Type, Value};

#[test]
fn the_schema_keeps_terraforms_laws() {
    assert_eq!(KmsOrgGuardrails::default().schema().broken_laws(), Vec::<String>::new());
}

#[test]
fn tags_recall_what_an_import_needs() {
    let config = Value::object([
        (
            "ou_map",
            Value::map([("root", Value::list(["key-rotation", "deletion-window"].map(Value::string)))]),
        ),
        ("environments", Value::map([("dev", Value::string("ou-ab12-11111111"))])),
        ("exempt_principal_arns", Value::set([Value::string("arn:aws:iam::*:role/terraform")])),
        ("policy_types", Value::set([Value::string("SERVICE_CONTROL_POLICY")])),
        ("max_policy_characters", Value::from(5_000)),
        ("max_policies_per_target", Value::from(4)),
        ("enable_policy_types", Value::Bool(false)),
        ("deletion_protection", Value::Bool(false)),
    ]);
    let mut tags = memory::keep(&config);
    assert_eq!(tags["keyrail:on:root"], "key-rotation deletion-window");
    tags.insert("Owner".to_owned(), "me".to_owned());
    let (arguments, own) = memory::recall(&tags);
    assert_eq!(&arguments["ou_map"], config.attr("ou_map").unwrap());
    assert_eq!(
        tags["keyrail:arguments"],
        "characters=5000 per-target=4 types=SERVICE_CONTROL_POLICY enable=off protection=off"
    );
    for name in [
        "environments",
        "exempt_principal_arns",
        "policy_types",
        "max_policy_characters",
        "max_policies_per_target",
        "enable_policy_types",
        "deletion_protection",
    ] {
        assert_eq!(&arguments[name], config.attr(name).unwrap());
    }
    assert_eq!(own.keys().collect::<Vec<_>>(), ["Owner"]);
}

#[test]
fn what_is_long_or_empty_or_oddly_spelled_is_recalled_as_well() {
    let arn = |number: u32| format!("arn:aws:iam::*:role/platform/terraform-of-team-{number},?-x");
    let names: Vec<String> = (0..30).map(|number| format!("a-policy-by-hand-{number}")).collect();
    let config = Value::object([
        (
            "ou_map",
            Value::map([
                ("root", Value::list(names.iter().map(Value::string))),
                ("dev", Value::List(Vec::new())),
            ]),
        ),
        ("environments", Value::Map(BTreeMap::new())),
        ("policies", Value::Map(BTreeMap::new())),
        ("exempt_principal_arns", Value::set((10..40).map(|number| Value::string(arn(number))))),
        ("role_administrator_arns", Value::set(Vec::<Value>::new())),
    ]);
    let tags = memory::keep(&config);
    assert!(tags.keys().any(|key| key == "keyrail:on-2:root"), "{tags:?}");
    assert!(tags.values().all(|value| value.len() <= 256), "{tags:?}");
    let (arguments, own) = memory::recall(&tags);
    for name in ["ou_map", "environments", "policies", "exempt_principal_arns", "role_administrator_arns"] {
        assert_eq!(&arguments[name], config.attr(name).unwrap(), "{name}");
    }
    assert_eq!(own, crate::model::tag::Tags::new());
}

const TIDY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Deny","Action":"kms:*","Resource":"*","Condition":{"StringNotLike":{"aws:PrincipalOrgPath":"/root/dev/*"}}}]}"#;

fn config(values: &[(&str, Value)]) -> Value {
    let Type::Object(attributes) = schema::schema().ty() else { panic!("a schema is an object") };
    let mut config = Value::Object(attributes.into_keys().map(|name| (name, Value::Null)).collect());
    for (name, value) in values {
        config.set_attr(name, value.clone()).unwrap();
    }
    config
}

fn told(diagnostics: &Diagnostics) -> Vec<String> {
    let one = |one: &crate::tf::Diagnostic| {
        format!("{}: {}: {}", one.path.clone().unwrap(), one.summary, one.detail)
    };
    diagnostics.iter().map(one).collect()
}

#[test]
fn a_policy_keeps_its_spelling_while_it_means_the_same() {
    let of = |text: &str| config(&[("policies", Value::map([("a", Value::string(text))]))]);
    let airy = serde_json::from_str::<serde_json::Value>(TIDY).unwrap();
    let airy = serde_json::to_string_pretty(&airy).unwrap();
    let mut planned = of(&airy);
    written::keep_spelling(&mut planned, &of(TIDY));
    assert_eq!(planned, of(TIDY));
    let other = TIDY.replace("kms:*", "kms:Decrypt");
    let mut planned = of(&other);
    written::keep_spelling(&mut planned, &of(TIDY));
    assert_eq!(planned, of(&other));
}

#[test]
fn what_is_likely_no_policy_that_somebody_meant_is_said() {
    let of = |text: &str| config(&[("policies", Value::map([("a", Value::string(text))]))]);
    assert_eq!(
        told(&written::findings(&of(TIDY), &Value::Null)),
        ["policies[\"a\"]: The policy likely does not do what is meant: Found: there is no condition key \
             `aws:PrincipalOrgPath`: the condition always holds and the statement denies everybody (line 1, column 127, \
             statement `A`).\nFix: write `aws:PrincipalOrgPaths` under `ForAllValues:StringNotLike`, if that is what is meant.\nRule: Every condition key is \
             there to be tested (`condition-keys-present`)."]
    );
    assert_eq!(told(&written::findings(&of(TIDY), &of(TIDY))), [""; 0], "what is in force has been told of");
}

#[test]
fn a_policy_that_is_too_long_as_written_is_left_to_the_packer() {
    let airy = ["{\n", " ".repeat(11_000).as_str(), LEAVING.strip_prefix('{').unwrap()].concat();
    let config = config(&[("policies", Value::map([("a", Value::string(&airy))]))]);
    assert_eq!(told(&written::findings(&config, &Value::Null)), [""; 0]);
}

const LEAVING: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}"#;

#[tokio::test]
async fn a_map_that_guards_nothing_is_refused() {
    let empty = [Value::Map(BTreeMap::new()), Value::map([("root", Value::List(Vec::new()))])];
    for ou_map in empty {
        let config = config(&[("ou_map", ou_map)]);
        assert!(Wanted::read(&config, None).unwrap().unwrap().hangs_nothing());
        assert_eq!(
            told(&KmsOrgGuardrails::default().validate(&config).await),
            [
                "ou_map: Nothing to guard: `ou_map` names no control and no policy that could hang anywhere, or none of the \
              kinds in `policy_types`; required is at least one, such as `root = [\"key-rotation\"]`. To take guardrails \
              away, set `deletion_protection` to false, apply, and destroy the resource."
            ]
        );
    }
}

#[tokio::test]
async fn a_timeout_that_is_no_duration_is_refused() {
    let timeouts = Value::object(
        ["create", "read", "update", "delete"]
            .map(|name| (name, if name == "update" { Value::string("5") } else { Value::Null })),
    );
    let config = config(&[("ou_map", Value::UNKNOWN), ("timeouts", timeouts)]);
    assert_eq!(
        told(&KmsOrgGuardrails::default().validate(&config).await),
        [
            "timeouts.update: The timeout is not a duration: Found: `5`.\nRequired: a number with a unit, such as `90s` or \
          `5m`, up to 24h.\nFix: write it so, or leave it out."
        ]
    );
}

#[tokio::test]
async fn what_aws_refuses_of_tags_and_description_is_refused_at_its_place() {
    let told_of = |name: &'static str, value: Value| async move {
        let config = config(&[("ou_map", Value::UNKNOWN), (name, value)]);
        told(&KmsOrgGuardrails::default().validate(&config).await)
    };
    let tag = |key: String, value: String| Value::map([(key, Value::string(value))]);
    let text = |letter: &str, count: usize| letter.repeat(count);
    let many = Value::map((0..49).map(|number| (format!("k{number}"), Value::string("v"))));
    let cases = [
        (
            "description",
            Value::string(text("d", 513)),
            "description: The description has the wrong length: Found: 513 characters.\nRequired: 1 to 512 characters; AWS \
             ignores an empty one when a policy changes.",
        ),
        (
            "description",
            Value::string(""),
            "description: The description has the wrong length: Found: 0 characters.\nRequired: 1 to 512 characters; AWS \
             ignores an empty one when a policy changes.",
        ),
        (
            "tags",
            many,
            "tags: Too many tags: Found: 49 tags.\nRequired: at most 48: AWS allows 50, and two are our own.",
        ),
        (
            "tags",
            tag("aws:x".to_owned(), String::new()),
            "tags[\"aws:x\"]: The tag key is reserved: Found: `aws:x`.\nRequired: a key that begins neither with `aws:` \
             nor with `keyrail:`.",
        ),
        (
            "tags",
            tag("keyrail:owner".to_owned(), String::new()),
            "tags[\"keyrail:owner\"]: The tag key is reserved: Found: `keyrail:owner`.\nRequired: a key that begins \
             neither with `aws:` nor with `keyrail:`.",
        ),
        (
            "tags",
            tag(String::new(), String::new()),
            "tags[\"\"]: The tag key has the wrong length: Found: ``.\nRequired: 1 to 128 characters.",
        ),
        (
            "tags",
            tag("k".to_owned(), text("v", 257)),
            "tags[\"k\"]: The tag value is too long: Found: 257 characters.\nRequired: at most 256 characters.",
        ),
        (
            "tags",
            Value::map([("k", Value::Null)]),
            "tags[\"k\"]: The tag has no value: Found: `k = null`.\nRequired: a text, which may be empty, or no such tag.",
        ),
    ];
    for (name, value, expected) in cases {
        assert_eq!(told_of(name, value).await, [expected]);
    }
    let longest = tag(text("k", 128), text("v", 256));
    assert_eq!(told_of("tags", longest).await, Vec::<String>::new());
    assert_eq!(told_of("description", Value::string(text("d", 512))).await, Vec::<String>::new());
}

#[test]
fn an_environment_that_turns_out_to_lie_below_another_is_refused() {
    let (outer, inner) = ("ou-ab12-11111111", "ou-ab12-33333333");
    let target = |text: &str| -> TargetId { text.parse().unwrap() };
    let path = |units: &str| format!("o-a1b2c3d4e5/r-ab12/{units}/").parse().unwrap();
    let layout = Layout::new("o-a1b2c3d4e5".parse().unwrap(), "r-ab12".parse().unwrap(), None)
        .with(target(outer), path(outer))
        .with(target(inner), path(&format!("{outer}/{inner}")));
    let environments =
        [("dev", inner), ("prod", outer)].map(|(name, place)| (name.to_owned(), target(place)));
    let catalogue = Catalogue::configure(&BTreeMap::new(), Vec::new()).unwrap();
    let errors = located(&catalogue, &layout, &environments.into()).unwrap_err();
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "setting `environment_boundary.environments`: found `dev` in the place of `prod`, required is a place of its own \
          for each environment, none below another"
        ]
    );
}
