//! Configured rules and where somebody wants them, made into statements with
//! their places.
//!
//! INVARIANT: a statement hangs where it has its effect, or an error says why
//! it cannot.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::controls::catalogue::Catalogue;
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::exemption::has_literal_account;
use crate::controls::contract::guardrail::{Clause, Environment, Scope};
use crate::guardrails::companion;
use crate::guardrails::layout::Layout;
use crate::guardrails::plan::{Draft, Placed, Written};
use crate::model::org::{PolicyType, TargetId};
use crate::model::quoted;

/// What is wanted where.
#[derive(Debug, Clone)]
pub struct Order {
    /// The controls of each place.
    pub placements: BTreeMap<TargetId, BTreeSet<ControlId>>,
    /// Documents written by hand.
    pub written: Vec<Written>,
    /// The kinds of policy to make.
    pub policy_types: BTreeSet<PolicyType>,
    /// Patterns of principal ARNs that every statement spares.
    pub exempt: BTreeSet<String>,
    /// Who may make and change the roles and users that are exempt in every account; unless said, the
    /// role by which AWS Organizations opens new accounts.
    pub role_administrators: Option<BTreeSet<String>>,
}

/// Why no statements could be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GenerateError {
    /// A control that speaks of environments hangs where none begins.
    #[error(
        "`{control}` is placed on `{target}`, which is neither the root nor the place of an environment; required is \
         one of {required}"
    )]
    NoEnvironment {
        /// The control.
        control: ControlId,
        /// Where it was placed.
        target: TargetId,
        /// The places that would do.
        required: String,
    },
    /// A place that the layout does not know.
    #[error("`{target}` is not in the organisation `{organization}`")]
    UnknownTarget {
        /// The place.
        target: TargetId,
        /// The organisation.
        organization: String,
    },
}

/// The statements of every control at its places, the same statement at
/// several places once, and the companion where roles are exempt in every account.
pub fn generate(catalogue: &Catalogue, order: &Order, layout: Layout) -> Result<Draft, GenerateError> {
    let mut statements: Vec<Placed> = Vec::new();
    let mut limits = BTreeMap::new();
    let mut notices = BTreeSet::new();
    for (control, rule) in catalogue.rules() {
        let guardrail = rule.guardrail();
        let places: BTreeSet<&TargetId> = order
            .placements
            .iter()
            .filter(|(_, ids)| ids.contains(&control.id()))
            .map(|(target, _)| target)
            .collect();
        if places.is_empty() {
            continue;
        }
        known(&places, &layout)?;
        environments_begin_at(control.id(), &places, guardrail.clauses(), &layout)?;
        if !guardrail.limits().is_empty() {
            limits.insert(control.id(), guardrail.limits().to_vec());
        }
        for clause in guardrail.clauses().iter().filter(|clause| order.policy_types.contains(&clause.vehicle))
        {
            let targets = hung(clause, &places, &layout);
            if targets.is_empty() {
                continue;
            }
            let exempt = spared(clause, order, &mut notices);
            statements.push(place(control.id(), clause, targets, &exempt));
        }
    }
    let spared: BTreeSet<String> =
        statements.iter().flat_map(|placed| placed.exempt.iter().cloned()).collect();
    if order.policy_types.contains(&PolicyType::ServiceControl) {
        statements.extend(companion::protect(&spared, order.role_administrators.as_ref(), layout.root()));
    }
    for written in &order.written {
        known(&written.targets.iter().collect(), &layout)?;
    }
    let written = order.written.iter().filter(|written| order.policy_types.contains(&written.policy_type));
    Ok(Draft {
        statements,
        written: written.cloned().collect(),
        layout,
        limits,
        notices: notices.into_iter().collect(),
    })
}

fn place(
    control: ControlId,
    clause: &Clause,
    targets: BTreeSet<TargetId>,
    further: &BTreeSet<String>,
) -> Placed {
    let statement = clause.statement_exempting(further);
    let exempt = clause.exempt.union(further).cloned().collect();
    Placed {
        control: Some(control),
        policy_type: clause.vehicle,
        sid: clause.sid.clone(),
        statement,
        targets,
        exempt,
        environment: environment(clause).cloned(),
        witnesses: clause.witnesses.clone(),
    }
}

/// Where a clause hangs: of several places one below the other the upper one is enough.
fn hung(clause: &Clause, places: &BTreeSet<&TargetId>, layout: &Layout) -> BTreeSet<TargetId> {
    let root = layout.root();
    match &clause.scope {
        Scope::WherePlaced => {
            let covered = |target: &TargetId| places.iter().any(|upper| layout.is_above(upper, target));
            places.iter().filter(|target| !covered(target)).map(|target| (*target).clone()).collect()
        }
        Scope::RootFor(environment) if begins(environment, places, &root) => BTreeSet::from([root]),
        Scope::UnitOf(environment) if begins(environment, places, &root) => {
            BTreeSet::from([environment.place.clone()])
        }
        Scope::RootFor(_) | Scope::UnitOf(_) => BTreeSet::new(),
    }
}

fn begins(environment: &Environment, places: &BTreeSet<&TargetId>, root: &TargetId) -> bool {
    places.contains(root) || places.contains(&environment.place)
}

fn environment(clause: &Clause) -> Option<&Environment> {
    match &clause.scope {
        Scope::WherePlaced => None,
        Scope::RootFor(environment) | Scope::UnitOf(environment) => Some(environment),
    }
}

fn environments_begin_at(
    control: ControlId,
    places: &BTreeSet<&TargetId>,
    clauses: &[Clause],
    layout: &Layout,
) -> Result<(), GenerateError> {
    let only_environments = !clauses.is_empty() && clauses.iter().all(|clause| environment(clause).is_some());
    let begins: BTreeSet<&TargetId> =
        clauses.iter().filter_map(environment).map(|environment| &environment.place).collect();
    let stray = places.iter().find(|place| ***place != layout.root() && !begins.contains(**place));
    match stray {
        Some(target) if only_environments => {
            let root = layout.root();
            Err(GenerateError::NoEnvironment {
                control,
                target: (*target).clone(),
                required: quoted(std::iter::once(&root).chain(begins)),
            })
        }
        _ => Ok(()),
    }
}

fn known(places: &BTreeSet<&TargetId>, layout: &Layout) -> Result<(), GenerateError> {
    match places.iter().find(|target| layout.path(target).is_none()) {
        None => Ok(()),
        Some(target) => Err(GenerateError::UnknownTarget {
            target: (*target).clone(),
            organization: layout.organization().to_string(),
        }),
    }
}

/// The order's exemptions, as far as this kind of policy may take them.
fn spared(clause: &Clause, order: &Order, notices: &mut BTreeSet<String>) -> BTreeSet<String> {
    match clause.vehicle {
        PolicyType::ServiceControl => order.exempt.clone(),
        PolicyType::ResourceControl => {
            let (literal, wildcard): (BTreeSet<String>, BTreeSet<String>) =
                order.exempt.iter().cloned().partition(|pattern| has_literal_account(pattern));
            notices.extend(wildcard.iter().map(|pattern| {
                format!(
                    "`{pattern}` is not exempt from resource control policies: with a wildcard for the account \
                     anybody could make a role of that name in an account outside the organisation; write the \
                     account out to exempt it there"
                )
            }));
            literal
        }
    }
}

#[cfg(test)]
mod tests;
