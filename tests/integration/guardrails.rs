//! `kms_org_guardrails` through the provider's traits, against the sandbox:
//! what a plan shows is what apply attaches, and what apply attaches stays.

#![expect(clippy::panic, reason = "a test that cannot go on fails by panicking")]

mod diff;

use std::collections::BTreeMap;
use std::sync::Arc;

use keyrail::aws::config::{
    AccessKeys, CallerCheck, ConnectionSettings, Endpoints, InstanceMetadata, Secret,
};
use keyrail::aws::{Organizations, connect};
use keyrail::model::org::{PolicyType, TargetId};
use keyrail::provider::{Configured, Kms};
use keyrail::sandbox::{Options, Organisation, Running, start};
use keyrail::tf::calls::{
    ApplyResponse, ConfigureRequest, CreateRequest, DeleteRequest, PlanRequest, PlanResponse,
    ReadDataRequest, ReadRequest, UpdateRequest,
};
use keyrail::tf::log::Logger;
use keyrail::tf::schema::Mode;
use keyrail::tf::{Context, Diagnostics, Path, Provider, Resource, Schema, Type, Value};
use tokio_util::sync::CancellationToken;

const KEY: &str = "AKIAKEYRAILOPERATOR1";
const SECRET: &str = "sandbox-operator-secret";

struct Stand {
    running: Running,
    context: Context<Configured>,
    resource: Box<dyn Resource<Configured>>,
}

fn null_object(schema: &Schema) -> Value {
    nulls(&schema.ty())
}

fn nulls(ty: &Type) -> Value {
    let Type::Object(attributes) = ty else { panic!("a schema is an object") };
    Value::Object(attributes.keys().map(|name| (name.clone(), Value::Null)).collect())
}

fn with(mut object: Value, values: Vec<(&str, Value)>) -> Value {
    for (name, value) in values {
        object.set_attr(name, value).unwrap();
    }
    object
}

fn texts(texts: &[&str]) -> Value {
    Value::list(texts.iter().map(|text| Value::string(*text)))
}

fn set(texts: &[&str]) -> Value {
    Value::set(texts.iter().map(|text| Value::string(*text)))
}

fn assert_clean(diagnostics: &Diagnostics) {
    let shown: Vec<String> =
        diagnostics.iter().map(|one| format!("{}: {}", one.summary, one.detail)).collect();
    assert_eq!(shown, Vec::<String>::new());
}

impl Stand {
    async fn set_up(faults: Option<&str>) -> Self {
        let running = start(Options {
            listen: ([127, 0, 0, 1], 0).into(),
            organisation: Organisation::built_in().unwrap(),
            faults: faults.map(str::to_owned),
        })
        .await
        .unwrap();
        let url = format!("http://{}", running.address());
        let endpoints = ["kms", "organizations", "sts"].map(|service| (service, Value::string(&url)));
        let mfa = Value::object([("exempt_principal_arns", set(&["arn:aws:iam::*:role/terraform"]))]);
        let block = with(
            null_object(&Kms.schema()),
            vec![
                ("region", Value::string("eu-west-1")),
                ("access_key", Value::string(KEY)),
                ("secret_key", Value::string(SECRET)),
                ("skip_metadata_api_check", Value::string("true")),
                ("endpoints", Value::list([Value::object(endpoints)])),
                ("controls", Value::object([("mfa", mfa)])),
            ],
        );
        let mut warnings = Diagnostics::new();
        let request = ConfigureRequest {
            config: &block,
            terraform_version: "1.11.4",
            warnings: &mut warnings,
            cancelled: CancellationToken::new(),
            log: Logger::silent(),
        };
        let configured = match Kms.configure(request).await {
            Ok(configured) => configured,
            Err(diagnostics) => {
                assert_clean(&diagnostics);
                panic!("not configured");
            }
        };
        let context = Context {
            provider: Arc::new(configured),
            cancelled: CancellationToken::new(),
            provider_meta: None,
            log: Logger::silent(),
        };
        let resources = Kms.resources();
        let resource =
            resources.into_iter().find(|resource| resource.type_name() == "kms_org_guardrails").unwrap();
        Self { running, context, resource }
    }

    fn config(&self, ou_map: &[(&str, &[&str])]) -> Value {
        let units = [("dev", "ou-ab12-11111111"), ("prod", "ou-ab12-22222222")];
        with(
            null_object(&self.resource.schema()),
            vec![
                ("environments", Value::map(units.map(|(name, unit)| (name, Value::string(unit))))),
                ("ou_map", Value::map(ou_map.iter().map(|(spot, names)| (*spot, texts(names))))),
            ],
        )
    }

