//! What the linter says of a planned policy.
//!
//! A given policy is judged as a whole, a generated one only for what its roles
//! bring about. INVARIANT: nothing is said here that the checks of the text, the
//! lock-out check or a control say already.

use crate::controls::contract::verdict::Property;
use crate::iam::lint::Finding;
use crate::iam::lint::Kind;
use crate::iam::lint::Severity;
use crate::iam::lint::Surroundings;
use crate::iam::lint::lint;
use crate::provider::configured::Enforcement;
use crate::provider::linted;
use crate::provider::linted::Consequence;
use crate::provider::linted::Named;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::plan::Planning;
use crate::provider::resources::secure_kms_key::plan::property_path;
use crate::tf::Diagnostics;
use crate::tf::Field;

/// Everything the linter has to say that is not said yet. `locks_out` is
/// whether the plan is refused because its policy locks the caller out.
///
/// What is only doubtful is told of a policy that is new or changes: of one
/// that is in force it has been told. A key that is public is told of always.
pub(super) fn check(planning: &Planning<'_>, planned: &Model, locks_out: bool) -> Diagnostics {
    let Some(text) = text(planning.config, planned) else { return Diagnostics::new() };
    let given = !(planning.config.key_policy.is_null() && planning.config.custom_policy.is_null());
    let changes = planning.prior.is_none_or(|prior| prior.effective_policy != planned.effective_policy);
    if !given && !changes {
        // What is generated names whom it lets in.
        return Diagnostics::new();
    }
    let mut found = lint(text, Kind::Key, &surroundings(planning, planned));
    found.retain(|finding| match linted::consequence(finding) {
        None => false,
        Some(Consequence::Public) => true,
        Some(Consequence::Lost) => changes && !locks_out,
        Some(Consequence::Refused) => changes,
        Some(Consequence::Doubtful) => changes && !is_said(finding) && (given || is_of_roles(finding)),
    });
    let bypass = planned.bypass_policy_lockout_safety_check == Field::Known(true);
    let refuses = |consequence| match consequence {
        Consequence::Refused => true,
        Consequence::Public => planning.configured.enforcement == Enforcement::Enforce,
        Consequence::Lost => !bypass,
        Consequence::Doubtful => false,
    };
    let path = property_path(planning.config, &Property::Policy);
    linted::diagnostics(Named("key policy"), &found, &path, refuses)
}

/// As the user wrote it, so that places are found again.
fn text<'a>(config: &'a Model, planned: &'a Model) -> Option<&'a str> {
    match (&config.key_policy, &planned.effective_policy) {
        (Field::Known(text), _) | (Field::Null, Field::Known(text)) => Some(text),
        _ => None,
    }
}

fn surroundings(planning: &Planning<'_>, planned: &Model) -> Surroundings {
    Surroundings {
        account: planning.home.ok().map(|home| home.account.clone()),
        region: planned.region.clone().known().and_then(|region| region.parse().ok()),
        ..Surroundings::default()
    }
}

/// Who may come without MFA, and whether anybody may at all, is the business of
/// the control `mfa-for-critical-operations`: a policy as it wants it hangs on MFA.
fn is_said(finding: &Finding) -> bool {
    finding.rule.id == "no-lock-out" && finding.severity == Severity::Warning
}

/// Of a generated policy its reader has only the roles to change.
fn is_of_roles(finding: &Finding) -> bool {
    finding.rule.id == "duties-separated"
}

#[cfg(test)]
mod tests;
