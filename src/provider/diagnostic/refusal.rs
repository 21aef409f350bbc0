//! Why AWS denied a call, out of the text in which alone it says so.

use crate::controls::catalogue::Catalogue;
use crate::controls::contract::guardrail::Clause;
use crate::iam::policy::{Actions, Text};
use crate::model::org::{PolicyId, PolicyType};

/// What AWS's text says of why it refused (IAM user guide, "Troubleshoot access
/// denied error messages", read 2026-11).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    deciding: Deciding,
    /// The id of the policy, where AWS names it.
    policy: Option<String>,
    /// The statement, where AWS names it.
    sid: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deciding {
    ExplicitDeny(Layer),
    NothingAllows(Layer),
    NotSaid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    ServiceControl,
    ResourceControl,
    Resource,
    Identity,
    Boundary,
    Session,
    Endpoint,
    NotSaid,
}

impl Refusal {
    /// Reads the text.
    pub(super) fn read(message: &str) -> Self {
        let deciding = if let Some((_, rest)) = message.split_once("explicit deny") {
            Deciding::ExplicitDeny(Layer::read(rest))
        } else if let Some((_, rest)) = message.split_once("because no ") {
            Deciding::NothingAllows(Layer::read(rest))
        } else {
            Deciding::NotSaid
        };
        Self { deciding, policy: policy_id(message), sid: sid(message) }
    }

    /// Whether a policy of the organisation denied it, or none allowed it.
    pub(super) fn is_a_guardrails(&self) -> bool {
        let by = |layer| matches!(layer, Layer::ServiceControl | Layer::ResourceControl);
        self.vehicle().is_some() || matches!(self.deciding, Deciding::NothingAllows(layer) if by(layer))
    }

    /// The controls whose guardrail it likely was: by the statement, where AWS
    /// names it, otherwise by the action. What is attached may be set otherwise
    /// than this provider's controls are, so it is no more than likely.
    pub(super) fn likely_controls(&self, operation: &str, catalogue: &Catalogue) -> Option<String> {
        let vehicle = self.vehicle()?;
        let action = format!("kms:{operation}");
        let fits = |clause: &Clause| {
            let denied = match &self.sid {
                Some(sid) => clause.sid == *sid,
                None => clause.statement.actions.as_ref().is_some_and(|actions| concerns(actions, &action)),
            };
            clause.vehicle == vehicle && denied
        };
        let denying = catalogue.rules().filter(|(_, rule)| rule.guardrail().clauses().iter().any(fits));
        let named: Vec<String> =
            denying.map(|(control, _)| format!("`{}` ({})", control.id(), control.doc().title)).collect();
        (!named.is_empty()).then(|| format!("Most likely it is the guardrail of {}.", named.join(" or ")))
    }

    fn vehicle(&self) -> Option<PolicyType> {
        match self.deciding {
            Deciding::ExplicitDeny(Layer::ServiceControl) => Some(PolicyType::ServiceControl),
            Deciding::ExplicitDeny(Layer::ResourceControl) => Some(PolicyType::ResourceControl),
            Deciding::ExplicitDeny(_) | Deciding::NothingAllows(_) | Deciding::NotSaid => None,
        }
    }

