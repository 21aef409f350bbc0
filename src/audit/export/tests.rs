//! What people and machines get to read, whole.

use super::{html, json, opa_input};
use crate::audit::evaluate::Summary;
use crate::audit::example::example;

#[test]
fn the_json_report_reads_so() {
    insta::assert_snapshot!(json(&example()));
}

#[test]
fn the_html_report_reads_so() {
    let page = html(&example());
    // The stylesheet and the script are files of their own; the snapshot is about the content.
    let body = page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
    insta::assert_snapshot!(body.replace("><", ">\n<"));
}

/// The head of the page over those keys of the example that `keep` picks by their aliases.
fn masthead(keep: impl Fn(&str) -> bool) -> String {
    let mut report = example();
    report.keys.retain(|key| keep(key.record.name()));
    report.summary = Summary::of(&report.keys);
    let page = html(&report);
    let (head, _) = page.split_once("</header>").unwrap_or_default();
    let (_, head) = head.split_once("<header").unwrap_or_default();
    format!("<header{}", head.replace("><", ">\n<"))
}

#[test]
fn the_headline_says_when_every_key_is_as_required() {
    insta::assert_snapshot!(masthead(|name| name == "alias/ledger"));
}

#[test]
fn the_headline_counts_what_is_waived() {
    insta::assert_snapshot!(masthead(|name| name == "alias/legacy"));
}

#[test]
fn the_headline_praises_nothing_when_no_key_was_judged() {
    insta::assert_snapshot!(masthead(|_| false));
}

#[test]
fn no_text_of_others_becomes_markup() {
    let page = html(&example());
    assert_eq!(page.matches("<script>").count(), 1, "the page's own");
    assert!(!page.contains("<img"), "an element out of a tag value");
    assert!(page.contains("&lt;script&gt;alert('description')&lt;/script&gt;"));
    assert!(page.contains("Owner&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("&lt;/pre&gt;&lt;script&gt;alert(3)&lt;/script&gt;"));
}

#[test]
fn the_page_loads_nothing_and_runs_only_its_own_script() {
    let page = html(&example());
    for outside in ["http:", "https:", "src=\"", "url(", "@import", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"));
}

#[test]
fn the_input_for_opa_is_the_records_alone() {
    let input: serde_json::Value = serde_json::from_str(&opa_input(&example())).unwrap();
    assert_eq!(input["input"][0]["aliases"], serde_json::json!(["alias/ledger"]));
    assert_eq!(input["input"].as_array().unwrap().len(), 4);
}
