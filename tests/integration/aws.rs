//! The way to AWS against the sandbox, which shares no code with it: what one
//! of them misreads, the other does not.

use std::net::SocketAddr;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keyrail::aws::config::{
    AccessKeys, CallerCheck, ConnectionSettings, Endpoints, InstanceMetadata, Role, Secret, WebIdentity,
    WebIdentityToken,
};
use keyrail::aws::{ConnectError, CreateKey, Fault, KeyReference, NewPolicy, Session, connect};
use keyrail::model::key::{AliasName, KeyId, KeySpec, KeyState, KeyUsage, RotationPeriod, WindowDays};
use keyrail::model::org::{PolicyType, PolicyTypeStatus, TargetId};
use keyrail::sandbox::{Options, Organisation, Running, start};
use serde_json::{Value, json};

use crate::sandbox::support::{DEV, control};

async fn sandbox(faults: Option<&str>) -> Running {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let faults = faults.map(str::to_owned);
    start(Options { listen, organisation: Organisation::built_in().unwrap(), faults }).await.unwrap()
}

/// The operator of the management account.
fn operator(sandbox: &Running) -> ConnectionSettings {
    let endpoint = format!("http://{}", sandbox.address()).parse().ok();
    ConnectionSettings {
        region: "eu-west-1".parse().ok(),
        keys: Some(keys("AKIAKEYRAILOPERATOR1", "sandbox-operator-secret")),
        config_files: vec![PathBuf::from("/dev/null")],
        credentials_files: vec![PathBuf::from("/dev/null")],
        endpoints: Endpoints { kms: endpoint.clone(), organizations: endpoint.clone(), sts: endpoint },
        instance_metadata: InstanceMetadata::Off,
        ..ConnectionSettings::default()
    }
}

fn keys(id: &str, secret: &str) -> AccessKeys {
    AccessKeys { id: id.to_owned(), secret: Secret::new(secret), token: None }
}

/// The pipeline's role in the account of the dev unit.
async fn in_dev(sandbox: &Running) -> Session {
    let arn = "arn:aws:iam::222222222222:role/terraform".to_owned();
    let roles = vec![Role { arn, ..Role::default() }];
    connect(&ConnectionSettings { roles, ..operator(sandbox) }).await.unwrap()
}

fn a_key() -> CreateKey {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Account","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"kms:*","Resource":"*"}]}"#;
    CreateKey {
        description: "for tests".to_owned(),
        policy: policy.to_owned(),
        tags: [("Owner".to_owned(), "me".to_owned())].into(),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        multi_region: false,
        bypass_lockout_check: false,
    }
}

#[tokio::test]
async fn a_role_of_another_account_is_assumed() {
    let sandbox = sandbox(None).await;
    let session = in_dev(&sandbox).await;
    assert_eq!(session.account.as_ref().unwrap().as_str(), "222222222222");
    let caller = session.sts.caller_identity().await.unwrap();
    assert_eq!(caller.arn.to_string(), "arn:aws:sts::222222222222:assumed-role/terraform/keyrail");
}

#[tokio::test]
async fn keys_that_nobody_has_are_refused() {
    let sandbox = sandbox(None).await;
    let settings = ConnectionSettings { keys: Some(keys("AKIANOBODY", "x")), ..operator(&sandbox) };
    let ConnectError::Caller(error) = connect(&settings).await.unwrap_err() else { panic!("another error") };
    assert_eq!(error.fault(), Fault::Credentials, "{error}");
}

#[tokio::test]
async fn a_key_lives_and_dies() {
    let sandbox = sandbox(None).await;
    let kms = in_dev(&sandbox).await.kms;
    let made = kms.create_key(&a_key()).await.unwrap();
    let (id, alias): (KeyId, AliasName) = (made.id.clone(), "alias/app".parse().unwrap());
    kms.enable_rotation(&id, RotationPeriod::try_from(180).unwrap()).await.unwrap();
    kms.create_alias(&alias, &id).await.unwrap();
    kms.tag(&id, &[("Extra".to_owned(), "1".to_owned())].into()).await.unwrap();
    kms.untag(&id, &["Owner".to_owned()]).await.unwrap();
    kms.update_description(&id, "changed").await.unwrap();
    kms.disable_key(&id).await.unwrap();

    let read = kms.describe_key(&KeyReference::Alias(alias.clone())).await.unwrap();
    assert_eq!(
        (read.id.clone(), read.state, read.description.as_str()),
        (id.clone(), KeyState::Disabled, "changed")
    );
    assert_eq!(kms.rotation(&id).await.unwrap().period, RotationPeriod::try_from(180).ok());
    assert_eq!(kms.tags(&id).await.unwrap(), [("Extra".to_owned(), "1".to_owned())].into());
    assert_eq!(kms.aliases_of(&id).await.unwrap()[0].name, alias);
    assert_eq!(kms.keys().await.unwrap(), std::slice::from_ref(&id));

    kms.delete_alias(&alias).await.unwrap();
    assert!(kms.schedule_deletion(&id, WindowDays::MAX).await.unwrap().is_some());
    let error = kms.enable_key(&id).await.unwrap_err();
    assert_eq!(error.fault(), Fault::InvalidState, "{error}");
}

