//! Plans without AWS: what follows from what, and what stays unknown.

use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;
use time::macros::datetime;

use super::{Planning, check, plan};
use crate::aws::Fault;
use crate::aws::fake::error;
use crate::controls::catalogue::Catalogue;
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::settings::SettingValue;
use crate::model::region::Partition;
use crate::provider::configured::{Configured, DefaultTags, Enforcement, IgnoredTags, NotConnected};
use crate::provider::facts;
use crate::provider::key_policy::Home;
use crate::provider::resources::secure_kms_key::import;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::schema::schema;
use crate::provider::verdicts;
use crate::tf::{Diagnostics, Field, Path, Value};

/// A configuration with these arguments; the others are null.
pub(crate) fn config(arguments: &[(&str, Value)]) -> Value {
    let mut config = import::stub(&"00000000-0000-4000-8000-000000000000".parse().unwrap());
    config.set_attr("id", Value::Null).unwrap();
    for (name, value) in arguments {
        config.set_attr(name, value.clone()).unwrap();
    }
    config
}

pub(crate) fn configured() -> Configured {
    Configured {
        session: Err(NotConnected { argument: "region".to_owned() }),
        catalogue: Catalogue::configure(&BTreeMap::new(), Vec::new()).unwrap(),
        undecided_controls: BTreeSet::new(),
        unsettled_controls: BTreeSet::new(),
        enforcement: Enforcement::Enforce,
        default_tags: DefaultTags::default(),
        ignored_tags: IgnoredTags::default(),
        environment: None,
        allowed_environments: ["dev", "prod"].map(str::to_owned).into(),
        policies_directory: None,
        alias_format: "{environment}/{team}/{function}/{purpose}".to_owned(),
        unknown: BTreeSet::new(),
        clock: now,
    }
}

fn now() -> OffsetDateTime {
    datetime!(2026-11-01 12:00 UTC)
}

pub(super) fn home() -> Home {
    Home { partition: Partition::Aws, account: "222222222222".parse().unwrap() }
}

pub(super) fn planned(
    config: &Value,
    prior: Option<&Model>,
    configured: &Configured,
) -> (Model, Diagnostics) {
    let config = Model::read(config).unwrap();
    let home = home();
    let planning = Planning { config: &config, prior, configured, home: Ok(&home), caller: None };
    let mut diagnostics = Diagnostics::new();
    let planned = plan(&planning, &mut diagnostics);
    check(&planning, &planned, &mut diagnostics);
    (planned, diagnostics)
}

fn ordinary() -> Vec<(&'static str, Value)> {
    vec![
        ("environment_name", "dev".into()),
        ("key_team", "payments".into()),
        ("key_function", "db".into()),
        ("key_purpose", "encryption".into()),
        ("tags", Value::map([("Environment", "dev")])),
    ]
}

