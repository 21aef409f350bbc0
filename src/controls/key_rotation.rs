//! Keys that can rotate by themselves do, and often enough.
//!
//! Judged where rotation is decided: on the primary of a multi-Region key, and
//! only for the kinds of key whose material KMS makes and keeps.

use crate::controls::contract::doc::{ControlId, Doc, Reference, Severity};
use crate::controls::contract::facts::{KeyFacts, MultiRegionRole, RotationFacts, required};
use crate::controls::contract::guardrail::{Clause, Guardrail, Scope, Witness, WitnessCaller};
use crate::controls::contract::settings::{SettingError, SettingKind, SettingSpec, Settings, integer};
use crate::controls::contract::verdict::{Property, Verdict, Violation};
use crate::controls::{Control, Rule};
use crate::iam::policy::Comparison;
use crate::model::key::{KeySpec, KeyState, can_rotate};
use crate::model::org::PolicyType;

/// The definition.
#[derive(Debug)]
pub(super) struct KeyRotation;

#[derive(Debug)]
struct Within {
    shortest: i64,
    longest: i64,
}

impl Control for KeyRotation {
    fn id(&self) -> ControlId {
        ControlId("key-rotation")
    }

    fn argument(&self) -> &'static str {
        "key_rotation"
    }

    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn settings(&self) -> &'static [SettingSpec] {
        SETTINGS
    }

    fn shapes_key_policy(&self) -> bool {
        false
    }

    fn configure(&self, settings: &Settings) -> Result<Box<dyn Rule>, SettingError> {
        let shortest = integer(settings, MIN_PERIOD, AWS_SHORTEST);
        let longest = integer(settings, MAX_PERIOD, DEFAULT_PERIOD);
        if shortest > longest {
            return Err(SettingError {
                setting: MIN_PERIOD.to_owned(),
                found: format!("`{shortest}`"),
                required: format!("at most `{MAX_PERIOD}`, which is {longest}"),
            });
        }
        Ok(Box::new(Within { shortest, longest }))
    }
}

impl Rule for Within {
    fn check(&self, key: &KeyFacts) -> Verdict {
        if let Some(verdict) = key.not_ours() {
            return verdict;
        }
        match concerned(key) {
            Ok(rotation) => self.judge(rotation),
            Err(verdict) => verdict,
        }
    }

    fn guardrail(&self) -> Guardrail {
        let mut clauses = vec![stays_on(), self.not_too_rare()];
        if self.shortest > AWS_SHORTEST {
            clauses.push(self.not_too_often());
        }
        let guardrail = Guardrail::of(clauses).but_not(
            "no policy can require rotation when a key is made: `CreateKey` carries neither the setting nor the key; \
             the key resource switches it on and the audit reports keys without it",
        );
        if self.longest >= DEFAULT_PERIOD {
            return guardrail;
        }
        guardrail.but_not(format!(
            "AWS judges `EnableKeyRotation` without a period as 365 days, so with a maximum of {} days such a call is \
             denied; name the period in every call",
            self.longest
        ))
    }
}

impl Within {
    fn judge(&self, rotation: &RotationFacts) -> Verdict {
        let enabled = match required(&rotation.enabled, "whether rotation is on") {
            Ok(enabled) => *enabled,
            Err(undecided) => return undecided,
        };
        if !enabled {
            return Verdict::Violated(vec![Violation {
                property: Property::Rotation,
                found: "automatic rotation off".to_owned(),
                required: "automatic rotation on".to_owned(),
                fix: "set `enable_key_rotation` to true".to_owned(),
            }]);
        }
        match required(&rotation.period, "the rotation period") {
            Ok(Some(period)) => self.judge_period(i64::from(*period)),
            Ok(None) => self.judge_period(DEFAULT_PERIOD),
            Err(undecided) => undecided,
        }
    }

    fn judge_period(&self, period: i64) -> Verdict {
        if (self.shortest..=self.longest).contains(&period) {
            return Verdict::satisfied(format!("the key rotates every {period} days"));
        }
        let (required, fix) = if period > self.longest {
            (format!("at most {} days", self.longest), format!("{} or less", self.longest))
        } else {
            (format!("at least {} days", self.shortest), format!("{} or more", self.shortest))
        };
        Verdict::Violated(vec![Violation {
            property: Property::RotationPeriod,
            found: format!("a rotation period of {period} days"),
            required,
            fix: format!("set `rotation_period_in_days` to {fix}"),
        }])
    }

    fn not_too_rare(&self) -> Clause {
        let enable = |witness: fn(_, _, _) -> Witness, story, days: i64| {
            witness(story, WitnessCaller::Inside, ENABLE).with(PERIOD_KEY, days.to_string())
        };
        let clause = Clause::new(PolicyType::ServiceControl, Scope::WherePlaced, "KmsRotationOftenEnough")
            .stating(|deny| {
                deny.actions([ENABLE]).when(
                    Comparison::NumericGreaterThan,
                    PERIOD_KEY,
                    [self.longest.to_string()],
                )
            })
            .witnessed(enable(Witness::spared, "exactly the longest period", self.longest));
        if self.longest >= AWS_LONGEST {
            return clause;
        }
        clause
            .witnessed(enable(
                Witness::denied,
                "one day more than the longest period",
                self.longest.saturating_add(1),
            ))
            .witnessed(enable(Witness::denied, "the longest period AWS accepts", AWS_LONGEST))
    }

