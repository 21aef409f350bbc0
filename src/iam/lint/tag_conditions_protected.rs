//! A tag that decides cannot be set by those it decides about.

use std::collections::BTreeMap;

use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Comparison, Condition, Effect, Statement, Text};

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
        for (_, condition) in tagged.filter(|(statement, _)| !guards_tags(statement)) {
            let tag = tag_of(condition).to_ascii_lowercase();
            if told.contains(&tag) || is_protected(subject, &tag) {
                continue;
            }
            findings.add(
                condition.key.at(),
                format!("whoever may call `kms:TagResource` or `kms:UntagResource` decides what this condition sees of `{}`", tag_of(condition)),
                "deny changing and removing the tag, here or in a policy linted together with this one",
            );
            told.push(tag);
        }
        spellings(subject, findings);
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

/// Whether a Deny in force is about changing this tag, or all tags.
fn is_protected(subject: &Subject<'_>, tag: &str) -> bool {
    let covers = |statement: &Statement, action: &str| {
        statement.effect == Effect::Deny && guards_tags(statement) && kms::covers(statement, action)
    };
    let about = |statement: &Statement| {
        let tags = |condition: &Condition| {
            if conditions::is_on(condition, &["aws:tagkeys"]) {
                condition.values.iter().any(|value| value.as_str().eq_ignore_ascii_case(tag))
            } else {
                tag_of(condition).eq_ignore_ascii_case(tag)
            }
        };
        let on_tags = || conditions::on(statement, &["aws:tagkeys", "aws:requesttag/", "aws:resourcetag/"]);
        on_tags().next().is_none() || on_tags().any(tags)
    };
    ["TagResource", "UntagResource"]
        .iter()
        .all(|action| subject.in_force().any(|statement| covers(statement, action) && about(statement)))
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
    requires: "Where `aws:ResourceTag/…` decides, a Deny keeps the tag from being changed and removed, and tag and values \
               are spelt alike everywhere.",
    why: "A tag is as strong as the permission to set it: whoever may call `kms:TagResource` takes the key out of the \
          condition. AWS ignores letter case in the names of tags in conditions, and not in their values.",
    remedy: "Deny `kms:TagResource` where it changes the tag, and `kms:UntagResource` on it. keyrail's \
             `environment-boundary` goes by the organisation's paths, which nobody in an account can change.",
    references: &["KMS developer guide, ABAC for AWS KMS"],
};
