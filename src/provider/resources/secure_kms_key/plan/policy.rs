//! The key policy of a plan: given, read from a file, or generated from roles
//! with what the controls require.
//!
//! A policy that says the same as the one in force keeps the text in the
//! state, so that spelling never shows as a change.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path as FilePath;
use std::path::PathBuf;

use sha2::Digest;
use sha2::Sha256;

use crate::controls::contract::facts::KeyFacts;
use crate::controls::contract::verdict::Verdict;
use crate::model::fact::Fact;
use crate::model::quota::KEY_POLICY_BYTES;
use crate::provider::configured::Configured;
use crate::provider::facts;
use crate::provider::key_policy;
use crate::provider::key_policy::Home;
use crate::provider::key_policy::Roles;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::plan::Planning;
use crate::provider::resources::secure_kms_key::plan::analysis;
use crate::provider::resources::secure_kms_key::plan::at;
use crate::provider::resources::secure_kms_key::plan::lockout;
use crate::provider::resources::secure_kms_key::validate;
use crate::tf;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Field;
use crate::tf::Value;
use crate::tf::diagnostics::Severity;

/// Plans the policy attributes.
pub(super) fn plan(planning: &Planning<'_>, planned: &mut Model, diagnostics: &mut Diagnostics) {
    let config = planning.config;
    let generated = config.key_policy.is_null() && config.custom_policy.is_null();
    planned.allow_iam_policies = match (generated, config.allow_iam_policies) {
        (true, Field::Null) => delegates(planned),
        (_, given) => given,
    };
    let wanted = match (&config.key_policy, &config.custom_policy) {
        (Field::Unknown, _) | (_, Field::Unknown) => Field::Unknown,
        (Field::Known(text), _) => Field::Known(text.clone()),
        (Field::Null, Field::Known(file))
            if is_bare(file) && planning.configured.unknown.contains("policies_directory") =>
        {
            Field::Unknown
        }
        (Field::Null, Field::Known(file)) => {
            diagnostics.absorb(from_file(planning.configured, file)).map_or(Field::Unknown, Field::Known)
        }
        (Field::Null, Field::Null) => {
            diagnostics.absorb(generate(planning, planned)).unwrap_or(Field::Unknown)
        }
    };
    planned.effective_policy = unless_equivalent(wanted, planning.prior.map(|prior| &prior.effective_policy));
    planned.key_policy_sha256 = planned.effective_policy.clone().map(|text| digest(&text));
    planned.key_policy = match (&config.key_policy, planning.prior) {
        (Field::Null, Some(prior)) if prior.effective_policy == planned.effective_policy => {
            prior.key_policy.clone()
        }
        (given, prior) => unless_equivalent(given.clone(), prior.map(|prior| &prior.key_policy)),
    };
}

/// Checks the whole policy as AWS will: its size, and what a literal given in
/// the configuration was checked for already.
pub(super) fn check(planning: &Planning<'_>, planned: &Model, diagnostics: &mut Diagnostics) {
    let Field::Known(text) = &planned.effective_policy else { return };
    let refusal = lock_out(planning, planned, text);
    let locks_out = refusal.as_ref().is_some_and(|told| told.severity == Severity::Error);
    diagnostics.extend(refusal);
    let wrong = wrong(planning.config, text);
    if wrong.is_empty() {
        diagnostics.extend(analysis::check(planning, planned, locks_out));
    }
    diagnostics.extend(wrong);
}

/// What is wrong with the text itself; a literal has been checked with the
/// configuration.
fn wrong(config: &Model, text: &str) -> Diagnostics {
    if !config.custom_policy.is_null() {
        return validate::policy_text(text, &at("custom_policy"));
    }
    if !config.key_policy.is_null() || text.len() <= KEY_POLICY_BYTES.value {
        return Diagnostics::new();
    }
    Diagnostic::error(
        "The generated key policy is too long",
        format!(
            "Found: {} bytes.\nRequired: at most {} bytes.\nFix: name fewer roles, or name them by pattern.",
            text.len(),
            KEY_POLICY_BYTES.value
        ),
    )
    .into()
}

fn lock_out(planning: &Planning<'_>, planned: &Model, text: &str) -> Option<Diagnostic> {
    let unchanged = planning.prior.is_some_and(|prior| prior.effective_policy == planned.effective_policy);
    if unchanged { None } else { lockout::told(planning, planned, text) }
}

/// The SHA-256 of a policy text, in hexadecimal.
pub(crate) fn digest(text: &str) -> String {
    let mut digest = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing into a string does not fail.
        write!(digest, "{byte:02x}").unwrap_or_default();
    }
    digest
}

/// Somebody must be able to manage the key: as long as nobody is named for it,
/// the account's identity policies decide.
fn delegates(planned: &Model) -> Field<bool> {
    match (count(&planned.key_owners), count(&planned.key_administrators)) {
        (None, _) | (_, None) => Field::Unknown,
        (Some(owners), Some(administrators)) => Field::Known(owners == 0 && administrators == 0),
    }
}

fn count(names: &Value) -> Option<usize> {
    names.elements().ok()?.known().map(<[Value]>::len)
}

