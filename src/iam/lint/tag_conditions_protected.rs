//! A tag that decides cannot be set by those it decides about.

use std::collections::BTreeMap;

use crate::iam::arn::Arn;
use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms;
use crate::iam::lint::{Rule, Subject};
use crate::iam::minify::takes_in;
use crate::iam::policy::{Comparison, Condition, Effect, Principals, Quantifier, Resources, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct TagConditionsProtected;

impl Rule for TagConditionsProtected {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let tagged = subject.statements().iter().flat_map(|statement| {
            conditions::on(statement, &["aws:resourcetag/"]).map(move |condition| (statement, condition))
        });
        let mut told: Vec<String> = Vec::new();
        for (statement, condition) in tagged.filter(|(statement, _)| !guards_tags(statement)) {
            let decision = Decision::by(statement, condition);
            let open = decision.open(subject);
            if open.is_empty() || told.contains(&decision.tag) {
                continue;
            }
            findings.add(
                condition.key.at(),
                format!(
                    "whoever may call {} decides what this condition sees of `{}`",
                    open.iter().map(|way| format!("`kms:{}`", way.action)).collect::<Vec<_>>().join(" or "),
                    tag_of(condition)
                ),
                format!(
                    "deny {} the tag{}",
                    open.iter().map(|way| way.means).collect::<Vec<_>>().join(" and "),
                    elsewhere(subject.kind)
                ),
            );
            told.push(decision.tag);
        }
        spellings(subject, findings);
    }
}

/// Where else than in the policy itself the protection may be.
fn elsewhere(kind: Kind) -> &'static str {
    match kind {
        Kind::ServiceControl | Kind::ResourceControl => ", here or in a policy linted together with this one",
        Kind::Key | Kind::Identity | Kind::Endpoint => ", here or in a service control policy",
    }
}

fn tag_of(condition: &Condition) -> &str {
    condition.key.as_str().split_once('/').map_or("", |(_, tag)| tag)
}

/// Whether the statement is itself about tagging.
fn guards_tags(statement: &Statement) -> bool {
    let actions = kms::actions(statement);
    !actions.is_empty()
        && actions.iter().all(|action| matches!(action.name, "TagResource" | "UntagResource" | "CreateKey"))
}

/// A way to change what a condition sees.
struct Way {
    action: &'static str,
    means: &'static str,
}

const WAYS: [Way; 2] =
    [Way { action: "TagResource", means: "changing" }, Way { action: "UntagResource", means: "removing" }];

/// What a condition decides by, and how somebody would get round it.
struct Decision<'s> {
    /// In lower case.
    tag: String,
    /// The values that the condition is about; `*` where it asks for presence.
    values: Vec<&'s str>,
    /// Whether a key with one of the values is what one wants, or a key with another.
    wants_value: bool,
    /// The ways by which one gets there.
    ways: Vec<&'static Way>,
    /// The resources of the statement.
    resources: Vec<&'s str>,
}

impl<'s> Decision<'s> {
    fn by(statement: &'s Statement, condition: &'s Condition) -> Self {
        let comparison = condition.operator.comparison;
        let presence = comparison == Comparison::Null;
        // One wants an Allow to hold and a Deny not to.
        let wants = statement.effect == Effect::Allow;
        let tagging = !presence || conditions::says(condition, "false") == wants;
        let untagging = conditions::holds_without(condition) == wants;
        let ways = WAYS.iter().zip([tagging, untagging]);
        let values = condition.values.iter().map(Text::as_str);
        let resources = match &statement.resources {
            Some(Resources::Only(resources)) => resources.iter().map(Text::as_str).collect(),
            Some(Resources::AllBut(_)) | None => vec!["*"],
        };
        Self {
            resources,
            tag: tag_of(condition).to_ascii_lowercase(),
            values: if presence { vec!["*"] } else { values.collect() },
            wants_value: presence || wants != comparison.is_negated(),
            ways: ways.filter_map(|(way, leads)| leads.then_some(way)).collect(),
        }
    }

