//! Keys can still be made: in every environment, with its tag and all that is
//! required of a new key. What somebody wrote by hand may deny it, for keys may
//! be made elsewhere; what is generated never does.

use std::collections::BTreeMap;

use crate::controls::contract::guardrail::{Environment, Expected, WitnessCaller};
use crate::guardrails::layout::Layout;
use crate::guardrails::plan::Plan;
use crate::guardrails::prove::blame::found;
use crate::guardrails::prove::stage::{Position, Question, Stage};
use crate::guardrails::prove::{Court, Failure, ProveError};
use crate::model::org::TargetId;

/// Whether somebody with MFA who sets every tag that is asked for can make a key.
pub(super) fn keys_can_be_made(court: &mut Court<'_>, plan: &Plan) -> Result<(), ProveError> {
    let mut generated = plan.clone();
    generated.documents.retain(|packed| packed.written.is_none());
    let stage = Stage::set(&generated)?;
    let environments: BTreeMap<&str, &Environment> = plan
        .statements
        .iter()
        .filter_map(|placed| placed.environment.as_ref())
        .map(|environment| (environment.name.as_str(), environment))
        .collect();
    for environment in environments.into_values() {
        let Some(position) = stage.of(environment) else { continue };
        let context = asked_of_a_new_key(plan, environment, &position);
        for action in ACTIONS {
            let question = Question {
                action,
                caller: position.role(MAKER)?,
                from: &position,
                owner: &position,
                resource: None,
                context: &context,
            };
            let outcome = stage.ask(question)?;
            court.proof.availability = court.proof.availability.saturating_add(1);
            if !outcome.is_certainly_allowed() {
                let place = position.path.as_ref().map(ToString::to_string).unwrap_or_default();
                court.failures.push(Failure {
                    subject: "ordinary use".to_owned(),
                    story: format!(
                        "a key of `{}` made with every tag that is required (`{action}` in `{place}`)",
                        environment.name
                    ),
                    expected: "allowed",
                    found: found(plan, &outcome),
                });
            }
        }
    }
    Ok(())
}

/// The environment's tag, and the tags that the statements above it spare.
fn asked_of_a_new_key(
    plan: &Plan,
    environment: &Environment,
    position: &Position,
) -> Vec<(String, Vec<String>)> {
    let levels: Vec<TargetId> = position.path.as_ref().map(Layout::levels).unwrap_or_default();
    let above = plan.statements.iter().filter(|placed| placed.targets.iter().any(|at| levels.contains(at)));
    let spared = above.flat_map(|placed| &placed.witnesses).filter(|witness| {
        witness.action == CREATE
            && witness.expected == Expected::Spared
            && witness.caller == WitnessCaller::Inside
    });
    let mut tags = BTreeMap::from([(environment.tag_key.as_str(), vec![environment.name.clone()])]);
    for (key, values) in spared.flat_map(|witness| &witness.context) {
        if let Some(tag) = key.strip_prefix(REQUEST_TAG) {
            tags.entry(tag).or_insert_with(|| values.clone());
        }
    }
    let keys = tags.keys().map(|tag| (*tag).to_owned()).collect();
    let tags = tags.into_iter().map(|(tag, values)| (format!("{REQUEST_TAG}{tag}"), values));
    let rest = [
        ("aws:TagKeys".to_owned(), keys),
        ("aws:MultiFactorAuthPresent".to_owned(), vec!["true".to_owned()]),
    ];
    tags.chain(rest).collect()
}

const CREATE: &str = "kms:CreateKey";
// A key made with tags needs both (KMS developer guide, "Controlling access to tags", read 2026-11).
const ACTIONS: [&str; 2] = [CREATE, "kms:TagResource"];
const REQUEST_TAG: &str = "aws:RequestTag/";
const MAKER: &str = "keyrail-witness";
