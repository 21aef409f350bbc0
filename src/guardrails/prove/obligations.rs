//! What must come out: of every witness of every statement, of those who are
//! beyond the organisation's policies, of ordinary use, and of undoing it all.

use crate::controls::contract::guardrail::{Expected, Witness, WitnessCaller};
use crate::guardrails::plan::{Placed, Plan};
use crate::guardrails::prove::blame::found;
use crate::guardrails::prove::stage::{Position, Question, Stage};
use crate::guardrails::prove::{Court, Failure};
use crate::iam::evaluate::{Caller, Decision, Layer, Outcome, RequestError};
use crate::iam::policy::Effect;
use crate::model::org::{PolicyType, TargetId};

/// Every witness of every statement, on every target it hangs on.
pub(super) fn statements(court: &mut Court<'_>, plan: &Plan) -> Result<(), RequestError> {
    for placed in &plan.statements {
        let sid = plan.merged.get(&placed.sid).unwrap_or(&placed.sid);
        for target in &placed.targets {
            let Some(trial) = Trial::open(court.stage, placed, sid, target) else {
                court.failures.push(Failure {
                    subject: sid.clone(),
                    story: format!("its place `{target}`"),
                    expected: "known",
                    found: "not known".to_owned(),
                });
                continue;
            };
            for witness in &placed.witnesses {
                trial.hear(court, witness)?;
            }
        }
    }
    Ok(())
}

/// One statement on one target.
struct Trial<'a> {
    placed: &'a Placed,
    sid: &'a str,
    target: &'a TargetId,
    inside: Position,
    elsewhere: Vec<Position>,
    management: Position,
}

impl<'a> Trial<'a> {
    fn open(stage: &Stage<'_>, placed: &'a Placed, sid: &'a str, target: &'a TargetId) -> Option<Self> {
        let inside = match &placed.environment {
            Some(environment) => stage.of(environment)?,
            None => stage.at(target)?,
        };
        let paths = stage.layout.paths().keys().filter_map(|target| stage.at(target));
        let within = |position: &Position| {
            let of =
                |position: &Position| position.path.as_ref().map(ToString::to_string).unwrap_or_default();
            of(position).starts_with(&of(&inside))
        };
        let elsewhere =
            std::iter::once(stage.below_root()?).chain(paths).filter(|position| !within(position));
        // Two accounts of one organisation never share a number.
        let elsewhere = elsewhere.map(|position| position.with_account("000000000002")).collect();
        Some(Self { placed, sid, target, elsewhere, management: stage.management()?, inside })
    }

    fn hear(&self, court: &mut Court<'_>, witness: &Witness) -> Result<(), RequestError> {
        let outside = Stage::outside();
        let callers: Vec<&Position> = match witness.caller {
            WitnessCaller::Inside | WitnessCaller::Service => vec![&self.inside],
            WitnessCaller::Elsewhere => self.elsewhere.iter().collect(),
            WitnessCaller::Outsider => vec![&outside],
        };
        for from in callers {
            let caller = match witness.caller {
                WitnessCaller::Service => Caller::service("logs.amazonaws.com")?,
                WitnessCaller::Inside | WitnessCaller::Elsewhere | WitnessCaller::Outsider => {
                    from.role(ORDINARY)?
                }
            };
            self.judge(court, witness, caller, from, witness.expected, witness.story)?;
            if witness.expected == Expected::Denied && witness.caller != WitnessCaller::Outsider {
                self.spare(court, witness, from)?;
            }
        }
        Ok(())
    }

    /// The same request from those who must pass: the exempt, and whom
    /// policies of the organisation do not reach.
    fn spare(&self, court: &mut Court<'_>, witness: &Witness, from: &Position) -> Result<(), RequestError> {
        for pattern in &self.placed.exempt {
            let (arn, account) = somebody_like(pattern, &from.account);
            let from = from.with_account(&account);
            let caller = Caller::parse(&arn)?;
            self.judge(court, witness, caller, &from, Expected::Spared, "the same by somebody exempt")?;
        }
        let linked = from.role("aws-service-role/x.amazonaws.com/AWSServiceRoleForX")?;
        self.judge(court, witness, linked, from, Expected::Spared, "the same by a service-linked role")?;
        if self.placed.policy_type == PolicyType::ServiceControl {
            let manager = self.management.role(ORDINARY)?;
            let story = "the same from the management account";
            self.judge(court, witness, manager, &self.management, Expected::Spared, story)?;
        }
        Ok(())
    }

    fn judge(
        &self,
        court: &mut Court<'_>,
        witness: &Witness,
        caller: Caller,
        from: &Position,
        expected: Expected,
        story: &str,
    ) -> Result<(), RequestError> {
        let owner = match (self.placed.policy_type, witness.caller) {
            (PolicyType::ServiceControl, WitnessCaller::Inside) => from,
            (PolicyType::ServiceControl | PolicyType::ResourceControl, _) => &self.inside,
        };
        let resource = witness.resource.as_ref().map(|pattern| somebody_like(pattern, &from.account).0);
        let context = &witness.context;
        let action = witness.action;
        let outcome = court.stage.ask(Question { action, caller, from, owner, resource, context })?;
        let control = self.placed.control.map_or(COMPANION, |control| control.0).to_owned();
        let judged = court.proof.by_control.entry(control).or_default();
        *judged = judged.saturating_add(1);
        let denied = self.denies(&outcome);
        let right = denied == (expected == Expected::Denied) && outcome.not_modelled.is_empty();
        if !right {
            let place = from.path.as_ref().map_or("outside".to_owned(), ToString::to_string);
            court.failures.push(Failure {
                subject: self.sid.to_owned(),
                story: format!("{story} (`{action}` from `{place}`)"),
                expected: match expected {
                    Expected::Denied => "denied by it",
                    Expected::Spared => "left alone by it",
                },
                found: found(court.plan, &outcome),
            });
        }
        Ok(())
    }

