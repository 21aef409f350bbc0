//! What the controls say of a planned key, with what the plan knows and they do
//! not: tags that somebody else manages, a policy that was refused already, and a
//! key that is there and may be on its way out.

use crate::controls::contract::finding::Finding;
use crate::controls::contract::verdict::Property;
use crate::controls::contract::verdict::Violation;
use crate::iam;
use crate::iam::PolicyKind;
use crate::provider::facts;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::plan::Planning;
use crate::provider::resources::secure_kms_key::plan::property_path;
use crate::provider::verdicts;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Field;
use crate::tf::diagnostics::Severity;

/// The diagnostics of the controls; none while it is unknown what a violation does.
pub(in super::super) fn judged(planning: &Planning<'_>, planned: &Model) -> Diagnostics {
    let configured = planning.configured;
    if configured.unknown.contains("enforcement") {
        return Diagnostics::new();
    }
    let mut findings = configured.judge(&facts::planned(planned.facts()));
    if is_refused(planned) {
        findings.retain(|finding| !finding.violations.iter().any(|found| found.property == Property::Policy));
    }
    for finding in &mut findings {
        ignored_tags(planning, finding);
    }
    let told = verdicts::diagnostics(&findings, configured.enforcement, |property| {
        property_path(planning.config, property)
    });
    told.into_iter().map(|told| if planning.prior.is_some() { with_way_out(told) } else { told }).collect()
}

/// A policy that cannot be read is told of once, by whoever reads its text.
fn is_refused(planned: &Model) -> bool {
    matches!(&planned.effective_policy, Field::Known(text) if iam::parse(text, PolicyKind::Resource).is_err())
}

/// A tag that was given and is left to somebody else is missing for another
/// reason than a control can tell.
fn ignored_tags(planning: &Planning<'_>, finding: &mut Finding) {
    let Field::Known(given) = &planning.config.tags else { return };
    for Violation { property, found, fix, .. } in &mut finding.violations {
        let absent = |key: &&String| match property {
            Property::Tag(missing) => missing == *key,
            Property::Tags => *found == format!("no tag `{key}`"),
            Property::Rotation | Property::RotationPeriod | Property::DeletionWindow | Property::Policy => {
                false
            }
        };
        let mut ignored = given.keys().filter(|key| planning.configured.ignored_tags.ignores(key));
        if let Some(key) = ignored.find(absent) {
            *found =
                format!("the tag `{key}`, which `ignore_tags` of the provider block leaves to somebody else");
            *fix = format!("take `{key}` out of `ignore_tags`, or out of the tags that the control requires");
        }
    }
}

/// Terraform plans a key before it destroys it, so a violation stands in the way.
fn with_way_out(mut told: Diagnostic) -> Diagnostic {
    if told.severity == Severity::Error {
        told.detail.push_str(
            "\nTo destroy the key as it is, let Terraform plan nothing before: `terraform destroy -refresh=false`.",
        );
    }
    told
}
