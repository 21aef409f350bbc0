//! What a user reads when AWS does not do as it was told.
//!
//! Errors stop the operation; after a key exists there are only warnings, at
//! most one for each operation.

use std::collections::BTreeSet;

use crate::aws::AwsError;
use crate::aws::CallerIdentity;
use crate::aws::Fault;
use crate::aws::KeyReference;
use crate::aws::Session;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyMetadata;
use crate::model::region::Region;
use crate::provider::configured::Configured;
use crate::provider::configured::NotConnected;
use crate::provider::diagnostic::key_failure;
use crate::provider::live_key::LiveKey;
use crate::provider::resources::secure_kms_key::changes::is_doomed;
use crate::provider::resources::secure_kms_key::create::CreateError;
use crate::provider::resources::secure_kms_key::create::Made;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::settle::Part;
use crate::provider::resources::secure_kms_key::state::date;
use crate::provider::resources::secure_kms_key::waiting::Waiting;
use crate::provider::resources::secure_kms_key::wanted::CREATION_TAG;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Field;
use crate::tf::Path;

/// The key that a state speaks of.
pub(super) fn key_id(model: &Model) -> Result<KeyId, Diagnostic> {
    let id = model.id.clone().known().unwrap_or_default();
    id.parse().map_err(|error| {
        let detail = format!(
            "Found: {error}.\nRequired: the id of a KMS key in the state.\nFix: import the key again."
        );
        Diagnostic::error("The state names no key", detail).at(Path::attribute("id"))
    })
}

/// The provider block is not known well enough.
pub(super) fn not_connected(error: &NotConnected) -> Diagnostic {
    let detail = format!("{error}. Apply first what `{}` depends on.", error.argument);
    Diagnostic::error("AWS cannot be asked yet", detail)
}

/// A Region is asked for that the credentials are not good for.
pub(super) fn other_partition(region: &Region, own: &Region) -> Diagnostic {
    Diagnostic::error(
        "The Region is in another partition",
        format!(
            "Found: Region {region}, in the partition `{}`.\nRequired: a Region of `{}`, the partition of the provider's \
             Region {own}; credentials of one partition are not known in another.\nFix: choose another Region, or use \
             a provider block with credentials for `{}`.",
            region.partition(),
            own.partition(),
            region.partition()
        ),
    )
    .at(Path::attribute("region"))
}

/// A key could not be read at all.
pub(crate) fn reading(configured: &Configured, error: &AwsError) -> Diagnostic {
    key_failure("read the key", error, None, &configured.catalogue)
}

/// There is no such key.
pub(crate) fn not_found(key: &KeyReference, session: &Session) -> Diagnostic {
    let account =
        session.account.as_ref().map_or_else(String::new, |account| format!(" of account {account}"));
    Diagnostic::error(
        "There is no such key",
        format!(
            "Found: nothing named `{key}` in Region {}{account}.\nRequired: an existing key.\nFix: check the name, and \
             the provider's Region and account.",
            session.region
        ),
    )
}

/// A key could not be made.
pub(super) async fn not_made(configured: &Configured, session: &Session, error: &CreateError) -> Diagnostic {
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
            key_failure("create the key", error, caller.as_ref(), &configured.catalogue)
        }
    }
}

/// A key that is in use has the alias that a new key shall have.
pub(super) fn alias_in_use(alias: &AliasName, holder: &KeyId) -> Diagnostic {
    Diagnostic::error(
        "The alias is in use",
        format!(
            "Found: `{alias}` points at the key `{holder}`.\nRequired: an alias that no key has; nothing was \
             created.\nFix: import that key with the id `{alias}`, or choose another alias."
        ),
    )
    .at(Path::attribute("alias_name"))
}