fn generate(planning: &Planning<'_>, planned: &Model) -> Result<Field<String>, Diagnostic> {
    let Some(roles) = roles(planned)? else { return Ok(Field::Unknown) };
    let mut facts = facts::planned(planned.facts());
    // What is generated here cannot hang on itself.
    facts.policy = Fact::Unknown;
    match (planning.home, planning.configured.key_policy_statements(&facts)) {
        (Ok(home), Fact::Known(required)) => {
            foreign_patterns(home, planned)?;
            Ok(Field::Known(key_policy::generate(home, &roles, required).to_json_pretty()))
        }
        (Err(Some(error)), _) => Err(not_generated(
            &format!("the account is not known: {error}"),
            "allow `sts:GetCallerIdentity`, or give the policy as `key_policy`",
        )),
        (Ok(_), _) => match missing(planning.configured, planned, &facts) {
            Some(missing) => {
                Err(not_generated(&missing, "give what is missing, or give the policy as `key_policy`"))
            }
            None => Ok(Field::Unknown),
        },
        (Err(None), _) => Ok(Field::Unknown),
    }
}

/// What the controls need to say what the policy must hold, where no apply will
/// tell it: tags and settings are all known.
fn missing(configured: &Configured, planned: &Model, facts: &KeyFacts) -> Option<String> {
    let tags = planned.tags_all.clone().known()?;
    if configured.leaves_key_policies_open() || tags.values().any(Field::is_unknown) {
        return None;
    }
    let unsaid = configured.catalogue.rules().find_map(|(control, rule)| {
        let open = !matches!(rule.key_policy_statements(facts), Fact::Known(_));
        open.then(|| (control.id(), rule.check(facts)))
    });
    match unsaid? {
        (id, Verdict::Undecided { missing }) => Some(format!("{missing} (control `{id}`)")),
        _ => None,
    }
}

fn not_generated(found: &str, fix: &str) -> Diagnostic {
    Diagnostic::error(
        "The key policy cannot be generated",
        format!(
            "Found: {found}.\nRequired: all that the generated policy is made of; an apply would not find it out \
             either.\nFix: {fix}."
        ),
    )
}

/// A pattern is matched among the principals of the key's account only: one of
/// another account would match nobody.
fn foreign_patterns(home: &Home, planned: &Model) -> Result<(), Diagnostic> {
    for (attribute, names) in [
        ("key_owners", &planned.key_owners),
        ("key_administrators", &planned.key_administrators),
        ("key_users", &planned.key_users),
        ("key_service_users", &planned.key_service_users),
    ] {
        let foreign = |arn: &String| {
            let account = arn.split(':').nth(4).unwrap_or_default();
            arn.contains(['*', '?']) && account != home.account.as_str() && account != "*"
        };
        if let Some(arn) = texts(names)?.into_iter().flatten().find(foreign) {
            let detail = format!(
                "Found: `{arn}`.\nRequired: a pattern of account {}, the key's own; a pattern of another account \
                 matches nobody.\nFix: name the roles of that account by their whole ARNs.",
                home.account
            );
            return Err(Diagnostic::error("The pattern names another account", detail).at(at(attribute)));
        }
    }
    Ok(())
}

/// The roles, once all of them are known.
fn roles(planned: &Model) -> Result<Option<Roles>, tf::Error> {
    let Field::Known(iam_policies) = planned.allow_iam_policies else { return Ok(None) };
    let sets = [
        texts(&planned.key_owners)?,
        texts(&planned.key_administrators)?,
        texts(&planned.key_users)?,
        texts(&planned.key_service_users)?,
    ];
    let [Some(owners), Some(administrators), Some(users), Some(service_users)] = sets else {
        return Ok(None);
    };
    Ok(Some(Roles { owners, administrators, users, service_users, iam_policies }))
}

fn texts(names: &Value) -> Result<Option<BTreeSet<String>>, tf::Error> {
    let Field::Known(elements) = names.elements()?.or(&[]) else { return Ok(None) };
    let texts = elements.iter().map(|name| Ok(name.as_str()?.map(str::to_owned)));
    let texts = texts.collect::<Result<Vec<Field<String>>, tf::Error>>()?;
    if texts.iter().any(Field::is_unknown) {
        return Ok(None);
    }
    Ok(Some(texts.into_iter().filter_map(Field::known).collect()))
}

fn unless_equivalent(wanted: Field<String>, before: Option<&Field<String>>) -> Field<String> {
    match (&wanted, before) {
        (Field::Known(wanted), Some(Field::Known(before))) if key_policy::equivalent(wanted, before) => {
            Field::Known(before.clone())
        }
        _ => wanted,
    }
}

fn from_file(configured: &Configured, name: &str) -> Result<String, Diagnostic> {
    let path = located(configured.policies_directory.as_deref(), name);
    std::fs::read_to_string(&path).map_err(|error| {
        let shown = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
        let shown = shown.display();
        Diagnostic::error(
            "The policy file cannot be read",
            format!(
                "Found: `{name}`, which is `{shown}`: {error}.\nRequired: a readable file with a key policy as \
                 JSON.\nFix: correct the name, or the provider's `policies_directory`."
            ),
        )
        .at(at("custom_policy"))
    })
}

/// A bare name is looked up in the provider's directory; a path is a path.
fn located(directory: Option<&FilePath>, name: &str) -> PathBuf {
    match directory {
        Some(directory) if is_bare(name) => directory.join(name),
        _ => FilePath::new(name).to_owned(),
    }
}

fn is_bare(name: &str) -> bool {
    FilePath::new(name).parent().is_none_or(|parent| parent.as_os_str().is_empty())
}