    fn full(&self) -> Value {
        self.config(&[
            ("root", &["mfa_critical_api", "deletion-window", "key_rotation"]),
            ("dev", &["required-tags", "environment-boundary"]),
            ("prod", &["required-tags", "deny_prod_key_access_except_prod_ou"]),
        ])
    }

    /// Terraform's merge: what the configuration leaves to the provider stays as it was.
    fn proposed(&self, prior: &Value, config: &Value) -> Value {
        let schema = self.resource.schema();
        let ours = schema.block().attributes().iter().filter(|(name, attribute)| {
            let mode = attribute.mode();
            config.attr(name).unwrap().is_null() && matches!(mode, Mode::Computed | Mode::OptionalComputed)
        });
        let kept = ours.map(|(name, _)| (name.as_str(), prior.attr(name).unwrap().clone())).collect();
        with(config.clone(), kept)
    }

    async fn plan(&self, prior: &Value, config: &Value) -> PlanResponse {
        let proposed = if prior.is_null() { config.clone() } else { self.proposed(prior, config) };
        let request =
            PlanRequest { prior: prior.clone(), proposed, config: config.clone(), private: Vec::new() };
        self.resource.plan(&self.context, request).await
    }

    async fn apply(&self, prior: &Value, config: &Value) -> ApplyResponse {
        let planned = self.plan(prior, config).await;
        assert_clean(&planned.diagnostics);
        let (planned, config) = (planned.planned, config.clone());
        if prior.is_null() {
            let request = CreateRequest { planned, config, private: Vec::new() };
            self.resource.create(&self.context, request).await
        } else {
            let request = UpdateRequest { prior: prior.clone(), planned, config, private: Vec::new() };
            self.resource.update(&self.context, request).await
        }
    }

    async fn applied(&self, prior: &Value, config: &Value) -> Value {
        let response = self.apply(prior, config).await;
        assert_clean(&response.diagnostics);
        let state = response.state.unwrap();
        assert!(state.is_wholly_known(), "{state:?}");
        state
    }

    async fn read(&self, state: &Value) -> Option<Value> {
        let response = self
            .resource
            .read(&self.context, ReadRequest { state: state.clone(), private: Vec::new() })
            .await;
        assert_clean(&response.diagnostics);
        response.state
    }

