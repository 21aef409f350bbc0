//! The linter: one file per rule, each with what it requires, why, and how to
//! mend what it finds.
//!
//! Rules look at one policy as written, with positions, and ask the evaluator
//! where only a decision tells. Adding one is a new file, its `mod` line and its
//! line in [`RULES`].
//!
//! INVARIANT: a policy without findings of [`Severity::Error`] is one that
//! [`crate::iam::parse()`] reads.

mod account_keeps_access;
mod actions_known;
mod aliases_in_their_place;
mod condition_keys_present;
pub mod contract;
mod cross_account_deliberate;
mod decrypt_confined_to_keys;
mod deny_all_spares_somebody;
mod duties_separated;
mod exemptions_out_of_reach;
mod grant_permission_confined;
mod grants_constrained;
#[cfg(test)]
mod laws;
mod list_keys_compared_as_lists;
mod no_contradiction;
mod no_lock_out;
mod no_not_principal;
mod no_null_conjunction;
mod no_over_permissive_context;
mod no_public_access;
mod no_redundancy;
mod operators_fit_types;
mod organization_ids_valid;
mod principals_exist;
mod rcp_within_language;
mod resources_name_this_key;
mod scp_denies_and_spares;
mod sensitive_keys_literal;
mod service_use_recognized;
mod services_confined_to_source;
mod services_exempt_from_network_and_mfa;
mod set_operators_safe_when_absent;
mod size_within_quota;
mod statements_complete;
mod tag_conditions_protected;
mod version_current;
mod via_service_valid;
mod well_formed;

use std::fmt::Debug;

pub use contract::doc::{Doc, Kind, Severity};
pub use contract::finding::{Finding, Findings};
pub use contract::subject::{Subject, Surroundings};

use crate::iam::parse::{self, ParseError};
use crate::iam::policy::{Document, Position};
use contract::recover::recover;
use contract::subject::{Ownership, is_too_long, order};

/// One rule.
pub trait Rule: Debug + Send + Sync + 'static {
    /// What it requires, why, and how to mend it.
    fn doc(&self) -> &'static Doc;

    /// Looks at one policy of a kind the rule is about.
    fn check(&self, subject: &Subject<'_>, findings: &mut Findings);
}

/// Every rule, in the order of their ids.
pub static RULES: &[&dyn Rule] = &[
    &account_keeps_access::AccountKeepsAccess,
    &actions_known::ActionsKnown,
    &aliases_in_their_place::AliasesInTheirPlace,
    &condition_keys_present::ConditionKeysPresent,
    &cross_account_deliberate::CrossAccountDeliberate,
    &decrypt_confined_to_keys::DecryptConfinedToKeys,
    &deny_all_spares_somebody::DenyAllSparesSomebody,
    &duties_separated::DutiesSeparated,
    &exemptions_out_of_reach::ExemptionsOutOfReach,
    &grant_permission_confined::GrantPermissionConfined,
    &grants_constrained::GrantsConstrained,
    &list_keys_compared_as_lists::ListKeysComparedAsLists,
    &no_contradiction::NoContradiction,
    &no_lock_out::NoLockOut,
    &no_not_principal::NoNotPrincipal,
    &no_null_conjunction::NoNullConjunction,
    &no_over_permissive_context::NoOverPermissiveContext,
    &no_public_access::NoPublicAccess,
    &no_redundancy::NoRedundancy,
    &operators_fit_types::OperatorsFitTypes,
    &organization_ids_valid::OrganizationIdsValid,
    &principals_exist::PrincipalsExist,
    &rcp_within_language::RcpWithinLanguage,
    &resources_name_this_key::ResourcesNameThisKey,
    &scp_denies_and_spares::ScpDeniesAndSpares,
    &sensitive_keys_literal::SensitiveKeysLiteral,
    &service_use_recognized::ServiceUseRecognized,
    &services_confined_to_source::ServicesConfinedToSource,
    &services_exempt_from_network_and_mfa::ServicesExemptFromNetworkAndMfa,
    &set_operators_safe_when_absent::SetOperatorsSafeWhenAbsent,
    &size_within_quota::SizeWithinQuota,
    &statements_complete::StatementsComplete,
    &tag_conditions_protected::TagConditionsProtected,
    &version_current::VersionCurrent,
    &via_service_valid::ViaServiceValid,
    &well_formed::WellFormed,
];

/// Everything the rules have to say about a policy, in the order of the text.
pub fn lint(text: &str, kind: Kind, surroundings: &Surroundings) -> Vec<Finding> {
    let read = recover(text);
    let nothing = Document::new([]);
    let document = read.document.as_ref().unwrap_or(&nothing);
    let subject = Subject {
        kind,
        text,
        document,
        start: read.start,
        version_at: read.version_at,
        faults: &read.faults,
        operands: &read.operands,
        surroundings,
        ownership: Ownership::new(document, surroundings),
        is_too_long: is_too_long(kind, text, document),
    };
    let mut found = Vec::new();
    let readable = read.document.is_some();
    for rule in RULES.iter().filter(|rule| rule.doc().kinds.contains(&kind)) {
        if readable || rule.doc().number == well_formed::NUMBER {
            let mut findings = Findings::new(rule.doc());
            rule.check(&subject, &mut findings);
            found.extend(findings.into_found());
        }
    }
    if found.iter().all(|finding| finding.severity < Severity::Error)
        && let Err(refusal) = parse::parse(text, kind.policy_kind())
    {
        found.push(well_formed::finding(&refusal));
    }
    for finding in &mut found {
        finding.statement = statement_of(&read.places, finding);
    }
    found.sort_by(|a, b| (order(a.at), a.rule.number).cmp(&(order(b.at), b.rule.number)));
    found
}

/// What is said of bytes that are no text, or of anything else that keeps a policy
/// from being read at all.
pub fn unreadable(error: &ParseError) -> Finding {
    well_formed::finding(error)
}

/// The statement that the finding lies in: its Sid, or its number from 1.
fn statement_of(places: &[(Position, Option<String>)], finding: &Finding) -> Option<String> {
    let starts = |(_, (at, _)): &(usize, &(Position, Option<String>))| order(*at) <= order(finding.at);
    let (index, (_, sid)) = places.iter().enumerate().rev().find(starts)?;
    Some(sid.clone().unwrap_or_else(|| index.saturating_add(1).to_string()))
}