    /// What decided and what to do about it.
    pub(super) fn advice(&self, service: &str, operation: &str) -> String {
        let named = self.named();
        match self.deciding {
            Deciding::NothingAllows(Layer::Identity | Layer::NotSaid | Layer::Resource) | Deciding::NotSaid
                if service == "Organizations" => format!(
                "AWS Organizations answers in the management account, and in an account that its resource policy \
                 delegates to: let `profile` or `assume_role` of the provider lead to one of them. There the caller's \
                 identity policy must allow `organizations:{operation}`; for a delegated administrator the \
                 organisation's resource policy must allow it too."
            ),
            Deciding::ExplicitDeny(layer @ (Layer::ServiceControl | Layer::ResourceControl)) => format!(
                "A guardrail of the organisation forbids this: {} denies it{named}, whatever the caller's own \
                 policies allow. The data source `kms_org_guardrails` shows what is in force and why. Do what the \
                 guardrail asks for, or have the caller's role added to its `exempt_principal_arns`.",
                layer.words()
            ),
            Deciding::ExplicitDeny(layer) => format!(
                "A Deny in {} forbids this{named}; no other policy can allow it. Change that statement, or call as \
                 somebody it does not concern.",
                layer.words()
            ),
            Deciding::NothingAllows(Layer::ServiceControl) => {
                missing_from_the_organisation("service control policy", "FullAWSAccess")
            }
            Deciding::NothingAllows(Layer::ResourceControl) => {
                missing_from_the_organisation("resource control policy", "RCPFullAWSAccess")
            }
            Deciding::NothingAllows(layer @ (Layer::Boundary | Layer::Session | Layer::Endpoint)) => {
                format!("No statement of {} allows this, and it limits what other policies allow: let it allow the action.", layer.words())
            }
            Deciding::NothingAllows(Layer::Identity | Layer::Resource | Layer::NotSaid) => {
                "No policy allows this to the caller. Allow the action in the caller's identity policy, and let the \
                 key policy allow it or delegate to the account."
                    .to_owned()
            }
            Deciding::NotSaid => {
                "AWS does not say which policy decided. Look at the caller's identity policy, at the key policy, and \
                 at the guardrails in force (data source `kms_org_guardrails`)."
                    .to_owned()
            }
        }
    }

    fn named(&self) -> String {
        match (&self.policy, &self.sid) {
            (Some(policy), Some(sid)) => format!(" (policy `{policy}`, statement `{sid}`)"),
            (Some(policy), None) => format!(" (policy `{policy}`)"),
            (None, Some(sid)) => format!(" (statement `{sid}`)"),
            (None, None) => String::new(),
        }
    }
}

impl Layer {
    fn read(text: &str) -> Self {
        const NAMES: &[(&str, Layer)] = &[
            ("service control policy", Layer::ServiceControl),
            ("resource control policy", Layer::ResourceControl),
            ("resource-based policy", Layer::Resource),
            ("identity-based policy", Layer::Identity),
            ("permissions boundary", Layer::Boundary),
            ("session policy", Layer::Session),
            ("VPC endpoint policy", Layer::Endpoint),
        ];
        NAMES.iter().find(|(name, _)| text.contains(name)).map_or(Self::NotSaid, |(_, layer)| *layer)
    }

    fn words(self) -> &'static str {
        match self {
            Self::ServiceControl => "a service control policy",
            Self::ResourceControl => "a resource control policy",
            Self::Resource => "the key policy",
            Self::Identity => "the caller's identity policy",
            Self::Boundary => "the caller's permissions boundary",
            Self::Session => "the session policy",
            Self::Endpoint => "the policy of the VPC endpoint",
            Self::NotSaid => "a policy",
        }
    }
}

fn missing_from_the_organisation(kind: &str, usual: &str) -> String {
    format!(
        "No {kind} allows this, so nothing of the account's own can. On the root, on every organizational unit above \
         the account, and on the account itself a {kind} must hang that allows it: attach `{usual}` again where it is \
         missing."
    )
}

/// Whether the action is among these. A guardrail names actions whole or by
/// their beginning.
fn concerns(actions: &Actions, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let names = |pattern: &Text| {
        let pattern = pattern.as_str().to_ascii_lowercase();
        pattern.strip_suffix('*').map_or(pattern == action, |beginning| action.starts_with(beginning))
    };
    match actions {
        Actions::Only(patterns) => patterns.iter().any(names),
        Actions::AllBut(patterns) => !patterns.iter().any(names),
    }
}

/// The id of an organisation's policy, alone or at the end of an ARN.
fn policy_id(message: &str) -> Option<String> {
    let words = message
        .split(|character: char| !character.is_ascii_alphanumeric() && character != '-' && character != '_');
    words.map(str::to_owned).find(|word| word.parse::<PolicyId>().is_ok())
}

/// What follows the word `Sid` or `statement`, without quotes.
fn sid(message: &str) -> Option<String> {
    let words: Vec<&str> = message
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let named = |pair: &[&str]| match pair {
        ["Sid" | "sid" | "statement", sid] => Some((*sid).to_owned()),
        _ => None,
    };
    words.windows(2).find_map(named)
}