#[tokio::test]
async fn pages_add_up_to_the_whole() {
    let sandbox = sandbox(None).await;
    let kms = in_dev(&sandbox).await.kms;
    let key = kms.create_key(&a_key()).await.unwrap().id;
    let tags = (0..49).map(|number| (format!("t{number}"), String::new())).collect();
    kms.tag(&key, &tags).await.unwrap();
    for number in 0..3 {
        let more = kms.create_key(&a_key()).await.unwrap().id;
        for alias in 0..40 {
            let name: AliasName = format!("alias/a{number}-{alias}").parse().unwrap();
            kms.create_alias(&name, &more).await.unwrap();
        }
    }
    assert_eq!(kms.tags(&key).await.unwrap().len(), 50);
    assert_eq!(kms.aliases().await.unwrap().iter().filter(|alias| !alias.name.is_reserved()).count(), 120);
}

#[tokio::test]
async fn a_lost_response_of_create_leaves_one_key() {
    let sandbox = sandbox(Some(r#"[{"operation": "CreateKey", "fault": "lost_response"}]"#)).await;
    let kms = in_dev(&sandbox).await.kms;
    let error = kms.create_key(&a_key()).await.unwrap_err();
    assert_eq!(error.fault(), Fault::Ambiguous, "{error}");
    assert_eq!(kms.keys().await.unwrap().len(), 1);
}

#[tokio::test]
async fn throttling_and_failures_of_reads_are_overcome() {
    let script = r#"[{"operation": "ListKeys", "fault": "throttle"},
                     {"operation": "ListKeys", "call": 2, "fault": "internal_error"}]"#;
    let sandbox = sandbox(Some(script)).await;
    let kms = in_dev(&sandbox).await.kms;
    kms.create_key(&a_key()).await.unwrap();
    assert_eq!(kms.keys().await.unwrap().len(), 1);
}

#[tokio::test]
async fn refusals_of_a_policy_are_told_apart() {
    let sandbox = sandbox(None).await;
    let kms = in_dev(&sandbox).await.kms;
    let key = kms.create_key(&a_key()).await.unwrap().id;
    let of =
        |principal: &str, action: &str| a_key().policy.replace(":root", principal).replace("kms:*", action);
    for (policy, fault) in [
        (of(":role/auditor", "kms:Describe*"), Fault::LockOut),
        (of(":role/nobody", "kms:*"), Fault::UnknownPrincipal),
        ("{".to_owned(), Fault::MalformedPolicy),
    ] {
        let error = kms.put_key_policy(&key, &policy, false).await.unwrap_err();
        assert_eq!(error.fault(), fault, "{error}");
    }
}

#[tokio::test]
async fn a_policy_of_the_organisation_is_made_attached_and_obeyed() {
    let script = r#"[{"operation": "AttachPolicy", "fault": "concurrent_modification"},
                     {"operation": "CreatePolicy", "fault": "lost_response"}]"#;
    let sandbox = sandbox(Some(script)).await;
    let organizations = connect(&operator(&sandbox)).await.unwrap().organizations;
    assert_eq!(organizations.organization().await.unwrap().id.as_str(), "o-a1b2c3d4e5");
    let root = organizations.root().await.unwrap();
    organizations.enable_policy_type(&root.id, PolicyType::ServiceControl).await.unwrap();
    let types = organizations.root().await.unwrap().policy_types;
    assert!(types.contains(&(PolicyType::ServiceControl, PolicyTypeStatus::Enabled)));

    let content = r#"{"Version":"2012-10-17","Statement":[{"Sid":"KmsKeepRotation","Effect":"Deny","Action":"kms:DisableKeyRotation","Resource":"*"}]}"#;
    let policy = NewPolicy {
        name: "kms-rotation".to_owned(),
        description: "for tests".to_owned(),
        policy_type: PolicyType::ServiceControl,
        content: content.to_owned(),
        tags: [("owner".to_owned(), "me".to_owned())].into(),
    };
    let id = organizations.create_policy(&policy).await.unwrap();
    let dev: TargetId = "ou-ab12-11111111".parse().unwrap();
    organizations.attach(&id, &dev).await.unwrap();
    organizations.attach(&id, &dev).await.unwrap();
    assert_eq!(organizations.targets_of(&id).await.unwrap(), std::slice::from_ref(&dev));
    assert_eq!(organizations.policy_tags(&id).await.unwrap(), policy.tags);
    assert_eq!(organizations.parent_of(&dev).await.unwrap(), Some(TargetId::Root(root.id)));

    let kms = in_dev(&sandbox).await.kms;
    let key = kms.create_key(&a_key()).await.unwrap().id;
    let error = kms.disable_rotation(&key).await.unwrap_err();
    assert_eq!(error.fault(), Fault::AccessDenied);
    assert!(error.message().contains("explicit deny in a service control policy"), "{error}");

    organizations.detach(&id, &dev).await.unwrap();
    organizations.detach(&id, &dev).await.unwrap();
    organizations.delete_policy(&id).await.unwrap();
    kms.disable_rotation(&key).await.unwrap();
}

