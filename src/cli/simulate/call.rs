//! API operations of a case: each is one or several authorizations.
//!
//! All of them must be allowed, so the one that hinders most decides.

use std::collections::BTreeSet;

use crate::cli::simulate::case::{Case, Detail, Judged, at, policies_of_key};
use crate::cli::simulate::read::{Fields, string};
use crate::iam::ParseError;
use crate::iam::catalogue::{Authorization, Parameters, Target, authorizations};
use crate::iam::evaluate::{
    Decision, Explanation, Outcome, Policies, Request, RequestBuilder, RequestError, evaluate, explain,
};
use crate::iam::json::{Node, Value};

/// What an operation names beside the key.
pub(super) struct Call {
    asked: Vec<Authorization>,
    operation: String,
    alias: Option<String>,
    other: Option<(String, Policies)>,
    tags: bool,
}

impl Call {
    /// Takes the fields of an operation; `tags`: the request brings some.
    pub(super) fn read(
        node: &Node<'_>,
        fields: &mut Fields<'_, '_>,
        case: &Case,
        tags: bool,
    ) -> Result<Self, ParseError> {
        let expected = "an API operation of KMS such as `CreateAlias`";
        let operation = string(node, expected)?;
        let policy = fields.take("policy").is_some_and(|node| matches!(node.value, Value::Bool(true)));
        let asked = authorizations(operation, Parameters { tags, policy });
        if asked.is_empty() {
            return Err(ParseError::new(node.at, format!("found `{operation}`, expected {expected}")));
        }
        let alias = fields.take("alias").map(|node| string(node, "the ARN of an alias")).transpose()?;
        let other = fields.take("other_key").map(|node| other_key(node, case)).transpose()?;
        let needs = |target| asked.iter().any(|part| part.on == target);
        let creates = matches!(operation, "CreateKey" | "ReplicateKey");
        if needs(Target::Alias) && alias.is_none() {
            return Err(ParseError::new(node.at, format!("`{operation}` needs an `alias`")));
        }
        if needs(Target::OtherKey) && other.is_none() && !creates {
            return Err(ParseError::new(node.at, format!("`{operation}` needs an `other_key`")));
        }
        let alias = alias.map(str::to_owned);
        Ok(Self { asked, operation: operation.to_owned(), alias, other, tags })
    }

    /// Judges every authorization.
    pub(super) fn decide(&self, case: &Case, detail: Detail) -> Result<Judged, RequestError> {
        let mut parts = Vec::new();
        let mut verdicts = Verdicts::new(detail);
        for asked in &self.asked {
            let (builder, policies) = self.request(*asked, case);
            let decision = verdicts.add(&format!("kms:{}", asked.action), &builder.build()?, policies);
            parts.push(Part { action: asked.action, on: asked.on, decision });
        }
        let refused = || RequestError::Action(self.operation.clone());
        let mut judged = verdicts.finish(parts).ok_or_else(refused)?;
        if self.tags && self.operation == "ReplicateKey" {
            let note = "which tags the `kms:CreateKey` of `ReplicateKey` sees is not documented";
            judged.outcome.not_modelled.push(note.to_owned());
        }
        Ok(judged)
    }

    fn request<'c>(&'c self, asked: Authorization, case: &'c Case) -> (RequestBuilder, &'c Policies) {
        let builder = case.builder.clone().action(&format!("kms:{}", asked.action));
        let region = case.replica_region.as_deref().filter(|_| self.operation == "ReplicateKey");
        match (asked.on, &self.other) {
            (Target::Key, _) => (builder, &case.policies),
            (Target::Alias, _) => (builder.resource(self.alias.as_deref().unwrap_or("*")), &case.policies),
            (Target::OtherKey, Some((resource, policies))) => (builder.resource(resource), policies),
            (Target::OtherKey, None) => {
                (builder.resource(&case.new_key_arn(region)).new_key(), &case.policies)
            }
            (Target::Everything, _) => {
                let builder = builder.resource("*");
                let builder = match region {
                    Some(region) => builder.context(case.context.clone().with("aws:RequestedRegion", region)),
                    None => builder,
                };
                (builder, &case.policies)
            }
        }
    }
}

/// The verdicts on the authorizations of one case, gathered.
pub(super) struct Verdicts {
    detail: Detail,
    outcome: Option<Outcome>,
    explained: Vec<(String, Vec<Explanation>)>,
}

impl Verdicts {
    pub(super) fn new(detail: Detail) -> Self {
        Self { detail, outcome: None, explained: Vec::new() }
    }

    pub(super) fn add(&mut self, action: &str, request: &Request, policies: &Policies) -> Decision {
        let outcome = evaluate(request, policies);
        let decision = outcome.decision;
        if self.detail == Detail::Everything {
            self.explained.push((action.to_owned(), explain(request, policies)));
        }
        self.outcome = Some(match self.outcome.take() {
            None => outcome,
            Some(former) => harder(former, outcome),
        });
        decision
    }

    /// `None` when nothing was asked.
    pub(super) fn finish(self, parts: Vec<Part>) -> Option<Judged> {
        Some(Judged { outcome: self.outcome?, parts, explained: self.explained })
    }
}

/// How one authorization came out.
pub(super) struct Part {
    pub(super) action: &'static str,
    pub(super) on: Target,
    pub(super) decision: Decision,
}

/// The one that hinders more; of two alike that do not deny, both.
fn harder(one: Outcome, other: Outcome) -> Outcome {
    let weight = |outcome: &Outcome| match outcome.decision {
        Decision::Allowed => 0,
        Decision::Undecided => 1,
        Decision::ImplicitlyDenied => 2,
        Decision::ExplicitlyDenied => 3,
    };
    let (mut harder, easier) = if weight(&other) > weight(&one) { (other, one) } else { (one, other) };
    if weight(&easier) == weight(&harder) && weight(&harder) < 2 {
        harder.decided_by.extend(easier.decided_by);
        harder.statements.extend(easier.statements);
        harder.not_modelled.extend(easier.not_modelled);
        harder.unknown.extend(easier.unknown);
    }
    harder.decided_by.sort_unstable();
    harder.decided_by.dedup();
    harder.not_modelled.sort_unstable();
    harder.not_modelled.dedup();
    let mut seen = BTreeSet::new();
    harder
        .statements
        .retain(|statement| seen.insert((statement.layer, statement.target.clone(), statement.sid.clone())));
    harder
}

fn other_key(node: &Node<'_>, case: &Case) -> Result<(String, Policies), ParseError> {
    let mut fields = Fields::new(node, "an object with `resource` and `resource_policy`")?;
    let resource =
        fields.take("resource").ok_or_else(|| ParseError::new(node.at, "the other key has no `resource`"))?;
    let resource = string(resource, "the ARN of a key")?;
    let mut policies = case.policies.clone();
    (policies.resource, policies.grants) = policies_of_key(&mut fields, resource)?;
    fields.finish()?;
    case.builder
        .clone()
        .action("kms:DescribeKey")
        .resource(resource)
        .build()
        .map_err(|error| at(node, &error))?;
    Ok((resource.to_owned(), policies))
}