    /// Loads a script of faults.
    async fn faults(&self, script: &str) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(self.running.address()).await.unwrap();
        let request = format!(
            "POST /_sandbox/faults HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{script}",
            script.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    async fn organizations(&self) -> Arc<dyn Organizations> {
        let url = format!("http://{}", self.running.address()).parse().unwrap();
        let settings = ConnectionSettings {
            region: Some("eu-west-1".parse().unwrap()),
            keys: Some(AccessKeys { id: KEY.to_owned(), secret: Secret::new(SECRET), token: None }),
            endpoints: Endpoints { kms: None, organizations: Some(url), sts: None },
            instance_metadata: InstanceMetadata::Off,
            caller_check: CallerCheck::Skipped,
            ..ConnectionSettings::default()
        };
        connect(&settings).await.unwrap().organizations
    }
}

fn names(state: &Value) -> Vec<String> {
    state.attr("documents").unwrap().entries().unwrap().known().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn a_plan_shows_the_documents_that_apply_attaches() {
    let stand = Stand::set_up(None).await;
    let planned = stand.plan(&Value::Null, &stand.full()).await;
    assert_clean(&planned.diagnostics);
    let content = Path::attribute("documents").key("keyrail-rcp-prod-1").attr("content");
    let shown = planned.planned.at(&content).unwrap().as_str().unwrap().known().unwrap().to_owned();
    assert!(shown.contains("o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/*"), "{shown}");
    let state = stand.applied(&Value::Null, &stand.full()).await;
    assert_eq!(state.at(&content).unwrap(), &Value::string(shown));
    assert_eq!(
        names(&state),
        [
            "keyrail-rcp-dev-1",
            "keyrail-rcp-prod-1",
            "keyrail-scp-dev-1",
            "keyrail-scp-dev-prod-1",
            "keyrail-scp-prod-1",
            "keyrail-scp-root-1",
        ]
    );
}

#[tokio::test]
async fn nothing_is_left_to_plan_after_apply_refresh_and_import() {
    let stand = Stand::set_up(None).await;
    let exempt = set(&["arn:aws:iam::*:role/ops/admin"]);
    let config = with(stand.full(), vec![("exempt_principal_arns", exempt)]);
    let state = stand.applied(&Value::Null, &config).await;
    assert_eq!(stand.read(&state).await.unwrap(), state);
    assert_eq!(stand.plan(&state, &config).await.planned, state);
    let imported = stand.resource.import().unwrap().import(&stand.context, "keyrail-").await;
    assert_clean(&imported.diagnostics);
    let imported = stand.read(&imported.state.unwrap()).await.unwrap();
    assert_eq!(stand.plan(&imported, &config).await.planned, imported);
    for name in
        ["ou_map", "environments", "name_prefix", "description", "tags", "ou_paths", "organization_id"]
    {
        assert_eq!(imported.attr(name).unwrap(), state.attr(name).unwrap(), "{name}");
    }
}

#[tokio::test]
async fn what_somebody_changed_shows_and_heals() {
    let stand = Stand::set_up(None).await;
    let config = stand.full();
    let state = stand.applied(&Value::Null, &config).await;
    let api = stand.organizations().await;
    let policies = api.policies(PolicyType::ServiceControl).await.unwrap();
    let root = policies.iter().find(|policy| policy.name == "keyrail-scp-root-1").unwrap();
    let weaker = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Weaker","Effect":"Deny","Action":"kms:DisableKey","Resource":"*"}]}"#;
    api.update_policy(&root.id, weaker, "").await.unwrap();
    let dev: TargetId = "ou-ab12-11111111".parse().unwrap();
    let both = policies.iter().find(|policy| policy.name == "keyrail-scp-dev-prod-1").unwrap();
    api.detach(&both.id, &dev).await.unwrap();
    let seen = stand.read(&state).await.unwrap();
    assert_ne!(seen, state);
    let healed = stand.applied(&seen, &config).await;
    assert_eq!(healed.attr("documents").unwrap(), state.attr("documents").unwrap());
    assert_eq!(stand.read(&healed).await.unwrap(), healed);
    assert_eq!(stand.plan(&healed, &config).await.planned, healed);
    assert!(api.targets_of(&both.id).await.unwrap().contains(&dev));
}

#[tokio::test]
async fn a_change_of_the_map_moves_what_hangs() {
    let stand = Stand::set_up(None).await;
    let state = stand.applied(&Value::Null, &stand.full()).await;
    let fewer = stand.config(&[("root", &["key-rotation"])]);
    let state = stand.applied(&state, &fewer).await;
    assert_eq!(names(&state), ["keyrail-scp-root-1"]);
    assert_eq!(stand.read(&state).await.unwrap(), state);
}

#[tokio::test]
async fn guardrails_go_only_when_they_are_not_protected() {
    let stand = Stand::set_up(None).await;
    let config = stand.config(&[("root", &["key-rotation"])]);
    let state = stand.applied(&Value::Null, &config).await;
    let destroy =
        PlanRequest { prior: state.clone(), proposed: Value::Null, config: Value::Null, private: Vec::new() };
    let refused = stand.resource.plan(&stand.context, destroy).await.diagnostics;
    assert_eq!(refused.iter().next().unwrap().summary, "Guardrails are protected against deletion");
    let open = with(config, vec![("deletion_protection", Value::Bool(false))]);
    let state = stand.applied(&state, &open).await;
    let request = DeleteRequest { prior: state.clone(), private: Vec::new() };
    assert_clean(&stand.resource.delete(&stand.context, request).await.diagnostics);
    assert_eq!(stand.read(&state).await, None);
}

#[tokio::test]
async fn a_run_that_failed_half_way_is_continued() {
    let faults = r#"[{"operation": "AttachPolicy", "call": 3, "fault": "access_denied"}]"#;
    let stand = Stand::set_up(Some(faults)).await;
    let failed = stand.apply(&Value::Null, &stand.full()).await;
    let error = failed.diagnostics.iter().next().unwrap();
    assert_eq!(error.summary, "Cannot put the guardrails in force: access denied");
    let told: Vec<&str> = error.detail.split("\n\n").collect();
    assert_eq!(
        told[2..],
        [
            "AWS Organizations answers in the management account, and in an account that its resource policy delegates \
             to: let `profile` or `assume_role` of the provider lead to one of them. There the caller's identity policy \
             must allow `organizations:AttachPolicy`; for a delegated administrator the organisation's resource policy \
             must allow it too.",
            "Done before: 6 steps, the last one attach `keyrail-scp-dev-prod-1` to `ou-ab12-11111111`. It stopped at: \
             attach `keyrail-scp-dev-prod-1` to `ou-ab12-22222222`; 9 steps were still ahead. No target lost what \
             protects it both before and after. Apply again: what was done is found, and the run goes on from there.",
        ]
    );
    assert_eq!(failed.state, None);
    let state = stand.applied(&Value::Null, &stand.full()).await;
    assert_eq!(names(&state).len(), 6);
}

#[tokio::test]
async fn a_lost_response_makes_no_second_policy() {
    let faults = r#"[{"operation": "CreatePolicy", "call": 2, "fault": "lost_response"}]"#;
    let stand = Stand::set_up(Some(faults)).await;
    let first = stand.apply(&Value::Null, &stand.full()).await;
    let state = match first.state {
        Some(state) => state,
        None => stand.applied(&Value::Null, &stand.full()).await,
    };
    assert_eq!(names(&state).len(), 6);
    let policies = stand.organizations().await.policies(PolicyType::ServiceControl).await.unwrap();
    assert_eq!(policies.iter().filter(|policy| !policy.aws_managed).count(), 4);
}

#[tokio::test]
async fn mistakes_are_shown_at_their_place() {
    let stand = Stand::set_up(None).await;
    let cases: [(Value, &str, &str); 4] = [
        (stand.config(&[("staging", &["key-rotation"])]), "Unknown target", "ou_map[\"staging\"]"),
        (stand.config(&[("root", &["key-rotations"])]), "Unknown control", "ou_map[\"root\"]"),
        (
            stand.config(&[("ou-ab12-99999999", &["key-rotation"])]),
            "No such place in the organisation",
            "ou_map[\"ou-ab12-99999999\"]",
        ),
        (
            with(stand.full(), vec![("exempt_principal_arns", set(&["*"]))]),
            "Invalid exemption",
            "exempt_principal_arns",
        ),
    ];
    for (config, summary, place) in cases {
        let diagnostics = stand.plan(&Value::Null, &config).await.diagnostics;
        let error = diagnostics.iter().next().unwrap_or_else(|| panic!("{place}"));
        assert_eq!(error.summary, summary, "{}", error.detail);
        assert_eq!(error.path.as_ref().unwrap().to_string(), place, "{}", error.detail);
    }
}

#[tokio::test]
async fn unknown_values_leave_the_documents_open() {
    let stand = Stand::set_up(None).await;
    let config = with(stand.full(), vec![("environments", Value::UNKNOWN)]);
    let planned = stand.plan(&Value::Null, &config).await;
    assert_clean(&planned.diagnostics);
    assert!(planned.planned.attr("documents").unwrap().is_unknown());
}

#[tokio::test]
async fn policies_written_by_hand_hang_beside() {
    let stand = Stand::set_up(None).await;
    let by_hand = r#"{"Version": "2012-10-17", "Statement": {"Sid": "NoLeaving", "Effect": "Deny",
        "Action": "organizations:LeaveOrganization", "Resource": "*"}}"#;
    let config = with(
        stand.config(&[("root", &["deny_leaving"])]),
        vec![("policies", Value::map([("deny_leaving", Value::string(by_hand))]))],
    );
    let state = stand.applied(&Value::Null, &config).await;
    assert_eq!(names(&state), ["keyrail-deny_leaving"]);
    assert_eq!(stand.plan(&state, &config).await.planned, state);
}

