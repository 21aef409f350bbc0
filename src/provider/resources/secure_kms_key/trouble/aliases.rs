//! What there is to say of an alias that cannot be had.

use std::time::Duration;

use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyMetadata;
use crate::provider::resources::secure_kms_key::state::date;
use crate::tf::Diagnostic;
use crate::tf::Path;

/// Another key has the alias that the key `mine` shall have.
pub(in super::super) fn alias_elsewhere(alias: &AliasName, holder: &KeyId, mine: &KeyId) -> Diagnostic {
    Diagnostic::error(
        "The alias is in use",
        format!(
            "Found: `{alias}` points at the key `{holder}`.\nRequired: an alias that no other key has; nothing was \
             changed.\nFix: if it belongs to this key, point it here (`aws kms update-alias --alias-name {alias} \
             --target-key-id {mine}`) and plan again; if not, choose another alias."
        ),
    )
    .at(Path::attribute("alias_name"))
}

/// Keys are to change their aliases at the same moment.
pub(in super::super) fn alias_exchanged(
    before: &AliasName,
    alias: &AliasName,
    mine: &KeyId,
    holder: &KeyId,
) -> Diagnostic {
    Diagnostic::error(
        "Keys cannot exchange their aliases",
        format!(
            "Found: the key `{mine}` is to have `{alias}`, which the key `{holder}` gives up only for an alias that hangs on \
             `{before}` being free.\nRequired: one alias after the other; none is taken from a key that has it.\nFix: \
             give one of the keys a third alias, apply, and give both their aliases then; or exchange them first with \
             `aws kms update-alias`, such as `aws kms update-alias --alias-name {alias} --target-key-id {mine}`."
        ),
    )
    .at(Path::attribute("alias_name"))
}

/// A key that is protected has the alias of a new one, which may be to replace it.
pub(in super::super) fn alias_of_protected(alias: &AliasName, holder: &KeyId) -> Diagnostic {
    Diagnostic::warning(
        "The alias belongs to a key that is protected from deletion",
        format!(
            "Found: `{alias}` points at the key `{holder}` of this configuration, and `deletion_protection = true` in its \
             state.\nRequired: an alias that is free when the new key is made; a plan that replaces that key, because it is \
             tainted, is refused at apply.\nFix: take the taint off (`terraform untaint`); or set `deletion_protection = \
             false` and apply before."
        ),
    )
    .at(Path::attribute("alias_name"))
}

/// KMS does not answer while planning.
pub(in super::super) fn slow(patience: Duration) -> Diagnostic {
    Diagnostic::warning(
        "It is not known whether the alias is free",
        format!(
            "Found: KMS has not answered within {} seconds.\nRequired: an answer at apply, which looks again before \
             anything is made.",
            patience.as_secs()
        ),
    )
}

/// A key that is in use has the alias that a new key shall have.
pub(in super::super) fn alias_in_use(alias: &AliasName, holder: &KeyId) -> Diagnostic {
    Diagnostic::error(
        "The alias is in use",
        format!(
            "Found: `{alias}` points at the key `{holder}`.\nRequired: an alias that no key has; nothing was \
             created.\nFix: import that key with the id `{alias}`, or choose another alias. If it is the key \
             that this resource replaces: no alias survives `create_before_destroy`; take that out of `lifecycle`."
        ),
    )
    .at(Path::attribute("alias_name"))
}

/// A key on its way to deletion has the alias that a new key shall have.
pub(in super::super) fn alias_on_doomed_key(alias: &AliasName, holder: &KeyMetadata) -> Diagnostic {
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

/// Two resources of one configuration want the same alias.
pub(in super::super) fn taken(alias: &AliasName) -> Diagnostic {
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