    fn denies(&self, outcome: &Outcome) -> bool {
        let layer = match self.placed.policy_type {
            PolicyType::ServiceControl => Layer::ServiceControl,
            PolicyType::ResourceControl => Layer::ResourceControl,
        };
        let target = self.target.to_string();
        let names = outcome.statements.iter().any(|statement| {
            statement.layer == layer
                && statement.effect == Effect::Deny
                && statement.sid.as_deref() == Some(self.sid)
                && statement.target.as_deref() == Some(target.as_str())
        });
        outcome.decision == Decision::ExplicitlyDenied && names
    }
}

/// What every account must go on doing, wherever the plan hangs something.
pub(super) fn ordinary_use(court: &mut Court<'_>, plan: &Plan) -> Result<(), RequestError> {
    let targets: Vec<&TargetId> = plan.layout.paths().keys().collect();
    let forwarded = [
        ("aws:ViaAWSService".to_owned(), vec!["true".to_owned()]),
        ("kms:GrantIsForAWSResource".to_owned(), vec!["true".to_owned()]),
        ("kms:ViaService".to_owned(), vec!["ec2.us-east-1.amazonaws.com".to_owned()]),
    ];
    for position in targets.into_iter().filter_map(|target| court.stage.at(target)) {
        for action in ORDINARY_USE {
            let asked = Asked { action, context: &[], story: "an ordinary role on a key of its account" };
            stays(court, &position, position.role(ORDINARY)?, &asked)?;
        }
        let asked = Asked {
            action: "kms:CreateGrant",
            context: &forwarded,
            story: "a grant that EC2 makes for its caller",
        };
        stays(court, &position, position.role(ORDINARY)?, &asked)?;
        let asked = Asked {
            action: "kms:GenerateDataKey",
            context: &[],
            story: "a service that encrypts for itself",
        };
        stays(court, &position, Caller::service("logs.amazonaws.com")?, &asked)?;
    }
    Ok(())
}

struct Asked<'a> {
    action: &'a str,
    context: &'a [(String, Vec<String>)],
    story: &'a str,
}

fn stays(
    court: &mut Court<'_>,
    at: &Position,
    caller: Caller,
    asked: &Asked<'_>,
) -> Result<(), RequestError> {
    let Asked { action, context, story } = *asked;
    let outcome =
        court.stage.ask(Question { action, caller, from: at, owner: at, resource: None, context })?;
    court.proof.availability = court.proof.availability.saturating_add(1);
    if !outcome.is_certainly_allowed() {
        let place = at.path.as_ref().map(ToString::to_string).unwrap_or_default();
        court.failures.push(Failure {
            subject: "ordinary use".to_owned(),
            story: format!("{story} (`{action}` in `{place}`)"),
            expected: "allowed",
            found: found(court.plan, &outcome),
        });
    }
    Ok(())
}

/// Whoever applies the plan keeps what it takes to change it again.
pub(super) fn undo(court: &mut Court<'_>, own_role: &str) -> Result<(), RequestError> {
    let caller = Caller::parse(own_role)?;
    let account = caller.account().unwrap_or_default().to_owned();
    let (Some(management), Some(member)) = (court.stage.management(), court.stage.below_root()) else {
        return Ok(());
    };
    let from = if management.account == account { management } else { member.with_account(&account) };
    for action in UNDO {
        let policy = Some(format!("arn:aws:organizations::{account}:policy/o-x/service_control_policy/p-x"));
        let question = Question {
            action,
            caller: caller.clone(),
            from: &from,
            owner: &from,
            resource: policy,
            context: &[],
        };
        let outcome = court.stage.ask(question)?;
        court.proof.undo = court.proof.undo.saturating_add(1);
        if !outcome.is_certainly_allowed() {
            court.failures.push(Failure {
                subject: "undoing this plan".to_owned(),
                story: format!("`{action}` by `{own_role}`"),
                expected: "allowed",
                found: found(court.plan, &outcome),
            });
        }
    }
    Ok(())
}

/// The ARN of somebody or something that the pattern fits, with the account.
fn somebody_like(pattern: &str, account: &str) -> (String, String) {
    let fields: Vec<&str> = pattern.splitn(6, ':').collect();
    let [arn, partition, service, region, owner, resource] = fields.as_slice() else {
        return (pattern.to_owned(), account.to_owned());
    };
    let owner = if *owner == "*" { account } else { owner };
    let resource = resource.replace(['*', '?'], "x");
    (format!("{arn}:{partition}:{service}:{region}:{owner}:{resource}"), owner.to_owned())
}

const ORDINARY: &str = "keyrail-witness";
const COMPANION: &str = "exempt-roles";

const ORDINARY_USE: &[&str] = &[
    "kms:CancelKeyDeletion",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateMac",
    "kms:GetPublicKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:Sign",
    "kms:Verify",
];

const UNDO: &[&str] = &[
    "organizations:DeletePolicy",
    "organizations:DetachPolicy",
    "organizations:ListPolicies",
    "organizations:UpdatePolicy",
];
