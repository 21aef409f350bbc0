//! Which key is meant, and the shape of the answer.

use time::macros::datetime;

use super::{Lookup, schema, state};
use crate::aws::fake::{FakeKms, Trouble};
use crate::aws::{CreateKey, Fault, Kms};
use crate::controls::catalogue::Catalogue;
use crate::model::key::{KeySpec, KeyUsage};
use crate::provider::configured::{Configured, DefaultTags, Enforcement, IgnoredTags, NotConnected};
use crate::provider::live_key::LiveKey;
use crate::tf::{Type, Value};

fn configured() -> Configured {
    Configured {
        session: Err(NotConnected { argument: "region".to_owned() }),
        catalogue: Catalogue::configure(&[].into(), Vec::new()).unwrap(),
        undecided_controls: [].into(),
        unsettled_controls: [].into(),
        enforcement: Enforcement::Enforce,
        default_tags: DefaultTags::default(),
        ignored_tags: IgnoredTags::default(),
        environment: Some("dev".to_owned()),
        allowed_environments: [].into(),
        policies_directory: None,
        alias_format: "{environment}/{team}/{function}/{purpose}".to_owned(),
        unknown: [].into(),
        clock: || datetime!(2026-11-01 12:00 UTC),
    }
}

fn lookup(arguments: &[(&str, &str)]) -> Lookup {
    let Type::Object(attributes) = schema::schema().ty() else { panic!("a schema is an object") };
    let given = |name: &String| arguments.iter().find(|(argument, _)| argument == name);
    let value = |name: String| {
        let value = given(&name).map(|(_, value)| Value::from(*value)).unwrap_or_default();
        (name, value)
    };
    Lookup::read(&Value::Object(attributes.into_keys().map(value).collect())).unwrap()
}

#[test]
fn the_schema_breaks_no_law() {
    assert_eq!(schema::schema().broken_laws(), Vec::<String>::new());
}

#[test]
fn a_key_is_named_in_exactly_one_way() {
    for right in [
        vec![("key_id", "x")],
        vec![("alias_name", "x")],
        vec![("key_team", "a"), ("key_function", "b"), ("key_purpose", "c")],
        vec![("environment_name", "dev"), ("alias_name", "x")],
    ] {
        assert!(lookup(&right).check().is_empty(), "{right:?}");
    }
    let wrong = lookup(&[("key_id", "x"), ("alias_name", "y")]).check();
    let wrong: Vec<&str> = wrong.iter().map(|diagnostic| diagnostic.detail.as_str()).collect();
    assert_eq!(
        wrong,
        [
            "Found: several arguments that name a key.\nRequired: one of `key_id` (an id, ARN, alias or alias ARN), \
          `alias_name`, or `environment_name`, `key_team`, `key_function` and `key_purpose` together."
        ]
    );
    assert!(lookup(&[]).check().has_errors());
}

#[test]
fn the_environment_of_the_provider_completes_the_names() {
    let names = lookup(&[("key_team", "a"), ("key_function", "b"), ("key_purpose", "c")]);
    assert_eq!(names.alias(&configured()).unwrap(), "alias/dev/a/b/c");
    let detail = lookup(&[("key_team", "a")]).alias(&configured()).unwrap_err().detail;
    assert_eq!(
        detail,
        "Found: no `key_function`, `key_purpose`.\nRequired: every name that the provider's `alias_format` \
         (`{environment}/{team}/{function}/{purpose}`) is made of."
    );
}

#[tokio::test]
async fn what_may_not_be_read_is_null_and_makes_no_key_compliant() {
    let kms = FakeKms::default();
    let request = CreateKey {
        description: "mine".to_owned(),
        policy: "{}".to_owned(),
        tags: [].into(),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        multi_region: false,
        bypass_lockout_check: false,
    };
    let id = kms.create_key(&request).await.unwrap().id;
    for call in ["GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags", "ListAliases"] {
        kms.script(call, 1, Trouble::Refused(Fault::AccessDenied));
    }
    let live = LiveKey::read(&kms, &id).await.unwrap().unwrap();
    let answer = state(&live, &lookup(&[("key_id", id.as_str())]), &configured());
    let Value::Object(attributes) = &answer else { panic!("an answer is an object") };
    let Type::Object(types) = schema::schema().ty() else { panic!("a schema is an object") };
    assert!(attributes.keys().eq(types.keys()));
    for gap in ["policy", "tags", "key_rotation_enabled", "aliases", "alias_name"] {
        assert!(answer.attr(gap).unwrap().is_null(), "{gap}");
    }
    assert_eq!(answer.attr("description").unwrap(), &Value::from("mine"));
    let compliance = answer.attr("compliance").unwrap();
    assert_eq!(compliance.attr("compliant").unwrap(), &Value::from(false));
    let verdicts = compliance.attr("verdicts").unwrap().entries().unwrap().known().unwrap();
    assert_eq!(verdicts["key-rotation"].attr("status").unwrap(), &Value::from("unknown"));
}
