//! Proven policies as files, and the proof in words.

use std::collections::BTreeMap;
use std::path::Path;

use super::plan::Assured;
use crate::cli::exit::Failure;
use crate::cli::files::Files;
use crate::controls::contract::facts::DeletionFacts;
use crate::controls::contract::facts::KeyFacts;
use crate::controls::contract::facts::MultiRegionRole;
use crate::controls::contract::guardrail::Environment;
use crate::guardrails::plan::Limits;
use crate::guardrails::plan::Packed;
use crate::iam::Document;
use crate::iam::PolicyKind;
use crate::iam::parse;
use crate::model::account::AccountId;
use crate::model::fact::Fact;
use crate::model::key::KeyManager;
use crate::model::key::KeyOrigin;
use crate::model::key::KeySpec;
use crate::model::key::KeyState;
use crate::model::key::KeyUsage;
use crate::model::org::PolicyType;
use crate::model::quoted;
use crate::model::region::Partition;
use crate::provider::key_policy::Home;
use crate::provider::key_policy::Roles;
use crate::provider::key_policy::generate;

/// The documents as indented JSON, and a key policy for every account given as
/// `environment=account`.
pub(super) fn files(wanted: &Assured, accounts: &[String], partition: &Partition) -> Result<Files, Failure> {
    let mut files = Files::default();
    for policy_type in [PolicyType::ServiceControl, PolicyType::ResourceControl] {
        files.own(folder(policy_type), "json");
    }
    for document in &wanted.plan.subject().documents {
        let path = Path::new(folder(document.policy_type)).join(format!("{}.json", document.name));
        files.add(path, readable(document)?);
    }
    for account in accounts {
        let (environment, account) = account_of(account, wanted)?;
        let home = Home { partition: partition.clone(), account };
        let policy = key_policy(wanted, environment, &home)?;
        files.add(Path::new("kms").join(format!("{}.json", environment.name)), policy.to_json_pretty());
    }
    Ok(files)
}

/// How much was asked, and what no policy can express.
pub(super) fn proof(wanted: &Assured) -> String {
    let plan = wanted.plan.subject();
    let proof = wanted.plan.proof();
    let mut text = String::new();
    for document in &plan.documents {
        let targets: Vec<String> = document.targets.iter().map(ToString::to_string).collect();
        text.push_str(&format!(
            "{}: {}, {} characters, on {}\n",
            document.name,
            document.policy_type,
            document.characters(),
            targets.join(", ")
        ));
    }
    text.push_str("\nproven:\n");
    for (control, requests) in &proof.by_control {
        text.push_str(&format!("  {control}: {requests} requests\n"));
    }
    text.push_str(&format!("  ordinary use stays possible: {} requests\n", proof.availability));
    if proof.undo > 0 {
        text.push_str(&format!("  the policies can be taken away again: {} requests\n", proof.undo));
    }
    if !plan.limits.is_empty() {
        text.push_str("\nno policy can express:\n");
    }
    for (control, limits) in &plan.limits {
        text.extend(limits.iter().map(|limit| format!("  {control}: {limit}\n")));
    }
    text.extend(plan.notices.iter().map(|notice| format!("\nnotice: {notice}\n")));
    text
}

fn folder(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::ServiceControl => "org/service_control_policy",
        PolicyType::ResourceControl => "org/resource_control_policy",
    }
}

/// The document for a reader: the same tree, indented; as it was packed where
/// AWS, which counts white space too, would not take the indented one.
fn readable(document: &Packed) -> Result<String, Failure> {
    let kind = match document.policy_type {
        PolicyType::ServiceControl => PolicyKind::ServiceControl,
        PolicyType::ResourceControl => PolicyKind::ResourceControl,
    };
    let tree = parse(&document.content, kind)?;
    let limit = Limits::of(document.policy_type).characters;
    let packed = document.content.clone();
    let spellings = [tree.to_json_pretty(), format!("{packed}\n")];
    let fits = |text: &String| text.chars().count() <= limit;
    Ok(spellings.into_iter().find(fits).unwrap_or(packed))
}

fn account_of<'a>(text: &str, wanted: &'a Assured) -> Result<(&'a Environment, AccountId), Failure> {
    let wrong = || {
        Failure::new(format!("`{text}` is no account of an environment")).advise(format!(
            "write one such as `dev=222222222222`; the environments are {}",
            quoted(wanted.environments.keys())
        ))
    };
    let (environment, account) = text.split_once('=').ok_or_else(wrong)?;
    let account = account.parse().map_err(|_| wrong())?;
    wanted.environments.get(environment).map(|found| (found, account)).ok_or_else(wrong)
}

/// The key policy that is generated for a key whose access is left to the
/// account's identity policies.
fn key_policy(wanted: &Assured, environment: &Environment, home: &Home) -> Result<Document, Failure> {
    let required = match wanted.catalogue.key_policy_statements(&key_of(environment)) {
        Fact::Known(statements) => statements,
        Fact::Unknown | Fact::Unreadable(_) => {
            return Err(Failure::new(format!(
                "what the controls require of keys of `{}` is not known",
                environment.name
            ))
            .advise("set `organization_id` of `environment_boundary`"));
        }
    };
    let roles = Roles { iam_policies: true, ..Roles::default() };
    Ok(generate(home, &roles, required))
}

/// A key of the account that is in the environment, and of which nothing else is known.
fn key_of(environment: &Environment) -> KeyFacts {
    let tags = BTreeMap::from([(environment.tag_key.clone(), Fact::Known(environment.name.clone()))]);
    KeyFacts {
        id: Fact::Known(None),
        arn: Fact::Known(None),
        aliases: Fact::Unknown,
        manager: Fact::Known(KeyManager::Customer),
        state: Fact::Known(KeyState::Enabled),
        spec: Fact::Known(KeySpec::SymmetricDefault),
        usage: Fact::Known(KeyUsage::EncryptDecrypt),
        origin: Fact::Known(KeyOrigin::AwsKms),
        multi_region: Fact::Known(MultiRegionRole::SingleRegion),
        rotation: Fact::Unknown,
        deletion: Fact::Known(DeletionFacts::NotScheduled),
        tags: Fact::Known(tags),
        policy: Fact::Unknown,
    }
}
