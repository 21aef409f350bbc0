//! Waiting until AWS shows what it was told: one combined look, several times
//! in a row, so that a lucky replica is not believed.
//!
//! The end of patience is not a failure: the change was accepted, so the caller
//! warns and the next plan compares again.

use std::collections::BTreeSet;
use std::fmt;

use crate::aws::Fault;
use crate::aws::Kms;
use crate::model::key::KeyId;
use crate::model::key::KeyState;
use crate::provider::key_policy;
use crate::provider::live_key::LiveKey;
use crate::provider::resources::secure_kms_key::changes::rotates_every;
use crate::provider::resources::secure_kms_key::waiting::Waiting;
use crate::provider::resources::secure_kms_key::wanted::Wanted;

/// A part of a key that can lag behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Whether it exists at all.
    Key,
    /// Whether it can be used.
    State,
    /// Its description.
    Description,
    /// Its policy.
    Policy,
    /// Its rotation.
    Rotation,
    /// Its tags.
    Tags,
    /// Its alias.
    Alias,
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Key => "the key itself",
            Self::State => "its state",
            Self::Description => "its description",
            Self::Policy => "its policy",
            Self::Rotation => "its rotation",
            Self::Tags => "its tags",
            Self::Alias => "its alias",
        })
    }
}

/// What the last look showed.
#[derive(Debug)]
pub(super) struct Settled {
    /// The key, if it was ever visible.
    pub(super) live: Option<LiveKey>,
    /// What still differed when patience ended; empty when all agreed.
    pub(super) lagging: BTreeSet<Part>,
}

/// Looks until `ROUNDS` looks in a row show what is wanted. Parts that failed
/// before are not waited for.
pub(super) async fn settle(
    kms: &dyn Kms,
    key: &KeyId,
    wanted: &Wanted,
    failed: &BTreeSet<Part>,
    waiting: &Waiting,
) -> Settled {
    let waiting = waiting.at_most(waiting.pace.visibility);
    let mut settled = Settled { live: None, lagging: BTreeSet::from([Part::Key]) };
    let mut agreed: u8 = 0;
    loop {
        match LiveKey::read(kms, key).await {
            Ok(Some(live)) => {
                settled.lagging = differences(&live, wanted).difference(failed).copied().collect();
                settled.live = Some(live);
            }
            Ok(None) => settled.lagging = BTreeSet::from([Part::Key]),
            // A key that may not be looked at cannot be waited for.
            Err(error) if !error.is_transient() => {
                settled.lagging.clear();
                return settled;
            }
            Err(error) if error.fault() == Fault::Unreachable => return settled,
            Err(_) => {}
        }
        agreed = if settled.lagging.is_empty() { agreed.saturating_add(1) } else { 0 };
        if agreed >= ROUNDS || !waiting.pause(waiting.pace.look).await {
            return settled;
        }
    }
}

/// The parts in which a key is not as wanted, as far as they can be read.
pub(super) fn differences(live: &LiveKey, wanted: &Wanted) -> BTreeSet<Part> {
    let state = if wanted.enabled { KeyState::Enabled } else { KeyState::Disabled };
    let rotation = live.rotation.as_ref().map(|found| match wanted.rotation {
        Some(period) => rotates_every(found, period),
        None => !found.enabled,
    });
    let policy = live.policy.as_ref().map(|found| key_policy::equivalent(found, &wanted.policy));
    // Tags that somebody else adds meanwhile are theirs.
    let tags =
        live.tags.as_ref().map(|found| wanted.tags.iter().all(|(key, value)| found.get(key) == Some(value)));
    let alias = live.aliases.as_ref().map(|found| found.contains(&wanted.alias));
    let unless_hidden = |agrees: Result<bool, &crate::aws::AwsError>| match agrees {
        Ok(agrees) => agrees,
        Err(error) => error.fault() != Fault::NotFound && !error.is_transient(),
    };
    [
        (Part::State, live.metadata.state == state),
        (Part::Description, live.metadata.description == wanted.description),
        (Part::Policy, unless_hidden(policy)),
        (Part::Rotation, unless_hidden(rotation)),
        (Part::Tags, unless_hidden(tags)),
        (Part::Alias, unless_hidden(alias)),
    ]
    .into_iter()
    .filter_map(|(part, agrees)| (!agrees).then_some(part))
    .collect()
}

/// Looks in a row that must agree.
const ROUNDS: u8 = 3;