    fn not_too_often(&self) -> Clause {
        let enable = |witness: fn(_, _, _) -> Witness, story, days: i64| {
            witness(story, WitnessCaller::Inside, ENABLE).with(PERIOD_KEY, days.to_string())
        };
        Clause::new(PolicyType::ServiceControl, Scope::WherePlaced, "KmsRotationNotTooOften")
            .stating(|deny| {
                deny.actions([ENABLE]).when(
                    Comparison::NumericLessThan,
                    PERIOD_KEY,
                    [self.shortest.to_string()],
                )
            })
            .witnessed(enable(
                Witness::denied,
                "one day less than the shortest period",
                self.shortest.saturating_sub(1),
            ))
            .witnessed(enable(Witness::spared, "exactly the shortest period", self.shortest))
    }
}

fn stays_on() -> Clause {
    Clause::new(PolicyType::ServiceControl, Scope::WherePlaced, "KmsRotationStaysOn")
        .stating(|deny| deny.actions([DISABLE]))
        .witnessed(Witness::denied("rotation switched off", WitnessCaller::Inside, DISABLE))
        .witnessed(
            Witness::denied("rotation switched off with MFA", WitnessCaller::Inside, DISABLE)
                .with(MFA, "true"),
        )
        .witnessed(
            Witness::spared(
                "rotation switched on without a period, which AWS takes as 365",
                WitnessCaller::Inside,
                ENABLE,
            )
            .with(PERIOD_KEY, DEFAULT_PERIOD.to_string()),
        )
}

/// The rotation of a key that the control concerns, or the verdict on one that it does not.
fn concerned(key: &KeyFacts) -> Result<&RotationFacts, Verdict> {
    let spec = required(&key.spec, "the key spec")?;
    let origin = required(&key.origin, "the origin of the key material")?;
    if !can_rotate(spec, origin) {
        let kind = if *spec == KeySpec::SymmetricDefault {
            format!("keys with material from {origin}")
        } else {
            format!("{spec} keys")
        };
        return Err(Verdict::not_applicable(format!("KMS cannot rotate {kind} automatically")));
    }
    if required(&key.multi_region, "the part of the key among multi-Region keys")?
        == &MultiRegionRole::Replica
    {
        return Err(Verdict::not_applicable("a replica rotates with its primary key, which is judged there"));
    }
    match required(&key.state, "the key state")? {
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => {
            Err(Verdict::not_applicable("the key is scheduled for deletion"))
        }
        KeyState::Disabled => {
            Err(Verdict::not_applicable("the key is disabled, and KMS does not rotate a disabled key"))
        }
        KeyState::Creating
        | KeyState::Enabled
        | KeyState::PendingImport
        | KeyState::Unavailable
        | KeyState::Updating
        | KeyState::Other(_) => required(&key.rotation, "the rotation"),
    }
}

const ENABLE: &str = "kms:EnableKeyRotation";
const DISABLE: &str = "kms:DisableKeyRotation";
const PERIOD_KEY: &str = "kms:RotationPeriodInDays";
const MFA: &str = "aws:MultiFactorAuthPresent";
const MAX_PERIOD: &str = "max_period_in_days";
const MIN_PERIOD: &str = "min_period_in_days";
// KMS API reference, `EnableKeyRotation`, read 2026-11.
const AWS_SHORTEST: i64 = 90;
const AWS_LONGEST: i64 = 2560;
const DEFAULT_PERIOD: i64 = 365;

static SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: MAX_PERIOD,
        kind: SettingKind::Integer { min: AWS_SHORTEST, max: AWS_LONGEST },
        doc: "The most days between two automatic rotations. Below 365 the guardrail denies every \
              `EnableKeyRotation` that names no period.",
        default: "365",
    },
    SettingSpec {
        name: MIN_PERIOD,
        kind: SettingKind::Integer { min: AWS_SHORTEST, max: AWS_LONGEST },
        doc: "The fewest days between two automatic rotations.",
        default: "90",
    },
];

static DOC: Doc = Doc {
    title: "Key material must rotate automatically",
    severity: Severity::Medium,
    requires: "Automatic rotation is on, with a period from `min_period_in_days` to `max_period_in_days`.",
    why: "Rotation limits how much data depends on one piece of key material. Left to people it does not happen.",
    reach: "The service control policy denies switching rotation off and periods that are too long or too short. It \
            cannot switch rotation on when a key is made, and a longer period that was set before the policy was \
            attached stays until somebody sets another: both are found by the audit.",
    evidence: "`GetKeyRotationStatus`, or the planned `enable_key_rotation` and `rotation_period_in_days`. Not judged: \
               keys that KMS cannot rotate (asymmetric, HMAC, imported, in a custom key store), replicas, which \
               rotate with their primary key, disabled keys and keys scheduled for deletion, which do not rotate.",
    remedy: "Set `enable_key_rotation` to true and `rotation_period_in_days` to a period within the limits.",
    references: &[
        Reference { standard: "AWS Security Hub", requirement: "KMS.4" },
        Reference { standard: "AWS Config", requirement: "CMK_BACKING_KEY_ROTATION_ENABLED" },
        Reference { standard: "CIS AWS Foundations 3.0", requirement: "3.6" },
        Reference { standard: "CIS AWS Foundations 5.0", requirement: "3.6" },
        Reference { standard: "NIST SP 800-53 Rev. 5", requirement: "SC-12, SC-12(2), SC-28(3)" },
        Reference { standard: "PCI DSS 4.0.1", requirement: "3.7.4" },
        Reference { standard: "AWS Control Tower", requirement: "CT.KMS.PR.1" },
    ],
};

#[cfg(test)]
mod tests;
