//! What there is to say of a key that is being made: why there is none, and what
//! is not done yet on one that there is.
//!
//! INVARIANT: once a key exists, nothing here is an error.

use crate::aws::Fault;
use crate::aws::Session;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::provider::configured::Configured;
use crate::provider::diagnostic::key_failure;
use crate::provider::resources::secure_kms_key::create::CreateError;
use crate::provider::resources::secure_kms_key::create::Made;
use crate::provider::resources::secure_kms_key::trouble::alias_in_use;
use crate::provider::resources::secure_kms_key::trouble::alias_on_doomed_key;
use crate::provider::resources::secure_kms_key::trouble::caller;
use crate::provider::resources::secure_kms_key::trouble::lagging;
use crate::provider::resources::secure_kms_key::trouble::naming_principals;
use crate::provider::resources::secure_kms_key::waiting::Waiting;
use crate::provider::resources::secure_kms_key::wanted::CREATION_TAG;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Path;

/// A key could not be made.
pub(in super::super) async fn not_made(
    configured: &Configured,
    session: &Session,
    error: &CreateError,
    policy: &str,
) -> Diagnostic {
    match error {
        CreateError::AliasInUse { alias, holder } => alias_in_use(alias, holder),
        CreateError::AliasOnDoomedKey { alias, holder } => alias_on_doomed_key(alias, holder),
        CreateError::OrphanInDoubt { alias, key, doubts } => orphan_in_doubt(alias, key, doubts),
        CreateError::Unanswered { alias, source } => Diagnostic::error(
            "It is not known whether the key was created",
            format!(
                "Found: the answer of CreateKey was lost, and no key made for `{alias}` has become visible. \
                 {source}.\nFix: apply again. The next apply looks for the key by its creation tag and adopts it, so \
                 that there is never a second one."
            ),
        ),
        CreateError::NotBegun => Diagnostic::error(
            "Interrupted before the key was created",
            "Found: the user interrupted, or the time in `timeouts` ran out, while AWS had made nothing yet.\nFix: apply \
             again.",
        ),
        CreateError::Aws(error) => {
            let caller = caller(configured, session, error).await;
            let failure = key_failure("create the key", error, caller.as_ref(), &configured.catalogue);
            naming_principals(failure, error, policy)
        }
    }
}

fn orphan_in_doubt(alias: &AliasName, key: &KeyId, doubts: &[String]) -> Diagnostic {
    Diagnostic::error(
        "A key may have been made for this alias before",
        format!(
            "Found: the key `{key}` has no alias and carries the tag `{CREATION_TAG}` with `{alias}`, like a key whose \
             creation was never answered; but {}.\nRequired: a key exactly as CreateKey leaves it, to be adopted, or \
             none; nothing was created.\nFix: import the key with the id `{key}` if it is the one you want; if not, \
             take the tag off (`aws kms untag-resource --key-id {key} --tag-keys {CREATION_TAG}`) and apply again: a \
             new key is made then.",
            doubts.join(", and ")
        ),
    )
    .at(Path::attribute("alias_name"))
}

/// A key that an earlier apply made was taken over.
fn adopted(key: &KeyId, alias: &AliasName) -> Diagnostic {
    Diagnostic::warning(
        "A key of an earlier apply was adopted",
        format!(
            "Found: the key `{key}`, made for `{alias}` by an apply that got no answer; it was exactly as CreateKey \
             leaves a key. It is in the state now, and no second key was made."
        ),
    )
}

/// What there is to say of a new key: that it was adopted, and what is not done on it yet.
pub(in super::super) async fn unfinished(
    configured: &Configured,
    session: &Session,
    made: &Made,
    waiting: &Waiting,
) -> Diagnostics {
    let mut notes = Diagnostics::new();
    if let Some(alias) = &made.adopted {
        notes.push(adopted(&made.live.metadata.id, alias));
    }
    notes.extend(not_done(configured, session, made, waiting).await);
    notes
}

async fn not_done(configured: &Configured, session: &Session, made: &Made, waiting: &Waiting) -> Diagnostics {
    if made.failures.is_empty() {
        return if waiting.is_cancelled() { wait_interrupted(made) } else { lagging(&made.lagging) };
    }
    let key = &made.live.metadata.id;
    let mut detail = format!("The key `{key}` was created and is in the state. Not done on it:\n");
    detail.extend(made.failures.iter().map(|error| format!("- {error}\n")));
    if let Some(denied) = made.failures.iter().find(|error| error.fault() == Fault::AccessDenied)
        && let Some(caller) = caller(configured, session, denied).await
    {
        detail.extend(["The caller was `", &caller.arn.to_string(), "`.\n"]);
    }
    detail.push_str(
        "Fix: remove the cause and apply again; the next plan shows what is missing as a change in place.",
    );
    Diagnostic::warning("The key exists, and is not finished", detail).into()
}

fn wait_interrupted(made: &Made) -> Diagnostics {
    let detail = format!(
        "The key `{}` was created and is in the state. Waiting for AWS to show it was interrupted; the next plan \
         compares again.",
        made.live.metadata.id
    );
    Diagnostic::warning("The wait for the key was interrupted", detail).into()
}
