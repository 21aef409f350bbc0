//! Everything the sandbox knows, behind one lock: a call sees the world as the
//! call before it left it.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;
use time::OffsetDateTime;

use crate::model::account::AccountId;
use crate::model::region::Region;
use crate::model::shape;
use crate::sandbox::clock::Clock;
use crate::sandbox::faults::Faults;
use crate::sandbox::ids::Ids;
use crate::sandbox::kms::Kms;
use crate::sandbox::organisation::AccountDescription;
use crate::sandbox::organisation::Organisation;
use crate::sandbox::organisation::OrganisationError;
use crate::sandbox::organisation::People;
use crate::sandbox::organizations::Organizations;
use crate::sandbox::principals::Identity;
use crate::sandbox::principals::Principals;

/// The world.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) principals: Principals,
    pub(crate) organizations: Organizations,
    pub(crate) kms: Kms,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
}

/// One call: who makes it, where, when, and from where.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) identity: Arc<Identity>,
    pub(crate) region: Region,
    pub(crate) now: OffsetDateTime,
    pub(crate) source_ip: String,
}

impl Call {
    /// The caller's account.
    pub(crate) fn account(&self) -> &AccountId {
        &self.identity.account
    }
}

impl World {
    /// The world as the description says, with nothing done in it yet.
    pub(crate) fn new(described: &Organisation) -> Result<Self, OrganisationError> {
        let mut principals = Principals::default();
        let organizations = Organizations::new(described)?;
        for account in accounts(described) {
            let id = account
                .id
                .parse::<AccountId>()
                .map_err(|error| OrganisationError::Content(error.to_string()))?;
            let mut people = resident(&described.every_account, account, described)?;
            people.roles.extend(account.roles.iter().cloned());
            people.users.extend(account.users.iter().cloned());
            principals.add_account(&id);
            people.roles.iter().try_for_each(|role| principals.add_role(&id, role))?;
            people.users.iter().try_for_each(|user| principals.add_user(&id, user))?;
        }
        Ok(Self {
            clock: Clock::default(),
            ids: Ids::default(),
            principals,
            organizations,
            kms: Kms::default(),
            faults: Faults::default(),
            log: Log::default(),
        })
    }
}

fn accounts(described: &Organisation) -> Vec<&AccountDescription> {
    let mut found: Vec<&AccountDescription> =
        described.root.accounts.iter().chain(&described.outside).collect();
    let mut units: Vec<_> = described.root.organizational_units.iter().collect();
    while let Some(unit) = units.pop() {
        found.extend(&unit.accounts);
        units.extend(&unit.organizational_units);
    }
    found
}

/// The people of every account, with the placeholders filled in.
fn resident(
    people: &People,
    account: &AccountDescription,
    described: &Organisation,
) -> Result<People, OrganisationError> {
    let fill = |value: &mut serde_json::Value| {
        let text = value
            .to_string()
            .replace("${account}", &account.id)
            .replace("${management_account}", &described.management_account);
        *value = shape::json(text.as_bytes())?;
        Ok::<(), OrganisationError>(())
    };
    let mut people = people.clone();
    for role in &mut people.roles {
        fill(&mut role.trust)?;
        role.policies.iter_mut().chain(&mut role.permissions_boundary).try_for_each(fill)?;
    }
    for user in &mut people.users {
        user.policies.iter_mut().chain(&mut user.permissions_boundary).try_for_each(fill)?;
    }
    Ok(people)
}

/// What was asked, the newest last; the oldest are forgotten.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: VecDeque<LogEntry>,
    numbered: u64,
}

/// One call and its outcome.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LogEntry {
    /// Counts from 1 since the start or the last reset.
    pub(crate) number: u64,
    /// `kms`, `organizations` or `sts`.
    pub(crate) service: String,
    /// The operation's name.
    pub(crate) operation: String,
    /// The caller's ARN, empty for calls that nobody signed.
    pub(crate) caller: String,
    /// The region of the call.
    pub(crate) region: String,
    /// `ok`, or the error's code.
    pub(crate) outcome: String,
    /// The fault that was played, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<String>,
    /// The id that the answer carried.
    pub(crate) request_id: String,
}

impl Log {
    /// Writes an entry and numbers it.
    pub(crate) fn push(&mut self, mut entry: LogEntry) {
        self.numbered = self.numbered.saturating_add(1);
        entry.number = self.numbered;
        self.entries.push_back(entry);
        if self.entries.len() > REMEMBERED {
            self.entries.pop_front();
        }
    }

    /// The entries, oldest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &LogEntry> {
        self.entries.iter()
    }

    /// How many calls there were, by service, operation and outcome.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for entry in &self.entries {
            let slot: &mut u64 =
                counts.entry(format!("{}:{} {}", entry.service, entry.operation, entry.outcome)).or_default();
            *slot = slot.saturating_add(1);
        }
        counts
    }
}

/// How many calls the log remembers.
const REMEMBERED: usize = 20_000;
