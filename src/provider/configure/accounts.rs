//! The accounts that the credentials may and must not belong to.

use super::reading::{Notes, Part, sentence};
use crate::aws::Session;
use crate::model::account::AccountId;
use crate::tf::{Diagnostic, Diagnostics, Path};

/// The two lists; at most one of them has members.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    allowed: Vec<AccountId>,
    forbidden: Vec<AccountId>,
}

impl Accounts {
    /// Reads both lists.
    pub(super) fn read(part: &Part<'_>, notes: &mut Notes) -> Self {
        let read = Self { allowed: listed(part, ALLOWED, notes), forbidden: listed(part, FORBIDDEN, notes) };
        if !read.allowed.is_empty() && !read.forbidden.is_empty() {
            let detail = format!("`{ALLOWED}` and `{FORBIDDEN}` are both set. Remove one of them.");
            notes.wrong(part.place(FORBIDDEN), "Conflicting lists of accounts", detail);
        }
        read
    }

    /// Refuses credentials of an account that the block does not want.
    pub(super) fn check(&self, session: &Session) -> Result<(), Diagnostics> {
        let (name, listed) =
            if self.allowed.is_empty() { (FORBIDDEN, &self.forbidden) } else { (ALLOWED, &self.allowed) };
        if listed.is_empty() {
            return Ok(());
        }
        let Some(account) = &session.account else {
            return Err(refusal(
                name,
                format!(
                    "`{name}` cannot be checked, because AWS is not asked which account the credentials belong to. \
                 Remove `skip_requesting_account_id`, or remove `{name}`."
                ),
            ));
        };
        let is_listed = listed.contains(account);
        if is_listed == (name == ALLOWED) {
            return Ok(());
        }
        let rule = if is_listed { "is listed in" } else { "is not listed in" };
        Err(refusal(
            name,
            format!(
                "The credentials belong to account {account}, which {rule} `{name}`. Use credentials of the account \
             that is meant, or correct the list."
            ),
        ))
    }
}

fn listed(part: &Part<'_>, name: &str, notes: &mut Notes) -> Vec<AccountId> {
    let mut listed = Vec::new();
    for account in notes.texts(part, name).unwrap_or_default() {
        match account.parse::<AccountId>() {
            Ok(account) => listed.push(account),
            Err(error) => notes.wrong(part.place(name), "Invalid account id", sentence(&format!("{error}"))),
        }
    }
    listed
}

fn refusal(name: &str, detail: String) -> Diagnostics {
    Diagnostic::error("Credentials of another account", detail).at(Path::attribute(name)).into()
}

const ALLOWED: &str = "allowed_account_ids";
const FORBIDDEN: &str = "forbidden_account_ids";
