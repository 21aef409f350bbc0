//! The two facets of every control agree: what would bring a key into a
//! violated state is denied by that control's own statements, and what leaves
//! it satisfied is not. Loops over the registry; a new control is held to it
//! by its line there and its case folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use keyrail::controls::catalogue::Catalogue;
use keyrail::controls::contract::facts::{DeletionFacts, KeyFacts, MultiRegionRole, RotationFacts};
use keyrail::controls::contract::finding::Status;
use keyrail::controls::contract::guardrail::{Clause, Scope};
use keyrail::controls::contract::settings::{SettingKind, SettingValue, Settings};
use keyrail::controls::contract::verdict::Verdict;
use keyrail::controls::{CONTROLS, Control, Rule};
use keyrail::iam::evaluate::{
    Caller, Compiled, Context, Decision, Level, Organisation, Outcome, Policies, Request, evaluate,
};
use keyrail::iam::policy::{Document, PrincipalSet, Statement};
use keyrail::model::fact::Fact;
use keyrail::model::key::{KeyManager, KeyOrigin, KeySpec, KeyState, KeyUsage};
use keyrail::model::org::PolicyType;
use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::date;

const PROD: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/";
const DEV: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333333333333:root"},"Action":"kms:*","Resource":"*"}]}"#;
const WINDOW: &str = "kms:ScheduleKeyDeletionPendingWindowInDays";
const PERIOD: &str = "kms:RotationPeriodInDays";

/// One change that somebody asks AWS for.
#[derive(Debug, Clone)]
enum Change {
    DisableRotation,
    EnableRotation(u16),
    ScheduleDeletion(u16),
    Create(BTreeMap<String, String>),
    Tag(String, String),
    Untag(String),
}

impl Change {
    fn ask(&self, key: &KeyFacts) -> (&'static str, Context) {
        let tags = |tags: &BTreeMap<String, String>| {
            let context = Context::new().with_list("aws:TagKeys", tags.keys().cloned());
            tags.iter()
                .fold(context, |context, (key, value)| context.with(&format!("aws:RequestTag/{key}"), value))
        };
        let carried = |context: Context| {
            let tags = key.tags.known().unwrap();
            tags.iter().fold(context, |context, (key, value)| {
                context.with(&format!("aws:ResourceTag/{key}"), value.known().unwrap())
            })
        };
        match self {
            Self::DisableRotation => ("kms:DisableKeyRotation", Context::new()),
            Self::EnableRotation(days) => {
                ("kms:EnableKeyRotation", Context::new().with(PERIOD, days.to_string()))
            }
            Self::ScheduleDeletion(days) => {
                ("kms:ScheduleKeyDeletion", Context::new().with(WINDOW, days.to_string()))
            }
            Self::Create(with) => ("kms:CreateKey", tags(with)),
            Self::Tag(key, value) => {
                ("kms:TagResource", carried(tags(&BTreeMap::from([(key.clone(), value.clone())]))))
            }
            Self::Untag(key) => {
                ("kms:UntagResource", carried(Context::new().with_list("aws:TagKeys", [key.clone()])))
            }
        }
    }

    /// The key as it is when AWS has done it.
    fn done(&self, mut key: KeyFacts) -> KeyFacts {
        let rotation = |enabled, period| {
            Fact::Known(RotationFacts { enabled: Fact::Known(enabled), period: Fact::Known(period) })
        };
        let mut tags = key.tags.known().unwrap().clone();
        match self {
            Self::DisableRotation => key.rotation = rotation(false, None),
            Self::EnableRotation(days) => key.rotation = rotation(true, Some(*days)),
            Self::ScheduleDeletion(days) => {
                key.deletion = Fact::Known(DeletionFacts::Planned { window: Fact::Known(i64::from(*days)) });
            }
            Self::Create(with) => {
                tags = with.iter().map(|(key, value)| (key.clone(), Fact::Known(value.clone()))).collect();
            }
            Self::Tag(key, value) => drop(tags.insert(key.clone(), Fact::Known(value.clone()))),
            Self::Untag(key) => drop(tags.remove(key)),
        }
        key.tags = Fact::Known(tags);
        key
    }
}

