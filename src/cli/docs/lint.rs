//! One page for each rule of the linter, under its fixed headings.

use std::collections::BTreeMap;

use super::pages::front_matter;
use crate::iam::lint::{Kind, RULES, Rule};

/// The pages, by their paths below `docs`.
pub(super) fn pages() -> BTreeMap<String, String> {
    let mut pages: BTreeMap<String, String> =
        RULES.iter().map(|rule| (format!("lint/{}.md", rule.doc().id), page(*rule))).collect();
    pages.insert("lint/README.md".to_owned(), index());
    pages
}

fn page(rule: &dyn Rule) -> String {
    let doc = rule.doc();
    let mut page = front_matter(&format!("{} Lint rule - kms", doc.id), doc.requires);
    let kinds: Vec<&str> = doc.kinds.iter().map(|kind| kind.noun()).collect();
    page.push_str(&format!("# {}\n\n", doc.title));
    page.push_str(&format!(
        "`{}`, {}, at worst {}. Looks at {}.\n",
        doc.id,
        doc.number,
        doc.severity,
        listed(&kinds)
    ));
    for (heading, text) in [("Requires", doc.requires), ("Why", doc.why), ("Remedy", doc.remedy)] {
        page.push_str(&format!("\n## {heading}\n\n{text}\n"));
    }
    page.push_str("\n## References\n\n");
    for reference in doc.references {
        page.push_str(&format!("- {reference}\n"));
    }
    page
}

fn index() -> String {
    let mut page = front_matter("Lint rules - kms", "What `keyrail lint` looks for.");
    page.push_str("# Lint rules\n\nWhat `keyrail lint` and the provider's functions look for. Each has a page of its own.\n\n");
    page.push_str("| Rule | | At worst | Looks at | Requirement |\n|---|---|---|---|---|\n");
    let mut rules: Vec<&dyn Rule> = RULES.to_vec();
    rules.sort_by_key(|rule| rule.doc().number);
    for rule in rules {
        let doc = rule.doc();
        let kinds: Vec<&str> = doc.kinds.iter().map(|kind| Kind::as_str(*kind)).collect();
        page.push_str(&format!(
            "| {} | [`{1}`]({1}.md) | {2} | {3} | {4} |\n",
            doc.number,
            doc.id,
            doc.severity,
            kinds.join(", "),
            doc.title
        ));
    }
    page
}

fn listed(words: &[&str]) -> String {
    match words {
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => words.concat(),
    }
}