/// A key on its way to deletion has the alias that a new key shall have.
pub(super) fn alias_on_doomed_key(alias: &AliasName, holder: &KeyMetadata) -> Diagnostic {
    let date = date(holder.deletion_date).known().unwrap_or_else(|| "an unknown date".to_owned());
    Diagnostic::error(
        "The alias belongs to a key that is scheduled for deletion",
        format!(
            "Found: `{alias}` points at the key `{}`, which AWS deletes on {date}.\nRequired: an alias that no key \
             has; nothing was created.\nFix: import that key with the id `{alias}` to restore it, or remove the \
             alias (`aws kms delete-alias --alias-name {alias}`).",
            holder.id
        ),
    )
    .at(Path::attribute("alias_name"))
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

/// A key could not be brought to what was planned.
pub(super) async fn not_changed(configured: &Configured, session: &Session, error: &AwsError) -> Diagnostic {
    let caller = caller(configured, session, error).await;
    key_failure("change the key", error, caller.as_ref(), &configured.catalogue)
}

/// Another key has the alias that a key shall have.
pub(super) fn alias_elsewhere(alias: &AliasName, holder: &KeyId) -> Diagnostic {
    Diagnostic::error(
        "The alias is in use",
        format!(
            "Found: `{alias}` points at the key `{holder}`.\nRequired: an alias that no other key has; nothing was \
             changed.\nFix: remove the alias there (`aws kms delete-alias --alias-name {alias}`) and apply again, or \
             choose another alias."
        ),
    )
    .at(Path::attribute("alias_name"))
}

/// A key could not be destroyed.
pub(super) async fn not_destroyed(
    configured: &Configured,
    session: &Session,
    error: &AwsError,
) -> Diagnostic {
    let caller = caller(configured, session, error).await;
    key_failure("destroy the key", error, caller.as_ref(), &configured.catalogue)
}

/// A key that is kept may still be taken for one that was lost.
pub(super) fn still_marked(key: &KeyId, error: &AwsError) -> Diagnostic {
    Diagnostic::warning(
        "The key still carries its creation tag",
        format!(
            "Found: the key `{key}` was retained and left the state; its tag `{CREATION_TAG}` could not be taken off: \
             {error}.\nRequired: no such tag on a key that is kept, so that no create takes it for one that was \
             lost.\nFix: take it off (`aws kms untag-resource --key-id {key} --tag-keys {CREATION_TAG}`)."
        ),
    )
}

/// A key on its way to deletion is to be changed and not to be restored.
pub(super) fn doomed(key: &str, deletion: Field<String>) -> Diagnostic {
    let date = deletion.known();
    let date = date.map_or_else(|| "once its replicas are gone".to_owned(), |date| format!("on {date}"));
    Diagnostic::error(
        "The key is scheduled for deletion",
        format!(
            "Found: the key `{key}`, which AWS deletes {date}, and `restore_if_pending_deletion = false`.\nRequired: a key \
             that is not scheduled for deletion; AWS changes nothing on one that is.\nFix: set \
             `restore_if_pending_deletion = true` to take the deletion back, or leave the key as it is."
        ),
    )
    .at(Path::attribute("restore_if_pending_deletion"))
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

/// A key is gone that was there when the plan was made.
pub(super) fn vanished(key: &KeyId) -> Diagnostic {
    Diagnostic::error(
        "The key is gone",
        format!("Found: AWS has no key `{key}` any more.\nFix: plan again; the plan then creates a new key."),
    )
}

/// Two resources of one configuration want the same alias.
pub(super) fn taken(alias: &AliasName) -> Diagnostic {
    Diagnostic::error(
        "Two keys want the same alias",
        format!(
            "Found: another `secure_kms_key` of this configuration is being created with `{alias}`.\nRequired: an \
             alias of its own for each key; nothing was created for this one.\nFix: change `alias_name` or the names \
             it is made of."
        ),
    )
    .at(Path::attribute("alias_name"))
}

/// What there is to say of a new key: that it was adopted, and what is not done on it yet.
pub(super) async fn unfinished(
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

/// One warning for what AWS accepted and does not show yet.
pub(super) fn lagging(parts: &BTreeSet<Part>) -> Diagnostics {
    if parts.is_empty() {
        return Diagnostics::new();
    }
    let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    Diagnostic::warning(
        "AWS does not show the key as it was told yet",
        format!(
            "AWS accepted every call, and still shows the former state of: {}. This usually passes within minutes. \
             Plan again then; a difference that remains is shown as a change in place.",
            parts.join(", ")
        ),
    )
    .into()
}

/// What a refresh has to say: a scheduled deletion, and what could not be read.
pub(super) fn seen(live: &LiveKey, before: &Model) -> Diagnostics {
    let mut notes = Vec::new();
    let key = &live.metadata.id;
    if is_doomed(&live.metadata.state) {
        let date = date(live.metadata.deletion_date).known();
        let date = date.map_or_else(|| "once its replicas are gone".to_owned(), |date| format!("on {date}"));
        let next = if before.restore_if_pending_deletion == Field::Known(false) {
            "`restore_if_pending_deletion` is false, so the plan leaves it so."
        } else {
            "The plan takes the deletion back."
        };
        notes.push(format!("The key `{key}` is scheduled for deletion and AWS deletes it {date}. {next}"));
    }
    for (part, error) in live.gaps() {
        notes.push(format!(
            "The {part} of `{key}` could not be read, so the state keeps what it held: {error}"
        ));
    }
    if notes.is_empty() {
        return Diagnostics::new();
    }
    let summary = if is_doomed(&live.metadata.state) {
        "The key is scheduled for deletion"
    } else {
        "The key could not be read completely"
    };
    Diagnostic::warning(summary, notes.join("\n")).into()
}

/// An update or a destroy was cut short, by the user or by its time-out.
pub(super) fn interrupted(doing: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Interrupted while trying to {doing} the key"),
        "Found: the user interrupted, or the time in `timeouts` ran out, before AWS answered. Part of it may be done.\n\
         Fix: plan again; the plan shows what is left to do.",
    )
}

fn wait_interrupted(made: &Made) -> Diagnostics {
    let detail = format!(
        "The key `{}` was created and is in the state. Waiting for AWS to show it was interrupted; the next plan \
         compares again.",
        made.live.metadata.id
    );
    Diagnostic::warning("The wait for the key was interrupted", detail).into()
}

/// Who was refused; asked for only then.
async fn caller(configured: &Configured, session: &Session, error: &AwsError) -> Option<CallerIdentity> {
    if error.fault() != Fault::AccessDenied {
        return None;
    }
    configured.caller(session).await.ok()
}
