//! One key: what KMS keeps of it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use time::OffsetDateTime;

use crate::model::account::AccountId;
use crate::model::key::KeyId;
use crate::model::key::KeyManager;
use crate::model::key::KeyOrigin;
use crate::model::key::KeySpec;
use crate::model::key::KeyState;
use crate::model::key::KeyUsage;
use crate::model::region::Region;
use crate::model::tag::Tags;
use crate::sandbox::clock::days_after;
use crate::sandbox::kms::document::KeyPolicy;

/// A key.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) id: KeyId,
    pub(crate) arn: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) description: String,
    pub(crate) state: KeyState,
    pub(crate) spec: KeySpec,
    pub(crate) usage: KeyUsage,
    pub(crate) origin: KeyOrigin,
    pub(crate) manager: KeyManager,
    pub(crate) multi_region: bool,
    pub(crate) created: OffsetDateTime,
    pub(crate) deletion_date: Option<OffsetDateTime>,
    pub(crate) policy: KeyPolicy,
    pub(crate) tags: Tags,
    pub(crate) grants: Vec<Grant>,
    /// Present while automatic rotation is on.
    pub(crate) rotation: Option<Rotation>,
    pub(crate) rotations: Vec<Rotated>,
}

/// Automatic rotation, switched on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rotation {
    pub(crate) period: i64,
    /// When it was switched on, or last happened.
    pub(crate) since: OffsetDateTime,
}

/// One rotation that happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rotated {
    pub(crate) at: OffsetDateTime,
    pub(crate) on_demand: bool,
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) created: OffsetDateTime,
    pub(crate) terms: Terms,
}

/// What makes two grants the same: everything but id, name and date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) grantee: String,
    /// The unique id of the grantee, so that a role made again is another.
    pub(crate) grantee_id: Option<String>,
    pub(crate) retiring: Option<String>,
    pub(crate) operations: BTreeSet<String>,
    pub(crate) context_equals: BTreeMap<String, String>,
    pub(crate) context_subset: BTreeMap<String, String>,
    pub(crate) issuer: AccountId,
}

impl Rotation {
    /// When the next rotation is due.
    pub(crate) fn next(self) -> OffsetDateTime {
        days_after(self.since, self.period)
    }
}

impl Key {
    /// Whether the key encrypts with AES and so takes an encryption context.
    pub(crate) fn is_symmetric(&self) -> bool {
        self.spec == KeySpec::SymmetricDefault
    }

    /// Rotates as often as was due by `now`. A key that is not enabled does not
    /// rotate; enabled again, it rotates at once if that was due (KMS developer
    /// guide, "Rotate AWS KMS keys", read 2026-11).
    pub(crate) fn rotate_when_due(&mut self, now: OffsetDateTime) {
        while self.state == KeyState::Enabled {
            let Some(rotation) = self.rotation.filter(|rotation| rotation.next() <= now) else { return };
            let at = rotation.next();
            if at <= rotation.since {
                return;
            }
            self.rotations.push(Rotated { at, on_demand: false });
            self.rotation = Some(Rotation { since: at, ..rotation });
        }
    }

    /// The id of the material that encrypts now.
    pub(crate) fn material(&self) -> String {
        crate::sandbox::ids::digits(&format!("{} {}", self.arn, self.rotations.len()))
    }
}
