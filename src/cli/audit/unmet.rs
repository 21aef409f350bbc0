//! What was asked of an audit and met nothing: filters that no key passes, and
//! waivers that speak of no key. Who mistypes one must not take it for a clean account.

use std::collections::BTreeSet;

use crate::audit::{Filter, Report, Scope, Selection};
use crate::cli::exit::Failure;
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::waiver::Waiver;
use crate::model::arn::Arn;

/// Refuses a report without keys where some were asked for by a filter.
pub(super) fn refuse_nothing(report: &Report, scope: &Scope) -> Result<(), Failure> {
    let filters = filters(&scope.filter);
    if !report.keys.is_empty() || filters.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("no customer key of {} has {}", report.place, filters.join(" and ")))
        .advise("check the spelling, which counts with regard to case, and `--profile`, `--assume-role` and `--region`"))
}

/// What the reader should know besides the report.
pub(super) fn notes(
    report: &Report,
    scope: &Scope,
    waivers: &[Waiver],
    checks: Option<&BTreeSet<ControlId>>,
) -> Vec<String> {
    let place = &report.place;
    if report.keys.is_empty() {
        return vec![format!(
            "note: there is no customer key in {place}; `--profile`, `--assume-role` and `--region` lead to others"
        )];
    }
    if scope.selection != Selection::CustomerKeys || scope.filter != Filter::default() {
        return Vec::new();
    }
    let asked = |waiver: &&Waiver| checks.is_none_or(|checks| checks.contains(&waiver.control));
    let unmet = waivers.iter().filter(asked).filter(|waiver| !concerns(waiver, report));
    let told = |Waiver { control, key, .. }: &Waiver| {
        format!("note: the waiver of `{control}` for `{key}` concerns no key of {place}")
    };
    unmet.map(told).collect()
}

fn filters(filter: &Filter) -> Vec<String> {
    let alias = filter.alias_prefix.iter().map(|prefix| format!("an alias that begins with `{prefix}`"));
    let tag = filter.tag.iter().map(|tag| match &tag.value {
        Some(value) => format!("the tag `{}` with the value `{value}`", tag.key),
        None => format!("the tag `{}`", tag.key),
    });
    alias.chain(tag).collect()
}

/// Whether it speaks of a key of the report, or may: of keys elsewhere, and of
/// aliases that could not be read, the report cannot tell.
fn concerns(waiver: &Waiver, report: &Report) -> bool {
    let name = waiver.key.as_str();
    let elsewhere = name.parse::<Arn>().is_ok_and(|arn| {
        arn.region() != Some(&report.place.region) || arn.account() != report.place.account.as_ref()
    });
    elsewhere
        || report.keys.iter().any(|key| {
            let aliases = key.record.aliases.as_ref();
            key.record.key_id == name
                || key.record.key_arn.as_deref() == Some(name)
                || aliases.is_none_or(|aliases| aliases.iter().any(|alias| alias == name))
        })
}
