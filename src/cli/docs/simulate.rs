//! The reference page of `keyrail simulate`.
//!
//! Its prose is a template beside this file; the examples are those below
//! `examples/simulate`, answered by the judge itself.

use std::collections::BTreeMap;

use super::pages::{Examples, front_matter};
use crate::cli::simulate::{Layout, explain, simulate};

/// The page, by its path below `docs`.
pub(super) fn pages(examples: &Examples<'_>) -> BTreeMap<String, String> {
    let mut page = format!("{}{TEMPLATE}", front_matter("keyrail simulate - kms", SUMMARY));
    page = page.replace("{summary}", SUMMARY);
    for name in ["denied", "undecided", "operation"] {
        let Some(cases) = examples(&format!("simulate/{name}.json")) else { continue };
        page = page.replace(&format!("{{{name}}}"), &answered(&cases));
        page = page.replace(&format!("{{{name} explained}}"), &explained(&cases));
    }
    BTreeMap::from([("reference/simulate.md".to_owned(), page)])
}

fn answered(cases: &str) -> String {
    let answer = simulate(cases, Layout::Pretty).unwrap_or_else(|error| error.to_string());
    format!("```json\n{}\n```\n\nis answered with\n\n```json\n{answer}\n```", cases.trim_end())
}

fn explained(cases: &str) -> String {
    let told = explain(cases).unwrap_or_else(|error| error.to_string());
    let plain = anstream::adapter::strip_str(&told).to_string();
    format!("```text\n{}\n```", plain.trim_end())
}

const SUMMARY: &str = "Asks the judge about requests: whether each is allowed, which layers decided, by which statements, \
                       and what was not modelled.";

const TEMPLATE: &str = include_str!("simulate.md");
