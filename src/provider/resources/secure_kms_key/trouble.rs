//! What a user reads when AWS does not do as it was told.
//!
//! Errors stop the operation; after a key exists there are only warnings, at
//! most one for each operation.

mod aliases;
mod making;

use std::collections::BTreeSet;

use crate::aws::AwsError;
use crate::aws::CallerIdentity;
use crate::aws::Fault;
use crate::aws::KeyReference;
use crate::aws::Session;
use crate::iam;
use crate::iam::Document;
use crate::iam::PolicyKind;
use crate::iam::policy::PrincipalSet;
use crate::iam::policy::Principals;
use crate::model::key::KeyId;
use crate::model::quoted;
use crate::model::region::Region;
use crate::provider::configured::Configured;
use crate::provider::configured::NotConnected;
use crate::provider::diagnostic::key_failure;
use crate::provider::live_key::LiveKey;
use crate::provider::resources::secure_kms_key::changes::is_doomed;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::settle::Part;
use crate::provider::resources::secure_kms_key::state::date;
use crate::provider::resources::secure_kms_key::wanted::CREATION_TAG;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Field;
use crate::tf::Path;

pub(super) use aliases::alias_elsewhere;
pub(super) use aliases::alias_exchanged;
pub(super) use aliases::alias_in_use;
pub(super) use aliases::alias_of_protected;
pub(super) use aliases::alias_on_doomed_key;
pub(super) use aliases::slow;
pub(super) use aliases::taken;
pub(super) use making::not_made;
pub(super) use making::unfinished;

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

/// A key could not be brought to what was planned.
pub(super) async fn not_changed(
    configured: &Configured,
    session: &Session,
    error: &AwsError,
    policy: &str,
) -> Diagnostic {
    let caller = caller(configured, session, error).await;
    let failure = key_failure("change the key", error, caller.as_ref(), &configured.catalogue);
    naming_principals(failure, error, policy)
}

/// AWS does not say which principal of a policy it does not know.
fn naming_principals(mut failure: Diagnostic, error: &AwsError, policy: &str) -> Diagnostic {
    let named =
        iam::parse(policy, PolicyKind::Resource).map(|policy| principals(&policy)).unwrap_or_default();
    if error.fault() == Fault::UnknownPrincipal && !named.is_empty() {
        failure.detail.push_str(&format!("\n\nThe policy names {}.", quoted(named)));
    }
    failure
}

/// The roles and users that a policy names.
fn principals(policy: &Document) -> BTreeSet<String> {
    let named = policy.statements.iter().filter_map(|statement| match &statement.principals {
        Some(
            Principals::Only(PrincipalSet::Listed { aws, .. })
            | Principals::AllBut(PrincipalSet::Listed { aws, .. }),
        ) => Some(aws),
        _ => None,
    });
    let texts = named.flatten().map(|name| name.as_str().to_owned());
    texts.filter(|name| name.contains(":role/") || name.contains(":user/")).collect()
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

/// A key is gone that was there when the plan was made.
pub(super) fn vanished(key: &KeyId) -> Diagnostic {
    Diagnostic::error(
        "The key is gone",
        format!("Found: AWS has no key `{key}` any more.\nFix: plan again; the plan then creates a new key."),
    )
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

/// Who was refused; asked for only then.
async fn caller(configured: &Configured, session: &Session, error: &AwsError) -> Option<CallerIdentity> {
    if !matches!(error.fault(), Fault::AccessDenied | Fault::LockOut) {
        return None;
    }
    configured.caller(session).await.ok()
}
