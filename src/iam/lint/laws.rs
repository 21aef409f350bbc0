//! Laws over the whole registry. A new rule is held to them by its line in
//! [`RULES`] alone.

#![expect(clippy::disallowed_methods, reason = "a law over the case files reads them")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::iam::lint::contract::calls::work;
use crate::iam::lint::{Kind, RULES, Severity, Surroundings, lint};
use crate::iam::parse;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn names_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// Every policy there is a case of, with its kind, which the file's name tells.
fn policies() -> Vec<(PathBuf, Kind)> {
    let cases = "tests/integration/cases";
    let rules = names_in(&format!("{cases}/lint")).into_iter().map(|rule| format!("{cases}/lint/{rule}"));
    let folders = rules.chain([format!("{cases}/published")]);
    let files = folders.flat_map(|folder| {
        names_in(&folder).into_iter().map(move |name| root().join(&folder).join(name)).collect::<Vec<_>>()
    });
    files.map(|path| (path.clone(), kind_of(&path))).collect()
}

fn kind_of(path: &Path) -> Kind {
    let name = path.file_name().unwrap().to_str().unwrap();
    let kind = name.rsplit('.').nth(1).unwrap();
    Kind::ALL.into_iter().find(|known| known.as_str() == kind).unwrap()
}

#[test]
fn ids_are_words_in_order_and_once() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.doc().id).collect();
    assert!(ids.is_sorted());
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase());
    assert!(ids.iter().all(|id| id.split('-').all(is_word)), "{ids:?}");
}

#[test]
fn numbers_run_through_without_a_gap() {
    let mut numbers: Vec<&str> = RULES.iter().map(|rule| rule.doc().number).collect();
    numbers.sort_unstable();
    let expected: Vec<String> = (1..=RULES.len()).map(|number| format!("L{number:02}")).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn every_file_here_is_a_registered_rule() {
    let files: Vec<String> = names_in("src/iam/lint")
        .into_iter()
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| !["mod", "laws"].contains(&name.as_str()))
        .collect();
    let registered: Vec<String> = RULES.iter().map(|rule| rule.doc().id.replace('-', "_")).collect();
    assert_eq!(files, registered);
}

#[test]
fn every_rule_has_a_good_and_a_bad_policy_and_every_folder_its_rule() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.doc().id).collect();
    assert_eq!(names_in("tests/integration/cases/lint"), ids);
    for rule in RULES {
        let cases = names_in(&format!("tests/integration/cases/lint/{}", rule.doc().id));
        for which in ["good.", "bad."] {
            assert!(cases.iter().any(|name| name.starts_with(which)), "{}: {which}", rule.doc().id);
        }
    }
}

#[test]
fn every_document_is_complete() {
    for rule in RULES {
        let doc = rule.doc();
        assert!([doc.title, doc.why, doc.requires].iter().all(|part| part.len() > 10), "{}", doc.id);
        assert!([doc.why, doc.requires, doc.remedy].iter().all(|part| part.ends_with('.')), "{}", doc.id);
        assert!(!doc.title.ends_with('.') && !doc.title.contains('|'), "{}", doc.id);
        assert!(!doc.kinds.is_empty() && doc.kinds.is_sorted(), "{}", doc.id);
        assert!(!doc.references.is_empty(), "{}", doc.id);
    }
}

#[test]
fn findings_are_as_bad_as_their_rule_at_worst_and_told_without_a_period() {
    for (path, kind) in policies() {
        let text = fs::read_to_string(&path).unwrap();
        for finding in lint(&text, kind, &Surroundings::default()) {
            let told = format!("{}: {}", path.display(), finding.message);
            assert!(finding.severity <= finding.rule.severity, "{told}");
            assert!(finding.rule.kinds.contains(&kind), "{told}");
            assert!(!finding.message.ends_with('.') && !finding.fix.ends_with('.'), "{told}");
            assert!(finding.at.line > 0 && finding.at.column > 0, "{told}");
            assert!(!finding.message.contains('"') || finding.message.contains('`'), "{told}");
        }
    }
}

#[test]
fn a_policy_without_errors_is_one_that_the_parser_reads() {
    for (path, kind) in policies() {
        let text = fs::read_to_string(&path).unwrap();
        // A broken text at every length is a policy too.
        for text in (0..=text.len()).rev().step_by(97).filter_map(|length| text.get(..length)) {
            let found = lint(text, kind, &Surroundings::default());
            let errors = found.iter().any(|finding| finding.severity == Severity::Error);
            assert!(errors || parse(text, kind.policy_kind()).is_ok(), "{}: {text}", path.display());
        }
    }
}

/// A policy of a statement for each of `count` roles, and others.
fn of_roles(count: usize, actions: &str, condition: &str, others: &str) -> String {
    let statement = |number| {
        let condition = condition.replace("NUMBER", &format!("{number}"));
        format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::222222222222:role/r{number}"}},"Action":{actions},"Resource":"*"{condition}}}"#
        )
    };
    let statements: Vec<String> = (0..count).map(statement).collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{others}{}]}}"#, statements.join(","))
}

#[test]
fn twice_the_policy_is_twice_the_work() {
    const ACCOUNT: &str = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"kms:*","Resource":"*"},"#;
    const FROZEN: &str =
        r#"{"Effect":"Deny","Principal":"*","Action":["kms:PutKeyPolicy","kms:Encrypt"],"Resource":"*"},"#;
    const TAGGED: &str = r#","Condition":{"StringEquals":{"aws:PrincipalTag/tNUMBER":"a"}}"#;
    let keepers = ["arn:aws:iam::222222222222:role/r1".to_owned()].into();
    let surroundings = Surroundings { keepers, ..Surroundings::default() };
    for (actions, condition, others) in [
        (r#""kms:PutKeyPolicy""#, "", ACCOUNT),
        (r#""kms:PutKeyPolicy""#, "", FROZEN),
        (r#"["kms:Decrypt","kms:Put*"]"#, TAGGED, ACCOUNT),
        (r#"["kms:Decrypt","kms:Put*"]"#, TAGGED, FROZEN),
    ] {
        let [once, twice] = [40, 80].map(|count| {
            let text = of_roles(count, actions, condition, others);
            work::of(|| drop(lint(&text, Kind::Key, &surroundings)))
        });
        assert!(once > 0 && twice <= once.saturating_mul(2), "{actions} {others}: {once}, then {twice}");
    }
}

#[test]
fn nobody_is_asked_about_a_policy_that_can_never_be_in_force() {
    let text = of_roles(400, r#""kms:*""#, "", "");
    assert_eq!(work::of(|| drop(lint(&text, Kind::Key, &Surroundings::default()))), 0);
}