#[tokio::test]
async fn an_import_gives_back_what_was_written_by_hand_and_the_limits() {
    let stand = Stand::set_up(None).await;
    let service = r#"{"Version": "2012-10-17", "Statement": {"Sid": "NoLeaving", "Effect": "Deny",
        "Action": "organizations:LeaveOrganization", "Resource": "*"}}"#;
    let resource = r#"{"Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["kms:RevokeGrant"],
        "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}], "Version": "2012-10-17"}"#;
    let policies = [("deny_leaving", Value::string(service)), ("only_tls", Value::string(resource))];
    let config = with(
        stand.config(&[("root", &["key-rotation", "deny_leaving"]), ("prod", &["only_tls", "mfa"])]),
        vec![
            ("policies", Value::map(policies)),
            ("policy_types", set(&["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"])),
            ("max_policy_characters", Value::from(5_000)),
            ("max_policies_per_target", Value::from(4)),
            ("enable_policy_types", Value::Bool(false)),
            ("deletion_protection", Value::Bool(false)),
        ],
    );
    let first = with(config.clone(), vec![("enable_policy_types", Value::Null)]);
    let state = stand.applied(&Value::Null, &first).await;
    let state = stand.applied(&state, &config).await;
    let imported = stand.resource.import().unwrap().import(&stand.context, "keyrail-").await;
    assert_clean(&imported.diagnostics);
    let imported = stand.read(&imported.state.unwrap()).await.unwrap();
    assert_eq!(stand.plan(&imported, &config).await.planned, imported);
    assert_eq!(names(&imported), names(&state));
}