pub(super) fn with(more: &[(&'static str, Value)]) -> Value {
    config(&[ordinary().as_slice(), more].concat())
}

/// The plan as if it had been applied.
pub(super) fn applied(planned: &Model) -> Model {
    let mut known = planned.clone();
    let id = Field::Known("00000000-0000-4000-8000-000000000000".to_owned());
    known.id = id.clone();
    known.key_id = id;
    let key = "arn:aws:kms:eu-west-1:222222222222:key/00000000-0000-4000-8000-000000000000";
    for arn in [&mut known.key_arn, &mut known.arn] {
        *arn = Field::Known(key.to_owned());
    }
    known.origin = Field::Known("AWS_KMS".to_owned());
    for field in [&mut known.key_manager, &mut known.creation_date] {
        *field = Field::Known("x".to_owned());
    }
    known.key_state = Field::Known("Enabled".to_owned());
    known.alias_arn =
        Field::Known("arn:aws:kms:eu-west-1:222222222222:alias/dev/payments/db/encryption".to_owned());
    known.deletion_date = Field::Null;
    known.next_rotation_date = Field::Known("2027-11-01T12:00:00Z".to_owned());
    known.aliases = Field::Known(["alias/a", "alias/dev/payments/db/encryption"].map(str::to_owned).into());
    known.compliance = verdicts::value(&configured().judge(&facts::planned(known.facts())));
    known
}

pub(super) fn texts(diagnostics: &Diagnostics) -> Vec<String> {
    let text = |diagnostic: &crate::tf::Diagnostic| {
        let path = diagnostic.path.as_ref().map_or_else(String::new, ToString::to_string);
        format!("{path}: {}: {}", diagnostic.summary, diagnostic.detail.replace('\n', " "))
    };
    diagnostics.iter().map(text).collect()
}

#[test]
fn the_schema_breaks_no_law() {
    assert_eq!(schema().broken_laws(), Vec::<String>::new());
    assert_eq!(schema().ty(), schema().ty());
    let whole = Model::read(&config(&[])).unwrap().write();
    assert_eq!(whole, config(&[]));
}

#[test]
fn defaults_and_names_follow_from_what_is_given() {
    let (plan, diagnostics) = planned(&with(&[]), None, &configured());
    assert_eq!(texts(&diagnostics), [""; 0]);
    assert_eq!(plan.alias_name, Field::Known("alias/dev/payments/db/encryption".to_owned()));
    assert_eq!(plan.description, Field::Known("Managed by Terraform".to_owned()));
    assert_eq!(plan.rotation_period_in_days, Field::Known(365));
    assert_eq!(plan.deletion_window_in_days, Field::Known(30));
    assert_eq!(plan.allow_iam_policies, Field::Known(true));
    assert!(plan.effective_policy.clone().known().unwrap().contains("AccountAndItsIdentityPolicies"));
    assert_eq!(plan.id, Field::Unknown);
}

#[test]
fn an_applied_plan_plans_nothing() {
    let (first, _) = planned(&with(&[]), None, &configured());
    let state = applied(&first);
    let (second, diagnostics) = planned(&with(&[]), Some(&state), &configured());
    assert_eq!(texts(&diagnostics), [""; 0]);
    assert_eq!(second, state);
}

#[test]
fn a_change_reaches_only_what_hangs_on_it() {
    let (first, _) = planned(&with(&[]), None, &configured());
    let state = applied(&first);
    let change =
        |arguments: &[(&'static str, Value)]| planned(&with(arguments), Some(&state), &configured()).0;
    let described = Field::Known("new".to_owned());
    assert_eq!(
        change(&[("description", "new".into())]),
        Model { description: described.clone(), key_description: described, ..state.clone() }
    );
    assert_eq!(
        change(&[("deletion_protection", false.into())]),
        Model { deletion_protection: Field::Known(false), ..state.clone() }
    );
    let off = change(&[("is_enabled", false.into())]);
    assert_eq!(verdict(&off, "key-rotation").attr("status").unwrap(), &Value::from("not_applicable"));
    assert_eq!(
        off,
        Model {
            is_enabled: Field::Known(false),
            key_state: Field::Known("Disabled".to_owned()),
            next_rotation_date: Field::Unknown,
            compliance: off.compliance.clone(),
            ..state.clone()
        }
    );
    assert_eq!(
        change(&[("alias_name", "new".into())]),
        Model {
            alias_name: Field::Known("new".to_owned()),
            alias_arn: Field::Known("arn:aws:kms:eu-west-1:222222222222:alias/new".to_owned()),
            aliases: Field::Known(["alias/a", "alias/new"].map(str::to_owned).into()),
            ..change(&[("alias_name", "new".into())])
        }
    );
}

/// The verdict of one control in a plan.
fn verdict(plan: &Model, control: &str) -> Value {
    let path = Path::attribute("verdicts").key(control);
    plan.compliance.at(&path).unwrap().clone()
}

#[test]
fn a_change_of_a_tag_leaves_every_other_verdict_as_it_was() {
    let mut configured = configured();
    configured.enforcement = Enforcement::Warn;
    let (first, _) = planned(&with(&[]), None, &configured);
    let state = applied(&first);
    let all = ["BU", "BusinessOwner", "TechnicalOwner", "ProjectManager", "Project", "Owner"];
    let tags = |owner: Value| {
        let tags = all.iter().map(|key| (*key, Value::from("x"))).chain([("Environment", "dev".into())]);
        Value::map(tags.chain([("Owner", owner)]))
    };
    assert_eq!(verdict(&state, "required-tags").attr("status").unwrap(), &Value::from("fail"));
    let (mended, _) = planned(&with(&[("tags", tags("me".into()))]), Some(&state), &configured);
    assert_eq!(verdict(&mended, "required-tags").attr("status").unwrap(), &Value::from("pass"));
    assert_eq!(verdict(&mended, "key-rotation"), verdict(&state, "key-rotation"));
    let Model { tags: own, tags_all, compliance, .. } = mended.clone();
    assert_eq!(mended, Model { tags: own, tags_all, compliance, ..state.clone() });
    assert!(mended.compliance.is_wholly_known());

    let (open, _) = planned(&with(&[("tags", tags(Value::UNKNOWN))]), Some(&state), &configured);
    assert_eq!(verdict(&open, "required-tags"), Value::UNKNOWN);
    assert_eq!(verdict(&open, "key-rotation"), verdict(&state, "key-rotation"));
}

#[test]
fn a_failing_verdict_is_certain_only_when_nothing_is_left_open() {
    let (first, _) = planned(&with(&[]), None, &configured());
    let state = applied(&first);
    let tags = |value: Value| Value::map([("Environment", "dev".into()), ("Owner", value)]);
    let (open, _) = planned(&with(&[("tags", tags(Value::UNKNOWN))]), Some(&state), &configured());
    assert_eq!(verdict(&open, "required-tags"), Value::UNKNOWN);
    let (known, _) = planned(&with(&[("tags", tags("me".into()))]), Some(&state), &configured());
    assert_eq!(verdict(&known, "required-tags").attr("status").unwrap(), &Value::from("fail"));
    assert_eq!(known.compliance.attr("compliant").unwrap(), &Value::from(false));
}

#[test]
fn a_verdict_that_the_plan_cannot_explain_stays_while_its_facts_do() {
    let (first, _) = planned(&with(&[]), None, &configured());
    let mut state = applied(&first);
    let path = Path::attribute("verdicts").key("key-rotation").attr("status");
    state.compliance.replace(&path, "unknown".into()).unwrap();
    let (described, _) = planned(&with(&[("description", "new".into())]), Some(&state), &configured());
    assert_eq!(described.compliance, state.compliance);
    let (slower, _) = planned(&with(&[("rotation_period_in_days", 180.into())]), Some(&state), &configured());
    assert_eq!(verdict(&slower, "key-rotation"), Value::UNKNOWN);
    assert_eq!(slower.next_rotation_date, Field::Unknown);
}

#[test]
fn a_verdict_that_waited_for_the_provider_block_is_made_anew() {
    let (first, _) = planned(&with(&[]), None, &configured());
    let mut state = applied(&first);
    let mut waiting = configured();
    waiting.unsettled_controls = [ControlId("key-rotation")].into();
    state.compliance = verdicts::value(&waiting.judge(&facts::planned(state.facts())));
    for configured in [waiting, configured()] {
        let (described, _) = planned(&with(&[("description", "new".into())]), Some(&state), &configured);
        assert_eq!(verdict(&described, "key-rotation"), Value::UNKNOWN);
        assert_eq!(verdict(&described, "deletion-window").attr("status").unwrap(), &Value::from("pass"));
    }
}

#[test]
fn unknown_arguments_make_unknown_what_hangs_on_them_and_are_no_errors() {
    for (name, value) in ordinary().into_iter().chain([
        ("alias_name", Value::UNKNOWN),
        ("key_policy", Value::UNKNOWN),
        ("custom_policy", Value::UNKNOWN),
        ("enable_key_rotation", Value::UNKNOWN),
        ("rotation_period_in_days", Value::UNKNOWN),
        ("is_enabled", Value::UNKNOWN),
        ("key_owners", Value::UNKNOWN),
        ("key_users", Value::Set(vec![Value::UNKNOWN])),
    ]) {
        let value =
            if ordinary().iter().any(|(ordinary, _)| *ordinary == name) { Value::UNKNOWN } else { value };
        let (plan, diagnostics) = planned(&with(&[(name, value.clone())]), None, &configured());
        assert_eq!(texts(&diagnostics), [""; 0], "{name}");
        assert_eq!(plan.clone().write().attr(name).unwrap(), &value, "{name}");
        let unknown_policy = ["key_policy", "custom_policy", "key_owners", "key_users"].contains(&name);
        assert_eq!(plan.effective_policy.is_unknown(), unknown_policy, "{name}");
    }
}

#[test]
fn a_provider_block_that_is_not_known_yet_leaves_open_what_hangs_on_it() {
    let mut configured = configured();
    configured.unknown = ["alias_format", "environment", "ignore_tags"].into();
    let arguments = [("key_team", "a".into()), ("tags", Value::map([("k", "v")]))];
    let (plan, diagnostics) = planned(&config(&arguments), None, &configured);
    assert_eq!(texts(&diagnostics), [""; 0]);
    assert!(plan.alias_name.is_unknown());
    assert!(plan.environment_name.is_unknown());
    assert!(plan.tags_all.is_unknown());
}

#[test]
fn tags_of_the_provider_lie_under_those_of_the_key() {
    let mut configured = configured();
    let default = |key: &str, value: Option<&str>| (key.to_owned(), value.map(str::to_owned));
    configured.default_tags.tags = [default("Owner", Some("all")), default("Cost", None)].into();
    configured.ignored_tags.keys = ["Auto".to_owned()].into();
    let tags = Value::map([("Environment", "dev"), ("Owner", "me"), ("Auto", "x")]);
    let (plan, _) = planned(&with(&[("tags", tags)]), None, &configured);
    let all = plan.tags_all.known().unwrap();
    assert_eq!(all["Owner"], Field::Known("me".to_owned()));
    assert_eq!(all["Cost"], Field::Unknown);
    assert_eq!(all.len(), 3);
}

#[test]
fn tags_of_the_provider_count_against_the_quota() {
    let mut configured = configured();
    configured.default_tags.tags =
        (0..25).map(|number| (format!("d{number}"), Some("v".to_owned()))).collect();
    let tags =
        |count: i32| with(&[("tags", Value::map((0..count).map(|number| (format!("k{number}"), "v"))))]);
    let refused = |count| {
        let (_, diagnostics) = planned(&tags(count), None, &configured);
        texts(&diagnostics).into_iter().filter(|text| text.contains("Too many tags")).collect::<Vec<_>>()
    };
    assert_eq!(refused(24), [""; 0]);
    assert_eq!(
        refused(25),
        [
            "tags: Too many tags: Found: 50 tags: 25 of the key, and more in the provider's `default_tags`. Required: at \
          most 49: AWS allows 50, and one is the creation tag. Fix: remove tags from `tags` or `default_tags`."
        ]
    );
}

#[test]
fn a_value_that_cannot_be_read_is_told_at_its_argument() {
    let error = Model::read(&with(&[("rotation_period_in_days", u64::MAX.into())])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at `rotation_period_in_days`: `18446744073709551615` is not a whole number of 64 bits"
    );
}

#[test]
fn a_policy_that_says_the_same_keeps_its_spelling() {
    let text = |action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"222222222222"}},"Action":{action},"Resource":"*"}}]}}"#
        )
    };
    let (first, _) = planned(&with(&[("key_policy", text("\"kms:*\"").into())]), None, &configured());
    let state = applied(&first);
    let (same, _) =
        planned(&with(&[("key_policy", text("[\"KMS:*\"]").into())]), Some(&state), &configured());
    assert_eq!(same, state);
    let (other, _) =
        planned(&with(&[("key_policy", text("\"kms:Get*\"").into())]), Some(&state), &configured());
    assert_eq!(other.effective_policy, Field::Known(text("\"kms:Get*\"")));
    let (generated, _) = planned(&with(&[]), Some(&state), &configured());
    assert_eq!(generated.key_policy, Field::Null);
    assert!(generated.effective_policy.known().unwrap().contains("AccountAndItsIdentityPolicies"));
}

