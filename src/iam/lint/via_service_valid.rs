//! `kms:ViaService` has values that services really send.

use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::{kms, values};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Comparison, Condition, Effect, Statement};

/// The rule.
#[derive(Debug)]
pub(super) struct ViaServiceValid;

impl Rule for ViaServiceValid {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let on_service = subject.conditions().filter(|(_, condition)| {
            conditions::is_on(condition, &["kms:viaservice"])
                && condition.operator.comparison != Comparison::Null
        });
        for (statement, condition) in on_service {
            caches(statement, condition, findings);
            let faults = condition
                .values
                .iter()
                .filter_map(|value| Some((value.at(), fault(subject, condition, value.as_str())?)));
            faults.for_each(|(at, (message, fix))| findings.add(at, message, fix));
        }
    }
}

fn fault(subject: &Subject<'_>, condition: &Condition, value: &str) -> Option<(String, String)> {
    if value.contains("${") || value == "*" {
        return None;
    }
    let lower = value.to_ascii_lowercase();
    if lower != value && !condition.operator.comparison.as_str().contains("IgnoreCase") {
        let message = format!("services call in lower case, so `{value}` matches no call");
        return Some((message, format!("write `{lower}`")));
    }
    let value = lower.as_str();
    let form = || {
        let message =
            format!("`{value}` is not of the form `service.region.amazonaws.com`, so it matches no call");
        Some((message, "write it so, in every partition".to_owned()))
    };
    let Some(rest) = value.strip_suffix(".amazonaws.com") else {
        return if value.ends_with('*') { None } else { form() };
    };
    let Some((service, region)) = rest.split_once('.') else { return form() };
    if service == "ebs" {
        let message = "EBS calls as `ec2`, so `ebs` matches no call".to_owned();
        return Some((message, format!("write `ec2.{region}.amazonaws.com`")));
    }
    if kms::is_pattern(region) {
        return None;
    }
    match values::region(region) {
        Some(fault) if fault.severity == Severity::Error => return form(),
        Some(fault) => return Some((format!("`{value}` seems mistyped: {}", fault.message), fault.fix)),
        None => {}
    }
    let home = subject.surroundings.region.as_ref().filter(|_| subject.kind == Kind::Key)?;
    (region != home.as_str()).then(|| {
        let message =
            format!("the key is in `{home}`, and services call it from there and not from `{region}`");
        (message, format!("write `{service}.{home}.amazonaws.com`"))
    })
}

/// One service calls under two names (KMS developer guide, `kms:ViaService`,
/// read 2026-11).
fn caches(statement: &Statement, condition: &Condition, findings: &mut Findings) {
    let calls = |name: &str| condition.values.iter().find(|value| value.as_str().starts_with(name));
    if let Some(cache) = calls("elasticache.")
        && statement.effect == Effect::Allow
        && calls("dax.").is_none()
    {
        let dax = cache.as_str().replacen("elasticache", "dax", 1);
        findings.add(
            cache.at(),
            "ElastiCache calls as `elasticache` and as `dax`, and only one of them is here",
            format!("add `{dax}`"),
        );
    }
}

static DOC: Doc = Doc {
    id: "via-service-valid",
    number: "L24",
    title: "`kms:ViaService` names services that call",
    severity: Severity::Warning,
    kinds: &Kind::ALL,
    requires: "Values of `kms:ViaService` are `service.region.amazonaws.com` in lower case, in the region of the key.",
    why: "The value is the same in every partition and never ends in `.cn`. EBS calls as `ec2`. Another spelling \
          matches no call, so an Allow is without effect and a negated Deny hits every call.",
    remedy: "Correct the value.",
    references: &["KMS developer guide, `kms:ViaService`"],
};