fn settings_of(control: &dyn Control) -> Settings {
    let texts = |texts: &[&str]| SettingValue::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
    let by_name = |pairs: &[(&str, &str)]| {
        SettingValue::TextByName(
            pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
        )
    };
    let chosen: &[(&str, SettingValue)] = match control.id().0 {
        "deletion-window" => &[("min_days", SettingValue::Integer(14))],
        "environment-boundary" => &[("environments", by_name(&[("dev", DEV), ("prod", PROD)]))],
        "key-rotation" => &[
            ("min_period_in_days", SettingValue::Integer(120)),
            ("max_period_in_days", SettingValue::Integer(400)),
        ],
        "required-tags" => &[
            ("keys", texts(&["Owner", "Environment"])),
            (
                "allowed_values",
                SettingValue::TextsByName(BTreeMap::from([(
                    "Environment".to_owned(),
                    BTreeSet::from(["dev".to_owned(), "prod".to_owned()]),
                )])),
            ),
        ],
        _ => &[],
    };
    chosen.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn good_key(rule: &dyn Rule) -> KeyFacts {
    let tags = [("Owner", "me"), ("Environment", "prod")];
    let tags = tags.map(|(key, value)| (key.to_owned(), Fact::Known(value.to_owned()))).into();
    let mut key = KeyFacts {
        id: Fact::Known(None),
        arn: Fact::Known(None),
        aliases: Fact::Known(Vec::new()),
        manager: Fact::Known(KeyManager::Customer),
        state: Fact::Known(KeyState::Enabled),
        spec: Fact::Known(KeySpec::SymmetricDefault),
        usage: Fact::Known(KeyUsage::EncryptDecrypt),
        origin: Fact::Known(KeyOrigin::AwsKms),
        multi_region: Fact::Known(MultiRegionRole::SingleRegion),
        rotation: Fact::Known(RotationFacts { enabled: Fact::Known(true), period: Fact::Known(Some(365)) }),
        deletion: Fact::Known(DeletionFacts::Planned { window: Fact::Known(30) }),
        tags: Fact::Known(tags),
        policy: Fact::Known(POLICY.to_owned()),
    };
    key.policy = Fact::Known(own_policy(rule, &key));
    key
}

fn own_policy(rule: &dyn Rule, key: &KeyFacts) -> String {
    let statements = rule.key_policy_statements(key).known().unwrap().clone();
    if statements.is_empty() { POLICY.to_owned() } else { Document::new(statements).to_json() }
}

/// The clauses that hang over a key of `prod`, in each kind of policy.
fn stack(rule: &dyn Rule, policy_type: PolicyType) -> Vec<Level> {
    let over_prod = |clause: &&Clause| match &clause.scope {
        Scope::WherePlaced | Scope::RootFor(_) => true,
        Scope::UnitOf(environment) => environment.name == "prod",
    };
    let guardrail = rule.guardrail();
    let clauses = guardrail.clauses().iter().filter(over_prod).filter(|clause| clause.vehicle == policy_type);
    let statements: Vec<Statement> =
        clauses.map(|clause| clause.statement_exempting(&BTreeSet::new())).collect();
    let mut policies = Vec::new();
    if policy_type == PolicyType::ServiceControl {
        policies.push(Compiled::new(&Document::new([Statement::allow("Everything").actions(["*"])])));
    }
    if !statements.is_empty() {
        policies.push(Compiled::new(&Document::new(statements)));
    }
    vec![Level::new("r-ab12", policies)]
}

struct Asker {
    account: &'static str,
    path: &'static str,
}

const INSIDE: Asker = Asker { account: "333333333333", path: PROD };
const ELSEWHERE: Asker = Asker { account: "222222222222", path: DEV };

fn judge(
    rule: &dyn Rule,
    asker: &Asker,
    action: &str,
    context: Context,
    key_policy: Option<&str>,
) -> Outcome {
    let caller = Caller::session(&format!("arn:aws:iam::{}:role/app", asker.account), "s").unwrap();
    let organisation = |path: &str| Organisation {
        id: "o-a1b2c3d4e5".to_owned(),
        path: path.to_owned(),
        management_account: false,
    };
    let request = Request::builder(
        action,
        "arn:aws:kms:eu-west-1:333333333333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        caller,
    )
    .context(context)
    .caller_organisation(organisation(asker.path))
    .resource_organisation(organisation(PROD))
    .build()
    .unwrap();
    let open = Statement::allow("Open").principals(PrincipalSet::Everyone).actions(["kms:*"]);
    let mut statements = vec![open];
    if let Some(text) = key_policy {
        statements.extend(keyrail::iam::parse(text, keyrail::iam::PolicyKind::Resource).unwrap().statements);
    }
    let guarded = key_policy.is_none();
    let policies = Policies {
        identity: vec![Compiled::new(&Document::new([Statement::allow("All").actions(["*"])]))],
        resource: Some(Compiled::new(&Document::new(statements))),
        scp: guarded.then(|| stack(rule, PolicyType::ServiceControl)),
        rcp: guarded.then(|| stack(rule, PolicyType::ResourceControl)),
        ..Policies::default()
    };
    evaluate(&request, &policies)
}

fn agree(change: &Change) {
    for control in CONTROLS {
        let rule = control.configure(&settings_of(*control)).unwrap();
        let key = good_key(rule.as_ref());
        if control.id().0 == "mfa-for-critical-operations" {
            continue; // Its facet is the key policy, which no change here touches; see below.
        }
        let (action, context) = change.ask(&key);
        let outcome = judge(rule.as_ref(), &INSIDE, action, context, None);
        assert_eq!(outcome.not_modelled, Vec::<String>::new());
        let violated = matches!(rule.check(&change.done(key)), Verdict::Violated(_));
        let denied = outcome.decision == Decision::ExplicitlyDenied;
        assert_eq!(denied, violated, "{} and {change:?}: {outcome:?}", control.id());
    }
}

fn tag_key() -> impl Strategy<Value = String> {
    prop_oneof!["Owner", "Environment", "Team", "owner", "ENVIRONMENT", "environment"]
        .prop_map(|key: String| key)
}

fn tag_value() -> impl Strategy<Value = String> {
    prop_oneof!["", "prod", "dev", "Prod", "x"].prop_map(|value: String| value)
}

fn change() -> impl Strategy<Value = Change> {
    // KMS refuses two keys that differ in case in one request's conditions only
    // by accident, so a request carries each tag in one spelling.
    let one_spelling = |tags: BTreeMap<String, String>| {
        let mut seen = BTreeSet::new();
        tags.into_iter().filter(|(key, _)| seen.insert(key.to_lowercase())).collect()
    };
    prop_oneof![
        Just(Change::DisableRotation),
        (90_u16..=2560).prop_map(Change::EnableRotation),
        (7_u16..=30).prop_map(Change::ScheduleDeletion),
        proptest::collection::btree_map(tag_key(), tag_value(), 0..5)
            .prop_map(move |tags| Change::Create(one_spelling(tags))),
        (tag_key(), tag_value()).prop_map(|(key, value)| Change::Tag(key, value)),
        prop_oneof!["Owner", "Environment", "Team"].prop_map(|key: String| Change::Untag(key)),
    ]
}

proptest! {
    #[test]
    fn what_would_violate_a_control_is_denied_by_its_guardrail(change in change()) {
        agree(&change);
    }
}

#[test]
fn the_edges_agree() {
    for days in [7, 13, 14, 30] {
        agree(&Change::ScheduleDeletion(days));
    }
    for days in [90, 119, 120, 400, 401, 2560] {
        agree(&Change::EnableRotation(days));
    }
}

/// A key policy denies nothing that the guardrail spares.
#[test]
fn what_a_key_policy_denies_the_guardrail_denies() {
    let contexts = &[
        Context::new(),
        Context::new().with("aws:MultiFactorAuthPresent", "true"),
        Context::new().with("aws:MultiFactorAuthPresent", "false"),
        Context::new().with("kms:ViaService", "ec2.eu-west-1.amazonaws.com"),
    ];
    for control in CONTROLS {
        let rule = control.configure(&settings_of(*control)).unwrap();
        let key = good_key(rule.as_ref());
        if rule.key_policy_statements(&key).known().unwrap().is_empty() {
            continue;
        }
        let policy = own_policy(rule.as_ref(), &key);
        let askers = &[INSIDE, ELSEWHERE];
        let questions = keyrail::iam::catalogue::ACTIONS.iter().flat_map(|action| {
            askers.iter().flat_map(move |asker| contexts.iter().map(move |context| (action, asker, context)))
        });
        let mut denied = 0;
        for (action, asker, context) in questions {
            let action = format!("kms:{}", action.name);
            let by_policy = judge(rule.as_ref(), asker, &action, context.clone(), Some(&policy));
            if by_policy.decision == Decision::ExplicitlyDenied {
                denied += 1;
                let by_guardrail = judge(rule.as_ref(), asker, &action, context.clone(), None);
                assert_eq!(by_guardrail.decision, Decision::ExplicitlyDenied, "{}: {action}", control.id());
            }
        }
        assert!(denied > 0, "{}", control.id());
    }
}

#[test]
fn every_case_of_every_control_comes_out_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/cases/controls");
    for control in CONTROLS {
        for name in ["good", "bad", "unknown", "denied", "allowed"] {
            let path = folder.join(control.id().0).join(format!("{name}.json"));
            let case: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let settings = given(*control, &case["settings"]);
            let rule = control.configure(&settings).unwrap();
            if name == "denied" || name == "allowed" {
                request_case(rule.as_ref(), &case, &path);
            } else {
                key_case(*control, &settings, &case, &path);
            }
        }
    }
}