#[tokio::test]
async fn nobody_is_asked_for_the_caller_when_that_is_skipped() {
    let sandbox = sandbox(Some(r#"[{"operation": "*", "times": 99, "fault": "access_denied"}]"#)).await;
    let settings = ConnectionSettings { caller_check: CallerCheck::Skipped, ..operator(&sandbox) };
    assert_eq!(connect(&settings).await.unwrap().account, None);
}

/// A role of the dev account that `principal` may assume by `action`, and that may assume others.
async fn role(sandbox: &Running, name: &str, principal: Value, action: &str) -> String {
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": action}]});
    let assume = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]});
    let role = json!({"account": DEV, "role": {"name": name, "trust": trust, "policies": [assume]}});
    let (status, answer) = control(sandbox, "POST", "roles", role).await;
    assert_eq!(status, 200, "{answer}");
    answer["arn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_of_an_identity_provider_leads_to_a_role_and_that_to_the_next() {
    let sandbox = sandbox(None).await;
    let provider = json!({"Federated": format!("arn:aws:iam::{DEV}:oidc-provider/token.example.com")});
    let first = role(&sandbox, "ci", provider, "sts:AssumeRoleWithWebIdentity").await;
    let second = role(&sandbox, "deploy", json!({"AWS": first}), "sts:AssumeRole").await;
    let claims =
        json!({"iss": "https://token.example.com", "sub": "ci", "aud": "sts", "exp": 32_000_000_000_i64});
    let token = format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, token.as_bytes()).unwrap();
    for token in [WebIdentityToken::Given(Secret::new(token)), WebIdentityToken::File(file.path().to_owned())]
    {
        let role = Role { arn: first.clone(), session_name: Some("run-7".to_owned()), ..Role::default() };
        let settings = ConnectionSettings {
            keys: None,
            web_identity: Some(WebIdentity { role, token }),
            ..operator(&sandbox)
        };
        let caller = connect(&settings).await.unwrap().sts.caller_identity().await.unwrap().arn.to_string();
        assert_eq!(caller, format!("arn:aws:sts::{DEV}:assumed-role/ci/run-7"));
        let roles = vec![Role { arn: second.clone(), ..Role::default() }];
        let session = connect(&ConnectionSettings { roles, ..settings }).await.unwrap();
        let caller = session.sts.caller_identity().await.unwrap().arn.to_string();
        assert_eq!(caller, format!("arn:aws:sts::{DEV}:assumed-role/deploy/keyrail"));
    }
}

#[tokio::test]
async fn source_profiles_lead_from_one_role_to_the_next() {
    let sandbox = sandbox(None).await;
    let management = json!({"AWS": "arn:aws:iam::111111111111:user/operator"});
    let first = role(&sandbox, "first", management, "sts:AssumeRole").await;
    let second = role(&sandbox, "second", json!({"AWS": first}), "sts:AssumeRole").await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let text = format!(
        "[profile base]\naws_access_key_id = AKIAKEYRAILOPERATOR1\naws_secret_access_key = sandbox-operator-secret\n\
         [profile middle]\nrole_arn = {first}\nsource_profile = base\n\
         [profile top]\nrole_arn = {second}\nsource_profile = middle\nrole_session_name = mine\n\
         endpoint_url = http://{}\n",
        sandbox.address()
    );
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    let settings = ConnectionSettings {
        keys: None,
        profile: Some("top".to_owned()),
        config_files: vec![file.path().to_owned()],
        ..operator(&sandbox)
    };
    let caller = connect(&settings).await.unwrap().sts.caller_identity().await.unwrap().arn.to_string();
    assert_eq!(caller, format!("arn:aws:sts::{DEV}:assumed-role/second/mine"));
}
