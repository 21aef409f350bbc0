//! Every control, by its line in the registry and its case folder: the cases in
//! the folder come out as written, its key policy denies nothing that its
//! guardrail spares, and its two facets agree (`agreement`).

mod agreement;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use keyrail::controls::catalogue::Catalogue;
use keyrail::controls::contract::facts::{DeletionFacts, KeyFacts, MultiRegionRole, RotationFacts};
use keyrail::controls::contract::finding::Status;
use keyrail::controls::contract::guardrail::{Clause, Scope};
use keyrail::controls::contract::settings::{SettingKind, SettingValue, Settings};
use keyrail::controls::{CONTROLS, Control, Rule};
use keyrail::iam::evaluate::{
    Caller, Compiled, Context, Decision, Level, Organisation, Outcome, Policies, Request, evaluate,
};
use keyrail::iam::policy::{Document, PrincipalSet, Statement};
use keyrail::model::fact::Fact;
use keyrail::model::key::{KeyManager, KeyOrigin, KeySpec, KeyState, KeyUsage};
use keyrail::model::org::PolicyType;
use serde_json::{Value, json};
use time::macros::date;

const PROD: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/";
const DEV: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333333333333:root"},"Action":"kms:*","Resource":"*"}]}"#;

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
        let (agreement, _) = case(*control, "agreement");
        let rule = control.configure(&given(*control, &agreement["settings"])).unwrap();
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
    for control in CONTROLS {
        for name in ["good", "bad", "unknown", "denied", "allowed"] {
            let (case, path) = case(*control, name);
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

/// A file of the control's case folder, and where it is.
fn case(control: &dyn Control, name: &str) -> (Value, PathBuf) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/cases/controls");
    let path = folder.join(control.id().0).join(format!("{name}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())), path)
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
    let key = altered(good_key(rule.as_ref()), &case["key"]);
    let findings = catalogue.judge(&key, date!(2026 - 11 - 22));
    let finding = findings.iter().find(|finding| finding.control == control.id()).unwrap();
    assert_eq!(json!(finding.status.as_str()), case["status"], "{}: {}", path.display(), finding.detail);
    assert_ne!(finding.status, Status::Waived);
}

/// The key with what a case says of it; null is unknown.
fn altered(mut key: KeyFacts, given: &Value) -> KeyFacts {
    let fact = |value: &Value| value.as_str().map_or(Fact::Unknown, |text| Fact::Known(text.to_owned()));
    let mut tags = key.tags.known().unwrap().clone();
    if let Some(all) = given["tags"].as_object() {
        tags = all.iter().map(|(name, value)| (name.clone(), fact(value))).collect();
    }
    for (name, value) in given["put_tags"].as_object().into_iter().flatten() {
        tags.insert(name.clone(), fact(value));
    }
    for name in given["remove_tags"].as_array().into_iter().flatten() {
        tags.remove(name.as_str().unwrap());
    }
    key.tags = Fact::Known(tags);
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
    key
}

fn context_of(given: &Value) -> Context {
    given.as_object().unwrap().iter().fold(Context::new(), |context, (key, value)| match value.as_array() {
        Some(values) => context.with_list(key, values.iter().map(|value| value.as_str().unwrap())),
        None => context.with(key, value.as_str().unwrap()),
    })
}

fn request_case(rule: &dyn Rule, case: &Value, path: &Path) {
    let asker = if case["caller"] == "elsewhere" { &ELSEWHERE } else { &INSIDE };
    let context = context_of(&case["context"]);
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