#[test]
fn a_key_never_changes_its_environment_or_its_kind_unless_it_may_be_replaced() {
    let (first, _) = planned(&with(&[]), None, &configured());
    let state = applied(&first);
    let prod = [("environment_name", Value::from("prod")), ("tags", Value::map([("Environment", "prod")]))];
    let (_, diagnostics) = planned(&with(&prod), Some(&state), &configured());
    assert_eq!(
        texts(&diagnostics),
        [
            "environment_name: The change needs another key: Found: `environment_name` changes from `dev` to `prod`, which \
          a KMS key cannot do. Required: the same value, because what this key encrypted stays bound to it. Fix: add a \
          second `secure_kms_key` and move the data over; or set `allow_replacement = true` to replace this key, whose \
          data is then readable only until it is deleted."
        ]
    );
    let replaced = [("multi_region", true.into()), ("allow_replacement", true.into())];
    let (plan, _) = planned(&with(&replaced), Some(&state), &configured());
    assert_eq!(super::replaced(&state, &plan), [Path::attribute("multi_region")]);
}

#[test]
fn a_replacement_is_refused_where_destroying_is_and_where_the_alias_would_not_be_free() {
    let change = [("multi_region", true.into()), ("allow_replacement", true.into())];
    let said = |settings: &[(&'static str, Value)]| {
        let (first, _) = planned(&with(settings), None, &configured());
        let (_, diagnostics) =
            planned(&with(&[settings, &change].concat()), Some(&applied(&first)), &configured());
        texts(&diagnostics)
    };
    let refused = said(&[]);
    assert_eq!(refused.len(), 1);
    assert!(
        refused[0].starts_with("deletion_protection: The key is protected from deletion: Found: a plan that")
    );
    let key = "the key `00000000-0000-4000-8000-000000000000` (`alias/dev/payments/db/encryption`)";
    let open = ("deletion_protection", Value::from(false));
    assert_eq!(
        said(&[open.clone(), ("on_destroy", "retain".into())]),
        [format!(
            "on_destroy: The old key would keep the alias: Found: a plan that replaces {key}, and `on_destroy = \
             \"retain\"`, with which the old key keeps `alias/dev/payments/db/encryption`. Required: an alias that is \
             free once the old key is destroyed. Fix: set `on_destroy = \"schedule_deletion\"` and apply before; or give \
             the new key another `alias_name`."
        )]
    );
    let warned = said(&[open]);
    assert_eq!(warned.len(), 1);
    assert!(
        warned[0].starts_with(&format!(": The key will be deleted: The deletion of {key}")),
        "{warned:?}"
    );
}

#[test]
fn the_rotation_of_a_disabled_key_is_left_alone() {
    let off = ("is_enabled", Value::from(false));
    let (first, _) = planned(&with(std::slice::from_ref(&off)), None, &configured());
    let state = Model { next_rotation_date: Field::Null, ..applied(&first) };
    let slower = ("rotation_period_in_days", Value::from(180));
    let (_, refused) = planned(&with(&[off.clone(), slower.clone()]), Some(&state), &configured());
    assert_eq!(
        texts(&refused),
        [
            "rotation_period_in_days: The rotation of a disabled key cannot be changed: Found: `rotation_period_in_days` \
          changes on the key `00000000-0000-4000-8000-000000000000` (`alias/dev/payments/db/encryption`), which is and \
          stays disabled. Required: an enabled key; AWS changes no rotation of a disabled one. Fix: set `is_enabled = \
          true` in the same change, or leave the rotation as it is."
        ]
    );
    let (_, enabled) = planned(&with(&[slower]), Some(&state), &configured());
    assert_eq!(texts(&enabled), [""; 0]);
}

#[test]
fn a_change_that_only_the_state_keeps_is_silent() {
    let (first, _) = planned(&with(&[]), None, &configured());
    let mut state = applied(&first);
    let silent = |state: &Model, arguments: &[(&'static str, Value)]| {
        let (plan, _) = planned(&with(arguments), Some(state), &configured());
        super::is_silent(state, &plan)
    };
    for kept in [
        ("deletion_protection", Value::from(false)),
        ("on_destroy", "retain".into()),
        ("deletion_window_in_days", 20.into()),
    ] {
        assert!(silent(&state, std::slice::from_ref(&kept)), "{kept:?}");
    }
    assert!(!silent(&state, &[("description", "new".into())]));
    state.key_state = Field::Known("PendingDeletion".to_owned());
    assert!(!silent(&state, &[]), "the deletion is taken back");
    assert!(silent(&state, &[("restore_if_pending_deletion", false.into())]));
}

#[test]
fn an_alias_that_the_provider_makes_is_checked_like_one_that_is_given() {
    let mut configured = configured();
    configured.alias_format = "{environment}/{taem}/{function}".to_owned();
    let (_, diagnostics) = planned(&with(&[]), None, &configured);
    assert_eq!(
        texts(&diagnostics),
        [
            "alias_name: The alias is not one that AWS accepts: Found: `alias/dev/{taem}/db`. Required: 1 to 250 letters, \
          digits, `/`, `_` and `-`, with or without `alias/` in front. Fix: correct the names it is made of, or the \
          provider's `alias_format` (`{environment}/{taem}/{function}`)."
        ]
    );
}

#[test]
fn a_policy_that_no_apply_could_generate_is_refused_with_what_is_missing() {
    let places = [("dev".to_owned(), "ou-ab12-11111111".to_owned())].into();
    let boundary = [("environments".to_owned(), SettingValue::TextByName(places))].into();
    let settings = [("environment_boundary".to_owned(), boundary)].into();
    let mut configured = configured();
    configured.catalogue = Catalogue::configure(&settings, Vec::new()).unwrap();
    let (plan, diagnostics) = planned(&with(&[]), None, &configured);
    assert!(plan.effective_policy.is_unknown());
    assert_eq!(
        texts(&diagnostics),
        [
            ": The key policy cannot be generated: Found: the id of the organisation is not known; set `organization_id` of \
          `environment_boundary`, or write its `environments` as full paths (control `environment-boundary`). Required: \
          all that the generated policy is made of; an apply would not find it out either. Fix: give what is missing, or \
          give the policy as `key_policy`."
        ]
    );
    let later = ("tags", Value::map([("Environment", Value::UNKNOWN)]));
    let (_, diagnostics) = planned(&with(&[later]), None, &configured);
    assert_eq!(texts(&diagnostics), [""; 0]);
    configured.unsettled_controls = [ControlId("environment-boundary")].into();
    let (_, diagnostics) = planned(&with(&[]), None, &configured);
    assert_eq!(texts(&diagnostics), [""; 0]);
}

#[test]
fn an_account_that_aws_does_not_tell_is_said_and_not_called_a_bug() {
    let config = Model::read(&with(&[])).unwrap();
    let configured = configured();
    let denied = error("GetCallerIdentity", Fault::AccessDenied);
    let home = Err(Some(&denied));
    let planning = Planning { config: &config, prior: None, configured: &configured, home, caller: None };
    let mut diagnostics = Diagnostics::new();
    plan(&planning, &mut diagnostics);
    assert_eq!(
        texts(&diagnostics),
        [": The key policy cannot be generated: Found: the account is not known: KMS GetCallerIdentity: \
          AccessDeniedException: as told (request id 8a1c). Required: all that the generated policy is made of; an apply \
          would not find it out either. Fix: allow `sts:GetCallerIdentity`, or give the policy as `key_policy`."]
    );
}

#[test]
fn a_pattern_of_another_account_is_refused_because_it_would_match_nobody() {
    let users = |arn: &str| with(&[("key_users", Value::set([arn]))]);
    let (_, diagnostics) = planned(&users("arn:aws:iam::333333333333:role/app-*"), None, &configured());
    assert_eq!(
        texts(&diagnostics),
        [
            "key_users: The pattern names another account: Found: `arn:aws:iam::333333333333:role/app-*`. Required: a \
          pattern of account 222222222222, the key's own; a pattern of another account matches nobody. Fix: name the \
          roles of that account by their whole ARNs."
        ]
    );
    for fine in ["arn:aws:iam::333333333333:role/app", "arn:aws:iam::222222222222:role/app-*"] {
        assert_eq!(texts(&planned(&users(fine), None, &configured()).1), [""; 0], "{fine}");
    }
}

#[test]
fn a_key_with_imported_material_does_not_rotate_unless_it_is_told_to() {
    let (first, _) = planned(&with(&[("enable_key_rotation", false.into())]), None, &configured());
    let state = Model {
        origin: Field::Known("EXTERNAL".to_owned()),
        next_rotation_date: Field::Null,
        ..applied(&first)
    };
    let state =
        Model { compliance: verdicts::value(&configured().judge(&facts::planned(state.facts()))), ..state };
    assert_eq!(verdict(&state, "key-rotation").attr("status").unwrap(), &Value::from("not_applicable"));
    let (second, diagnostics) = planned(&with(&[]), Some(&state), &configured());
    assert_eq!(texts(&diagnostics), [""; 0]);
    assert_eq!(second, state);
}

#[test]
fn a_wrong_environment_is_refused() {
    let (_, diagnostics) = planned(&with(&[("environment_name", "test".into())]), None, &configured());
    assert_eq!(
        texts(&diagnostics),
        [
            "environment_name: The key is in the wrong environment: Found: environment `test`. Required: one of the \
             provider's `allowed_environments`: `dev`, `prod`. Fix: use one of these, or add it to the provider's \
             `allowed_environments`.",
            "tags[\"Environment\"]: The key is in the wrong environment: Found: the tag `Environment` is `dev`. Required: \
             `test`, the key's environment. Fix: make tag and `environment_name` agree; case counts.",
        ]
    );
}

#[test]
fn a_key_without_any_name_is_refused() {
    let (_, diagnostics) = planned(&config(&[]), None, &configured());
    assert_eq!(
        texts(&diagnostics),
        [
            "alias_name: The key has no alias: Found: neither `alias_name` nor `environment_name`, `key_team`, \
          `key_function`, `key_purpose`. Required: an alias; the provider makes it as \
          `{environment}/{team}/{function}/{purpose}`. Fix: set `alias_name`, or set `environment_name`, `key_team`, \
          `key_function`, `key_purpose`."
        ]
    );
}

#[test]
fn a_scheduled_deletion_is_planned_to_be_taken_back() {
    let (first, _) = planned(&with(&[]), None, &configured());
    let mut state = applied(&first);
    state.key_state = Field::Known("PendingDeletion".to_owned());
    state.deletion_date = Field::Known("2026-12-01T12:00:00Z".to_owned());
    let (plan, _) = planned(&with(&[]), Some(&state), &configured());
    assert_eq!((plan.key_state, plan.deletion_date), (Field::Known("Enabled".to_owned()), Field::Null));
    let left = [("restore_if_pending_deletion", false.into())];
    state.restore_if_pending_deletion = Field::Known(false);
    assert_eq!(planned(&with(&left), Some(&state), &configured()).0, state);
}

#[test]
fn a_protected_key_is_not_destroyed() {
    let (first, _) = planned(&with(&[]), None, &configured());
    let mut state = applied(&first);
    assert_eq!(
        texts(&super::destroy(&state, now())),
        ["deletion_protection: The key is protected from deletion: Found: a plan that destroys the key \
          `00000000-0000-4000-8000-000000000000` (`alias/dev/payments/db/encryption`), and `deletion_protection = true`. \
          Required: `deletion_protection = false` in the state before a destroy. Fix: set `deletion_protection = false`, \
          apply, and destroy then."]
    );
    state.deletion_protection = Field::Known(false);
    assert_eq!(
        texts(&super::destroy(&state, now())),
        [": The key will be deleted: The deletion of the key `00000000-0000-4000-8000-000000000000` \
          (`alias/dev/payments/db/encryption`) will be scheduled with a window of 30 days: on 2026-12-01 AWS deletes it, \
          and what it encrypted can never be read again. Until then the deletion can be cancelled."]
    );
    for (on_destroy, told) in [
        (
            "retain",
            [": The key will be kept: The key `00000000-0000-4000-8000-000000000000` \
              (`alias/dev/payments/db/encryption`) stays as it is, with its alias and in use, and leaves the state."],
        ),
        (
            "disable",
            [": The key will be disabled: The key `00000000-0000-4000-8000-000000000000` \
              (`alias/dev/payments/db/encryption`) stays with its alias, disabled, and leaves the state."],
        ),
    ] {
        state.on_destroy = Field::Known(on_destroy.to_owned());
        assert_eq!(texts(&super::destroy(&state, now())), told);
    }
}
