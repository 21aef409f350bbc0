//! `Resource` means a key that exists, in a key policy this one.

use crate::iam::arn::{Arn, is_account};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::{kms, values};
use crate::iam::lint::{Rule, Subject};
use crate::iam::pattern::Pattern;
use crate::iam::policy::{Statement, Text};
use crate::iam::template::{Mention, mentions};

/// The rule.
#[derive(Debug)]
pub(super) struct ResourcesNameThisKey;

impl Rule for ResourcesNameThisKey {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.statements() {
            let named = kms::resources(statement).iter().filter(|resource| resource.as_str() != "*");
            named.for_each(|resource| match subject.kind {
                Kind::Key => in_key_policy(resource, findings),
                Kind::ServiceControl | Kind::ResourceControl | Kind::Identity | Kind::Endpoint => {
                    elsewhere(statement, resource, findings);
                }
            });
        }
    }
}

fn in_key_policy(resource: &Text, findings: &mut Findings) {
    // Aliases are the business of another rule.
    if Arn::parse(resource.as_str()).is_some_and(|arn| arn.resource.starts_with("alias/")) {
        return;
    }
    findings.add_as(
        Severity::Warning,
        resource.at(),
        format!(
            "in a key policy `{resource}` matches at most the key it belongs to, and any other ARN nothing"
        ),
        "write `*`, which means this key",
    );
}

fn elsewhere(statement: &Statement, resource: &Text, findings: &mut Findings) {
    let pattern = without_variables(resource.as_str());
    let Some(arn) = Arn::parse(&pattern) else {
        // What a variable stands for may be most of the ARN.
        if pattern == resource.as_str() {
            incomplete(resource, findings);
        }
        return;
    };
    let fault = if arn.service == "kms" {
        of_no_key(&arn)
    } else if kms::is_about_kms_alone(statement) && !Pattern::wild(arn.service).matches("kms") {
        let fix = format!("write the ARN of a key, such as `{EXAMPLE}`");
        Some(("is no resource of KMS".to_owned(), fix))
    } else {
        None
    };
    if let Some((what, fix)) = fault {
        let message = format!("`{resource}` {what}, so it matches nothing");
        findings.add_as(Severity::Warning, resource.at(), message, fix);
    }
}

/// A variable may stand for anything, and has a colon that no part of an ARN ends at.
fn without_variables(text: &str) -> String {
    mentions(text).iter().fold(text.to_owned(), |text, mention| match mention {
        Mention::Variable { inside, .. } => text.replace(&format!("${{{inside}}}"), "*"),
        Mention::Open { .. } => text,
    })
}

/// In an identity policy AWS completes an ARN that has fewer parts than six (IAM
/// user guide, "IAM ARNs", read 2026-11); it refuses what is none at all.
fn incomplete(resource: &Text, findings: &mut Findings) {
    let fix = format!("write all six parts: `{EXAMPLE}`");
    if resource.as_str().starts_with("arn:") {
        findings.add_as(
            Severity::Warning,
            resource.at(),
            format!(
                "`{resource}` has fewer than the six parts of an ARN, and where AWS takes that at all, it puts `*` for \
                 those at the end"
            ),
            fix,
        );
    } else {
        findings.add(resource.at(), format!("`{resource}` is no ARN, and AWS refuses it"), fix);
    }
}

/// Why an ARN of KMS is that of no key and no alias, and what to write.
fn of_no_key(arn: &Arn<'_>) -> Option<(String, String)> {
    let Arn { partition, region, account, resource, .. } = *arn;
    if is_account(region) && values::region(account).is_none() {
        let fix = format!("write `arn:{partition}:kms:{account}:{region}:{resource}`");
        return Some(("has the account in the place of the Region".to_owned(), fix));
    }
    if !kms::is_pattern(region)
        && let Some(fault) = values::region(region)
    {
        let what = if region.is_empty() {
            "has no Region".to_owned()
        } else {
            format!("has `{region}` for a Region")
        };
        return Some((what, fault.fix));
    }
    if !kms::is_pattern(account) && !is_account(account) {
        let fix = "write the twelve digits of the account, or `*`".to_owned();
        return Some((format!("has `{account}` for an account"), fix));
    }
    let literal = resource.split(['*', '?']).next().unwrap_or_default();
    let begun = |kind: &str| literal.starts_with(kind) || literal != resource && kind.starts_with(literal);
    if !begun("key/") && !begun("alias/") {
        let id = resource.rsplit(['/', ':']).next().unwrap_or(resource);
        let fix = format!("write `arn:{partition}:kms:{region}:{account}:key/{id}`");
        return Some(("is the ARN of no key and no alias".to_owned(), fix));
    }
    let id = resource.strip_prefix("key/").filter(|id| !kms::is_pattern(id) && !is_key_id(id))?;
    let fix = "write the key's id, such as `1234abcd-12ab-34cd-56ef-1234567890ab` or `mrk-…`, or a wildcard";
    Some((format!("ends in `{id}`, which is no id of a key"), fix.to_owned()))
}

fn is_key_id(id: &str) -> bool {
    let hexadecimal = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(rest) = id.strip_prefix("mrk-") {
        return rest.len() == 32 && hexadecimal(rest);
    }
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && id.split('-').all(hexadecimal)
}

const EXAMPLE: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

static DOC: Doc = Doc {
    id: "resources-name-this-key",
    number: "L23",
    title: "Resources are keys that can exist",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "In a key policy `Resource` is `*`. Elsewhere a resource is `*` or an ARN of six parts; one of KMS has a \
               Region, an account and the id of a key or the name of an alias, each of them or a wildcard. Statements about \
               KMS alone have no resources of other services.",
    why: "A key policy is asked about its own key only: the ARN of another key makes the statement match nothing, and \
          AWS does not say so. A name in place of an id, or an account of eleven digits, matches no key either. What is \
          no ARN at all is refused; where one is too short, AWS puts wildcards for the missing parts.",
    remedy: "Write `*` in a key policy, and whole ARNs everywhere else.",
    references: &["KMS developer guide, Key policies", "IAM user guide, IAM ARNs"],
};