fn given(control: &dyn Control, settings: &Value) -> Settings {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let texts = |value: &Value| value.as_array().unwrap().iter().map(text).collect();
    let read = |(name, value): (&String, &Value)| {
        let spec = control.settings().iter().find(|spec| spec.name == name).unwrap();
        let value = match spec.kind {
            SettingKind::Bool => SettingValue::Bool(value.as_bool().unwrap()),
            SettingKind::Integer { .. } => SettingValue::Integer(value.as_i64().unwrap()),
            SettingKind::Text => SettingValue::Text(text(value)),
            SettingKind::Texts => SettingValue::Texts(texts(value)),
            SettingKind::TextByName => SettingValue::TextByName(
                value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect(),
            ),
            SettingKind::TextsByName => SettingValue::TextsByName(
                value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), texts(value))).collect(),
            ),
        };
        (name.clone(), value)
    };
    settings.as_object().unwrap().iter().map(read).collect()
}

fn key_case(control: &'static dyn Control, settings: &Settings, case: &Value, path: &Path) {
    let all = BTreeMap::from([(control.argument().to_owned(), settings.clone())]);
    let catalogue = Catalogue::configure(&all, Vec::new()).unwrap();
    let rule = control.configure(settings).unwrap();
    let mut key = good_key(rule.as_ref());
    let given = &case["key"];
    if let Some(tags) = given["tags"].as_object() {
        let fact = |value: &Value| value.as_str().map_or(Fact::Unknown, |text| Fact::Known(text.to_owned()));
        key.tags = Fact::Known(tags.iter().map(|(name, value)| (name.clone(), fact(value))).collect());
    }
    if let Some(window) = given.get("window") {
        let window = window.as_i64().map_or(Fact::Unknown, Fact::Known);
        key.deletion = Fact::Known(DeletionFacts::Planned { window });
    }
    if let Some(rotation) = given.get("rotation") {
        key.rotation = Fact::Known(RotationFacts {
            enabled: rotation["enabled"].as_bool().map_or(Fact::Unknown, Fact::Known),
            period: Fact::Known(rotation["period"].as_u64().map(|days| u16::try_from(days).unwrap())),
        });
    }
    match given.get("policy") {
        Some(policy) if policy == "default" => key.policy = Fact::Known(POLICY.to_owned()),
        Some(Value::Null) => key.policy = Fact::Unknown,
        _ => {}
    }
    let findings = catalogue.judge(&key, date!(2026 - 11 - 22));
    let finding = findings.iter().find(|finding| finding.control == control.id()).unwrap();
    assert_eq!(json!(finding.status.as_str()), case["status"], "{}: {}", path.display(), finding.detail);
    assert_ne!(finding.status, Status::Waived);
}

fn request_case(rule: &dyn Rule, case: &Value, path: &Path) {
    let asker = if case["caller"] == "elsewhere" { &ELSEWHERE } else { &INSIDE };
    let context =
        case["context"].as_object().unwrap().iter().fold(Context::new(), |context, (key, value)| match value
            .as_array()
        {
            Some(values) => context.with_list(key, values.iter().map(|value| value.as_str().unwrap())),
            None => context.with(key, value.as_str().unwrap()),
        });
    let outcome = judge(rule, asker, case["action"].as_str().unwrap(), context, None);
    let sids: Vec<&str> =
        outcome.statements.iter().filter_map(|statement| statement.sid.as_deref()).collect();
    match case["sid"].as_str() {
        Some(sid) => {
            assert_eq!(outcome.decision, Decision::ExplicitlyDenied, "{}: {outcome:?}", path.display());
            assert!(sids.contains(&sid), "{}: {sids:?}", path.display());
        }
        None => assert_eq!(outcome.decision, Decision::Allowed, "{}: {outcome:?}", path.display()),
    }
}