#[tokio::test]
async fn a_target_that_is_not_there_is_named_with_what_to_do() {
    let stand = Stand::set_up(None).await;
    let data = Kms.data_sources().into_iter().find(|data| data.type_name() == "kms_org_guardrails").unwrap();
    for target in ["ou-ab12-99999999", "999999999999", "r-zz99"] {
        let config = with(null_object(&data.schema()), vec![("target_id", Value::string(target))]);
        let answer = data.read(&stand.context, ReadDataRequest { config }).await;
        let error = answer.diagnostics.iter().next().unwrap();
        assert_eq!(error.summary, "Unknown target");
        assert_eq!(error.path.as_ref().unwrap().to_string(), "target_id");
        assert_eq!(
            error.detail,
            format!(
                "`target_id` is `{target}`, which is not in the caller's organisation; required is the id of its root, \
                 or of a unit or an account in it. `aws organizations list-organizational-units-for-parent` lists the \
                 units, `aws organizations list-accounts` the accounts."
            )
        );
    }
}

#[tokio::test]
async fn a_change_that_failed_half_way_is_said_and_in_the_state() {
    let stand = Stand::set_up(None).await;
    let state = stand.applied(&Value::Null, &stand.full()).await;
    let faults = r#"[{"operation": "DetachPolicy", "call": 2, "fault": "access_denied"}]"#;
    stand.faults(faults).await;
    let fewer = stand.config(&[("root", &["key-rotation"])]);
    let failed = stand.apply(&state, &fewer).await;
    let error = failed.diagnostics.iter().next().unwrap();
    assert!(error.detail.contains("It stopped at: detach `keyrail-"), "{}", error.detail);
    let half_way = failed.state.unwrap();
    assert_eq!(stand.read(&half_way).await.unwrap(), half_way);
    assert_ne!(half_way.attr("documents").unwrap(), state.attr("documents").unwrap());
    let state = stand.applied(&half_way, &fewer).await;
    assert_eq!(names(&state), ["keyrail-scp-root-1"]);
}

#[tokio::test]
async fn the_data_source_shows_the_same_documents_and_what_is_in_force() {
    let stand = Stand::set_up(None).await;
    let state = stand.applied(&Value::Null, &stand.full()).await;
    let data = Kms.data_sources().into_iter().find(|data| data.type_name() == "kms_org_guardrails").unwrap();
    let config = with(
        null_object(&data.schema()),
        ["environments", "ou_map"]
            .into_iter()
            .map(|name| (name, state.attr(name).unwrap().clone()))
            .chain([
                ("organization_id", Value::string("o-a1b2c3d4e5")),
                ("root_id", Value::string("r-ab12")),
                ("target_id", Value::string("333333333333")),
            ])
            .collect(),
    );
    let answer = data.read(&stand.context, ReadDataRequest { config }).await;
    assert_clean(&answer.diagnostics);
    let contents = |value: &Value| -> BTreeMap<String, Value> {
        let documents = value.attr("documents").unwrap().entries().unwrap().known().unwrap();
        documents
            .iter()
            .map(|(name, document)| (name.clone(), document.attr("content").unwrap().clone()))
            .collect()
    };
    assert_eq!(contents(&answer.state), contents(&state));
    assert_eq!(
        answer.state.attr("ou_path").unwrap(),
        &Value::string("o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/")
    );
    let inherited = answer.state.attr("inherited_policies").unwrap().elements().unwrap().known().unwrap();
    let inherited: Vec<&str> = inherited
        .iter()
        .map(|policy| policy.attr("name").unwrap().as_str().unwrap().known().unwrap())
        .collect();
    assert!(
        inherited.contains(&"keyrail-rcp-prod-1") && inherited.contains(&"keyrail-scp-root-1"),
        "{inherited:?}"
    );
}
