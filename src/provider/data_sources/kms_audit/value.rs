//! A report as Terraform's values.

use std::collections::BTreeMap;

use super::request::Request;
use crate::audit::GrantRecord;
use crate::audit::KeyRecord;
use crate::audit::Report;
use crate::audit::TagRecord;
use crate::audit::export;
use crate::controls::contract::finding::Finding;
use crate::model::account::AccountId;
use crate::tf::Field;
use crate::tf::Value;

/// The configuration with the results.
pub(super) fn state(request: &Request, report: &Report) -> Value {
    let mut state = request.config.entries().ok().and_then(Field::known).cloned().unwrap_or_default();
    let results = [
        ("account_id", report.place.account.as_ref().map(AccountId::as_str).into()),
        ("region", report.place.region.as_str().into()),
        ("compliant", report.compliant().into()),
        ("findings", Value::list(report.findings().map(|(key, found)| finding(key, found)))),
        ("keys", Value::list(report.keys.iter().map(|audited| key(&audited.record)))),
        ("summary", summary(report)),
        ("report_json", export::timeless_json(report).into()),
        ("opa_input_json", export::opa_input(report).into()),
    ];
    state.extend(results.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(state)
}

fn finding(key: &KeyRecord, finding: &Finding) -> Value {
    Value::object([
        ("key_id", key.key_id.as_str()),
        ("control_id", finding.control.0),
        ("severity", finding.severity.as_str()),
        ("status", finding.status.as_str()),
        ("title", finding.title),
        ("detail", &finding.detail),
        ("remediation", finding.remedy),
    ])
}

fn key(key: &KeyRecord) -> Value {
    let text = |text: &Option<String>| Value::from(text.as_deref());
    Value::object([
        ("key_id", key.key_id.as_str().into()),
        ("key_arn", text(&key.key_arn)),
        ("key_state", text(&key.key_state)),
        ("key_usage", text(&key.key_usage)),
        ("key_spec", text(&key.key_spec)),
        ("origin", text(&key.origin)),
        ("key_manager", text(&key.key_manager)),
        ("deletion_date", text(&key.deletion_date)),
        ("key_policy", key.key_policy.as_ref().map(ToString::to_string).into()),
        ("key_rotation_enabled", key.key_rotation_enabled.into()),
        ("aliases", texts(key.aliases.as_deref())),
        ("grants", key.grants.as_ref().map(|grants| Value::list(grants.iter().map(grant))).into()),
        ("tags", key.tags.as_ref().map(|tags| Value::list(tags.iter().map(tag))).into()),
        ("multi_region", key.multi_region.into()),
        ("replica_keys", texts(key.replica_keys.as_deref())),
        ("description", text(&key.description)),
        ("rotation_period_in_days", key.rotation_period_in_days.map(u32::from).into()),
        ("next_rotation_date", text(&key.next_rotation_date)),
        ("unreadable", Value::list(key.unreadable.iter().copied())),
    ])
}

fn grant(grant: &GrantRecord) -> Value {
    let constraints = grant.constraints.iter().map(|(name, context)| {
        (*name, Value::map(context.iter().map(|(key, value)| (key.as_str(), value.as_str()))))
    });
    Value::object([
        ("grant_id", grant.grant_id.as_str().into()),
        ("grantee_principal", grant.grantee_principal.as_str().into()),
        ("operations", texts(Some(&grant.operations))),
        ("constraints", Value::map(constraints)),
    ])
}

fn tag(tag: &TagRecord) -> Value {
    Value::object([("TagKey", tag.key.as_str()), ("TagValue", tag.value.as_str())])
}

fn summary(report: &Report) -> Value {
    let counts = |counts: &BTreeMap<&'static str, usize>| {
        Value::map(counts.iter().map(|(name, count)| (*name, number(*count))))
    };
    let failed = report.coverage.gaps.iter();
    let failed = failed.map(|gap| format!("{} of {}: {}", gap.read, gap.key_id, gap.reason));
    let not_asked = report.coverage.not_asked.iter().map(ToString::to_string);
    Value::object([
        ("keys", number(report.keys.len())),
        ("by_status", counts(&report.summary.by_status)),
        ("failed_by_severity", counts(&report.summary.failed_by_severity)),
        ("aws_managed_keys", number(report.coverage.aws_managed)),
        ("unreadable", Value::list(failed.chain(not_asked))),
    ])
}

fn texts(texts: Option<&[String]>) -> Value {
    texts.map(|texts| Value::list(texts.iter().map(String::as_str))).into()
}

fn number(count: usize) -> Value {
    Value::from(u64::try_from(count).unwrap_or(u64::MAX))
}