    /// The ways that no Deny in force closes.
    fn open(&self, subject: &Subject<'_>) -> Vec<&'static Way> {
        let closed = |way: &Way| subject.in_force().any(|statement| self.is_closed(subject, statement, way));
        self.ways.iter().copied().filter(|way| !closed(way)).collect()
    }

    /// Whether the statement denies the way to everybody but principals that it
    /// spares by name.
    fn is_closed(&self, subject: &Subject<'_>, statement: &Statement, way: &Way) -> bool {
        let everybody = match &statement.principals {
            None | Some(Principals::AllBut(_)) => true,
            Some(Principals::Only(set)) => set.is_everyone() || subject.delegates(statement),
        };
        statement.effect == Effect::Deny
            && everybody
            && kms::covers(statement, way.action)
            && (subject.kind == Kind::Key || self.reaches(statement))
            && statement.conditions.iter().all(|condition| self.stops(condition, way))
    }

    /// Whether the statement is about the keys that the condition decides about.
    fn reaches(&self, statement: &Statement) -> bool {
        let Some(Resources::Only(resources)) = &statement.resources else { return false };
        let of_keys = |text: &str| Arn::parse(text).is_some_and(|arn| arn.resource == "key/*");
        let takes_all = |wide: &Text| {
            of_keys(wide.as_str()) || self.resources.iter().all(|narrow| takes_in(wide.as_str(), narrow))
        };
        resources.iter().any(takes_all)
    }

    /// Whether each change that leads to what one wants meets the condition.
    fn stops(&self, condition: &Condition, way: &Way) -> bool {
        if conditions::is_exemption(condition) {
            return true;
        }
        if conditions::is_on(condition, &["aws:tagkeys"]) {
            return self.names_tag(condition);
        }
        let of_request = conditions::is_on(condition, &["aws:requesttag/"]);
        if of_request && way.action == "UntagResource" {
            return conditions::holds_without(condition);
        }
        let of_key = conditions::is_on(condition, &["aws:resourcetag/"]);
        if !(of_request || of_key) || !tag_of(condition).eq_ignore_ascii_case(&self.tag) {
            return false;
        }
        if condition.operator.comparison == Comparison::Null {
            return conditions::says(condition, "false");
        }
        let mut values = condition.values.iter().map(Text::as_str);
        // Who wants a value must have it in the request, who wants another must find it on the key.
        let positive = of_request == self.wants_value;
        match condition.operator.comparison.is_negated() {
            // The one is compared with the other, so that it stays as it is.
            true if values.clone().any(|value| self.is_variable(value)) => true,
            true => !positive && values.all(|value| self.values.contains(&value)),
            false => {
                positive
                    && self.values.iter().all(|wanted| values.clone().any(|value| takes_in(value, wanted)))
            }
        }
    }

    /// Whether the value is the tag itself, of the request or of the key.
    fn is_variable(&self, value: &str) -> bool {
        let lower = value.to_ascii_lowercase();
        ["request", "resource"].iter().any(|of| lower == format!("${{aws:{of}tag/{}}}", self.tag))
    }

    /// Whether whatever names the tag meets the condition on `aws:TagKeys`.
    fn names_tag(&self, condition: &Condition) -> bool {
        let operator = condition.operator;
        if operator.comparison == Comparison::Null {
            return conditions::says(condition, "false");
        }
        let named = |value: &Text| takes_in(&value.as_str().to_ascii_lowercase(), &self.tag);
        operator.quantifier != Some(Quantifier::ForAllValues)
            && condition.values.iter().any(named) != operator.comparison.is_negated()
    }
}

/// One tag under two spellings, or one value under two.
fn spellings(subject: &Subject<'_>, findings: &mut Findings) {
    let mut tags: BTreeMap<String, &str> = BTreeMap::new();
    let mut values: BTreeMap<(String, String), &Text> = BTreeMap::new();
    let families = ["aws:requesttag/", "aws:resourcetag/"];
    for condition in subject.statements().iter().flat_map(|statement| conditions::on(statement, &families)) {
        let tag = tag_of(condition);
        let first = *tags.entry(tag.to_ascii_lowercase()).or_insert(tag);
        if first != tag {
            findings.add(
                condition.key.at(),
                format!("the tag is `{first}` elsewhere and `{tag}` here; a key can carry both, and which one a condition sees is not defined"),
                format!("write `{first}`"),
            );
        }
        for value in condition.values.iter().filter(|_| condition.operator.comparison != Comparison::Null) {
            let place = (tag.to_ascii_lowercase(), value.as_str().to_ascii_lowercase());
            let first = *values.entry(place).or_insert(value);
            if first != value {
                findings.add(
                    value.at(),
                    format!("the value is `{first}` elsewhere and `{value}` here, and letter case counts in values"),
                    format!("write `{first}`, or list both together"),
                );
            }
        }
    }
}

static DOC: Doc = Doc {
    id: "tag-conditions-protected",
    number: "L31",
    title: "Tags that decide are protected",
    severity: Severity::Warning,
    kinds: &[Kind::Key, Kind::ServiceControl, Kind::ResourceControl],
    requires: "Where `aws:ResourceTag/…` decides, a Deny that spares principals by name alone keeps the tag from being \
               changed to another side of the decision, and from being removed where that helps; tag and values are spelt \
               alike everywhere.",
    why: "A tag is as strong as the permission to set it: whoever may call `kms:TagResource` takes the key out of the \
          condition. AWS ignores letter case in the names of tags in conditions, and not in their values.",
    remedy: "Deny `kms:TagResource` where it changes the tag, and `kms:UntagResource` on it. A Deny of one value leaves all \
             others open. Service control policies are seen together when they are linted together; a key policy governs \
             one key and protects no other. keyrail's `environment-boundary` goes by the organisation's paths, which \
             nobody in an account can change.",
    references: &["KMS developer guide, ABAC for AWS KMS"],
};
