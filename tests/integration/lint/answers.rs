//! Single questions to the linter, by topic, with everything it must say and
//! nothing else. The cases are below `cases/findings`.
//!
//! The statement `"account"` allows the account 222222222222 `kms:*`, as KMS's
//! default key policy does.

use std::fs;
use std::path::Path;

use keyrail::iam::lint::{Kind, Surroundings, lint};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cases::files;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    account: Option<String>,
    region: Option<String>,
    #[serde(default)]
    keepers: Vec<String>,
    statements: Vec<Value>,
    /// Number, severity and message of each finding, sorted.
    finds: Vec<String>,
}

impl Case {
    fn found(&self) -> Vec<String> {
        let statement = |statement: &Value| match statement.as_str() {
            Some("account") => json!({
                "Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
                "Action": "kms:*", "Resource": "*",
            }),
            Some(other) => panic!("{}: {other}", self.name),
            None => statement.clone(),
        };
        let statements: Vec<Value> = self.statements.iter().map(statement).collect();
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == self.kind).unwrap();
        let surroundings = Surroundings {
            account: self.account.as_ref().map(|account| account.parse().unwrap()),
            region: self.region.as_ref().map(|region| region.parse().unwrap()),
            keepers: self.keepers.iter().cloned().collect(),
            ..Surroundings::default()
        };
        let told = lint(&text, kind, &surroundings).into_iter();
        let mut found: Vec<String> = told
            .map(|finding| format!("{} {}: {}", finding.rule.number, finding.severity, finding.message))
            .collect();
        found.sort_unstable();
        found
    }
}

#[test]
fn each_policy_is_told_what_is_wrong_with_it_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/cases/findings");
    let mut asked = 0_usize;
    for path in files(&folder) {
        let cases: Vec<Case> = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for case in cases {
            assert_eq!(case.found(), case.finds, "{}: {}", path.display(), case.name);
            asked = asked.saturating_add(1);
        }
    }
    assert!(asked > 120, "{asked}");
}
