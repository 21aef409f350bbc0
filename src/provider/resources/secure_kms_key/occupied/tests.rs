use super::Own;
use crate::aws::fake::FakeKms;
use crate::aws::{CreateKey, Fault, Kms};
use crate::model::key::{KeyId, KeySpec, KeyState, KeyUsage};
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::plan::config;

fn model(alias: &str) -> Model {
    Model::read(&config(&[("alias_name", alias.into())])).unwrap()
}

/// KMS with one key, which has the alias `alias/held`.
async fn held() -> (FakeKms, KeyId) {
    let kms = FakeKms::default();
    let request = CreateKey {
        description: String::new(),
        policy: "{}".to_owned(),
        tags: [].into(),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        multi_region: false,
        bypass_lockout_check: false,
    };
    let id = kms.create_key(&request).await.unwrap().id;
    (kms.alias("alias/held", &id), id)
}

async fn refusal(own: &Own, kms: &FakeKms, prior: Option<&Model>, planned: &Model) -> Option<String> {
    let diagnostic = own.refusal(kms, prior, planned, None).await?;
    assert_eq!(diagnostic.path.map(|path| path.to_string()).as_deref(), Some("alias_name"));
    Some(format!("{}: {}", diagnostic.summary, diagnostic.detail.replace('\n', " ")))
}

#[tokio::test]
async fn an_alias_of_another_key_is_refused_and_the_holder_named() {
    let (kms, _) = held().await;
    let own = Own::default();
    let found = "Found: `alias/held` points at the key `00000000-0000-4000-8000-000000000000`";
    assert_eq!(
        refusal(&own, &kms, None, &model("held")).await.unwrap(),
        format!(
            "The alias is in use: {found}. Required: an alias that no key has; nothing was created. Fix: import that \
             key with the id `alias/held`, or choose another alias. If it is the key that this resource replaces: no alias \
             survives `create_before_destroy`; take that out of `lifecycle`."
        )
    );
    let id = "00000000-0000-4000-8000-00000000000a";
    let mine = Model::read(&config(&[("alias_name", "mine".into()), ("id", id.into())])).unwrap();
    let renamed = refusal(&own, &kms, Some(&mine), &model("held")).await.unwrap();
    assert!(renamed.starts_with(&format!("The alias is in use: {found}. Required: an alias that no other")));
    kms.meddle(|key| key.metadata.state = KeyState::PendingDeletion);
    let doomed = refusal(&own, &kms, None, &model("held")).await.unwrap();
    assert!(doomed.starts_with("The alias belongs to a key that is scheduled for deletion: Found:"));
}

#[tokio::test]
async fn a_free_alias_an_unchanged_one_and_one_of_the_configurations_own_keys_pass() {
    let (kms, id) = held().await;
    let own = Own::default();
    assert_eq!(refusal(&own, &kms, None, &model("free")).await, None);
    let asked = kms.calls().len();
    assert_eq!(refusal(&own, &kms, Some(&model("alias/held")), &model("held")).await, None);
    assert_eq!(kms.calls().len(), asked);
    own.remember(&id, &model("held"));
    assert_eq!(refusal(&own, &kms, None, &model("held")).await, None);
}

#[tokio::test]
async fn a_look_that_fails_says_nothing() {
    let (kms, _) = held().await;
    let kms = kms.fail("DescribeKey", None, Fault::AccessDenied);
    assert_eq!(refusal(&Own::default(), &kms, None, &model("held")).await, None);
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_reached_is_told() {
    let (kms, _) = held().await;
    let kms = kms.fail("DescribeKey", None, Fault::Unreachable);
    let told = Own::default().refusal(&kms, None, &model("held"), None).await.unwrap();
    assert_eq!(told.summary, "Cannot plan the key: AWS cannot be reached");
}

#[tokio::test]
async fn keys_in_a_circle_are_refused_and_a_chain_is_not() {
    let (kms, id) = held().await;
    let mine = "00000000-0000-4000-8000-00000000000a";
    let prior = Model::read(&config(&[("alias_name", "mine".into()), ("id", mine.into())])).unwrap();
    let third = "00000000-0000-4000-8000-00000000000b".parse().unwrap();
    let own = Own::default();
    own.remember(&id, &model("held"));
    own.plans(&id, &model("third"));
    assert!(own.refusal(&kms, Some(&prior), &model("held"), None).await.is_none());
    own.remember(&third, &model("third"));
    own.plans(&third, &model("fourth"));
    assert!(own.refusal(&kms, Some(&prior), &model("held"), None).await.is_none());
    own.plans(&third, &model("mine"));
    let told = own.refusal(&kms, Some(&prior), &model("held"), None).await.unwrap();
    assert_eq!(told.summary, "Keys cannot exchange their aliases");
    assert_eq!(
        told.detail,
        format!(
            "Found: the key `{mine}` is to have `alias/held`, which the key `{id}` gives up only for an alias that hangs on \
             `alias/mine` being free.\nRequired: one alias after the other; none is taken from a key that has it.\nFix: \
             give one of the keys a third alias, apply, and give both their aliases then; or exchange them first with \
             `aws kms update-alias`, such as `aws kms update-alias --alias-name alias/held --target-key-id {mine}`."
        )
    );
}

#[tokio::test]
async fn a_key_that_is_replaced_gives_its_alias_up() {
    let (kms, id) = held().await;
    let own = Own::default();
    own.remember(&id, &model("held"));
    own.plans(&id, &model("held"));
    assert!(own.refusal(&kms, None, &model("held"), Some(&id)).await.is_none());
    let told = own.refusal(&kms, None, &model("held"), None).await.unwrap();
    assert_eq!(told.summary, "The alias is in use");
}
