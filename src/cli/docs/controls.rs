//! One page for each control, under its fixed headings.

use std::collections::BTreeMap;

use super::pages::front_matter;
use crate::controls::CONTROLS;
use crate::controls::Control;

/// The pages, by their paths below `docs`.
pub(super) fn pages() -> BTreeMap<String, String> {
    let pages = CONTROLS.iter().map(|control| (format!("controls/{}.md", control.id()), page(*control)));
    pages.collect()
}

fn page(control: &dyn Control) -> String {
    let doc = control.doc();
    let mut page = front_matter(&format!("{} Control - kms", control.id()), doc.requires);
    page.push_str(&format!("# {}\n\n", doc.title));
    page.push_str(&format!("`{}`, severity {}\n", control.id(), doc.severity.as_str()));
    for (heading, text) in [
        ("Requires", doc.requires),
        ("Why", doc.why),
        ("What the guardrail can and cannot stop", doc.reach),
        ("Evidence", doc.evidence),
        ("Remedy", doc.remedy),
    ] {
        page.push_str(&format!("\n## {heading}\n\n{text}\n"));
    }
    page.push_str(&settings(control));
    page.push_str(&references(control));
    page
}

fn settings(control: &dyn Control) -> String {
    let argument = control.argument();
    let mut text = format!(
        "\n## Settings\n\nIn the provider block under `controls.{argument}`, and under the same names in the \
         configuration file of the command line.\n\n| Setting | Type | Default | Meaning |\n|---|---|---|---|\n"
    );
    for setting in control.settings() {
        let (kind, default) = (setting.kind.expected(), setting.default.replace('|', "\\|"));
        let kind = kind.trim_start_matches("a ");
        text.push_str(&format!("| `{}` | {kind} | `{default}` | {} |\n", setting.name, setting.doc));
    }
    text
}

fn references(control: &dyn Control) -> String {
    let references = control.doc().references;
    if references.is_empty() {
        return String::new();
    }
    let lines =
        references.iter().map(|reference| format!("- {} {}\n", reference.standard, reference.requirement));
    format!("\n## References\n\n{}", lines.collect::<String>())
}
