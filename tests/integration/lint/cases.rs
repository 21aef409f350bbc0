//! The policies below `cases/lint`: a good one that no rule complains of, a bad
//! one that its rule does, and all that is said of the bad ones, word by word.
//!
//! The second part of a file's name is the type of the policy.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use keyrail::iam::lint::{Finding, Kind, Surroundings, lint};

/// What is known beside each policy.
fn surroundings() -> Surroundings {
    Surroundings {
        account: Some("111122223333".parse().unwrap()),
        region: Some("eu-west-1".parse().unwrap()),
        organization: Some("o-a1b2c3d4e5".parse().unwrap()),
        ..Surroundings::default()
    }
}

/// The files of a folder of cases, by name.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort_unstable();
    files
}

/// What is found in a file.
pub(super) fn findings(path: &Path, surroundings: &Surroundings) -> Vec<Finding> {
    let kind = path.to_str().unwrap().rsplit('.').nth(1).unwrap();
    let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind).unwrap();
    lint(&fs::read_to_string(path).unwrap(), kind, surroundings)
}

fn cases() -> impl Iterator<Item = (String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/cases/lint");
    files(&root).into_iter().flat_map(|folder| {
        let rule = folder.file_name().unwrap().to_str().unwrap().to_owned();
        files(&folder).into_iter().map(move |path| (rule.clone(), path))
    })
}

fn is(path: &Path, which: &str) -> bool {
    path.file_name().unwrap().to_str().unwrap().starts_with(which)
}

#[test]
fn nobody_complains_of_a_good_policy() {
    for (_, path) in cases().filter(|(_, path)| is(path, "good.")) {
        let found = findings(&path, &surroundings());
        let told: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(told, Vec::<&str>::new(), "{}", path.display());
    }
}

#[test]
fn all_that_is_said_of_the_bad_policies_reads_so() {
    let mut told = String::new();
    for (rule, path) in cases().filter(|(_, path)| is(path, "bad.")) {
        let found = findings(&path, &surroundings());
        assert!(found.iter().any(|finding| finding.rule.id == rule), "{}", path.display());
        writeln!(told, "{rule}/{}", path.file_name().unwrap().to_str().unwrap()).unwrap();
        for finding in found {
            let Finding { rule, severity, at, statement, message, fix } = finding;
            let statement = statement.unwrap_or_else(|| "-".to_owned());
            writeln!(
                told,
                "  {}:{} {severity} {} {statement}\n    {message}\n    fix: {fix}",
                at.line, at.column, rule.number
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_role_that_must_go_on_is_an_error_to_stop() {
    let keeper = "arn:aws:iam::222222222222:role/platform/terraform";
    let surroundings = Surroundings { keepers: [keeper.to_owned()].into(), ..Surroundings::default() };
    let stops = |condition: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Mfa","Effect":"Deny","Action":["kms:PutKeyPolicy","kms:CreateKey"],"Resource":"*","Condition":{{{condition}}}}}]}}"#
        );
        let found = lint(&text, Kind::ServiceControl, &surroundings);
        let found = found.into_iter().filter(|finding| finding.rule.number == "L27");
        found.map(|finding| format!("{} {}", finding.severity, finding.message)).collect::<Vec<_>>()
    };
    let mfa = r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#;
    assert_eq!(
        stops(mfa),
        [format!("error the statement denies `{keeper}` `kms:CreateKey` and `kms:PutKeyPolicy`")]
    );
    let exempt = format!(r#"{mfa},"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/platform/*"}}"#);
    assert_eq!(stops(&exempt), Vec::<String>::new());
    assert_eq!(stops(r#""StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}"#), Vec::<String>::new());
}

/// Where a key policy is said to lock its key, and what mends it.
fn lock(statements: &[&str]) -> Vec<String> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let found = lint(&text, Kind::Key, &Surroundings::default()).into_iter();
    let found = found.filter(|finding| finding.rule.number == "L15");
    found
        .map(|finding| {
            format!("{} {}: {}", finding.severity, finding.statement.unwrap_or_default(), finding.fix)
        })
        .collect()
}

#[test]
fn the_statement_that_locks_is_named_and_not_the_first_that_denies() {
    let account = r#"{"Sid":"Account","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"kms:*","Resource":"*"}"#;
    let deny = |sid: &str, condition: &str| {
        format!(
            r#"{{"Sid":"{sid}","Effect":"Deny","Principal":"*","Action":"kms:PutKeyPolicy","Resource":"*","Condition":{{{condition}}}}}"#
        )
    };
    let mfa = deny("Mfa", r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#);
    let unit = deny("Unit", r#""StringNotLike":{"aws:PrincipalOrgPath":"/root/prod/*"}"#);
    let one = deny("One", r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::222222222222:role/one"}"#);
    let all = "allow `kms:*` to the account, and exempt the roles that manage the key from every Deny";
    assert_eq!(lock(&[account, &mfa, &one, &unit]), [format!("error Unit: {all}")]);
    assert_eq!(lock(&[account, &unit, &mfa]), [format!("error Unit: {all}")]);
    let exempt = "exempt the role that manages keys, with `ArnNotLike` on `aws:PrincipalArn`";
    assert_eq!(lock(&[account, &one, &mfa]), [format!("warning Mfa: {exempt}")]);
    assert_eq!(lock(&[account, &one]), Vec::<String>::new());
    let no_key = deny("Team", r#""StringNotEquals":{"PrincipalTeam":"keys"}"#);
    assert_eq!(lock(&[account, &mfa, &no_key]), [format!("error Team: {all}")]);
}

#[test]
fn a_permission_under_a_condition_is_named_where_no_deny_locks() {
    let limited = r#"{"Sid":"Mfa","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#;
    let use_alone = r#"{"Sid":"Use","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/app"},"Action":"kms:Decrypt","Resource":"*"}"#;
    let allow = "allow it without the condition to the role that manages keys";
    assert_eq!(lock(&[use_alone, limited]), [format!("warning Mfa: {allow}")]);
    let region = limited.replace("Bool", "StringEquals").replace("MultiFactorAuthPresent", "RequestedRegion");
    let give = "give the Region of the key with `--region`, or remove the condition";
    assert_eq!(lock(&[use_alone, &region]), [format!("warning Mfa: {give}")]);
}

#[test]
fn policies_in_force_together_protect_one_another() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/cases/lint/exemptions-out-of-reach");
    let guarded = fs::read_to_string(folder.join("good.scp.json")).unwrap();
    let beside = keyrail::iam::parse(&guarded, keyrail::iam::PolicyKind::ServiceControl).unwrap();
    let surroundings = Surroundings { beside: vec![beside], ..Surroundings::default() };
    let bad = folder.join("bad.scp.json");
    assert_eq!(findings(&bad, &Surroundings::default()).len(), 1);
    assert_eq!(findings(&bad, &surroundings).len(), 0);
}

#[test]
fn an_account_of_the_organisation_is_told_for_information() {
    let bad = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/integration/cases/lint/cross-account-deliberate/bad.key.json");
    let members = ["444455556666".parse().unwrap()].into();
    let found = findings(&bad, &Surroundings { members, ..surroundings() });
    let told: Vec<String> = found
        .iter()
        .filter(|finding| finding.rule.number == "L19")
        .map(|finding| format!("{} {}", finding.severity, finding.message))
        .collect();
    assert_eq!(
        told,
        [
            "info `arn:aws:iam::444455556666:role/app` is of `444455556666`, another account of the organisation; from \
          there `kms:PutKeyPolicy` cannot be called at all"
        ]
    );
}

#[test]
fn what_keyrail_generates_has_no_errors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut told = Vec::new();
    for (folder, kind) in [
        ("kms", Kind::Key),
        ("org/service_control_policy", Kind::ServiceControl),
        ("org/resource_control_policy", Kind::ResourceControl),
    ] {
        let texts: Vec<String> =
            files(&root.join(folder)).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        let beside =
            texts.iter().map(|text| keyrail::iam::parse(text, kind.policy_kind()).unwrap()).collect();
        let surroundings = Surroundings { beside, ..Surroundings::default() };
        for text in &texts {
            let found = lint(text, kind, &surroundings);
            told.extend(found.into_iter().map(|finding| {
                format!(
                    "{} {} {}",
                    finding.severity,
                    finding.rule.number,
                    finding.statement.unwrap_or_default()
                )
            }));
        }
    }
    // Nobody is exempt from it unless the configuration says so.
    assert_eq!(told, ["warning L27 KmsRotationStaysOn"]);
}

#[test]
fn a_condition_that_is_meant_to_limit_and_does_not_is_named() {
    let told = |condition: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"kms:Decrypt","Resource":"*","Condition":{{{condition}}}}}]}}"#
        );
        let found = lint(&text, Kind::Key, &surroundings()).into_iter();
        let found = found.filter(|finding| finding.rule.id == "no-public-access");
        found.map(|finding| format!("{}; {}", finding.message, finding.fix)).collect::<Vec<_>>().join("\n")
    };
    let all = "the statement allows `*`, every principal of every AWS account, and ";
    for operator in ["StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals"] {
        assert_eq!(
            told(&format!(r#""{operator}":{{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#)),
            format!(
                "{all}`{operator}` on `aws:PrincipalOrgID`, which holds for whoever comes without the key, does not limit \
                 it: the key is public; name who is meant with a positive operator on `aws:PrincipalOrgID`, without \
                 `IfExists`"
            )
        );
    }
    assert_eq!(
        told(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app"}"#),
        format!(
            "{all}`ArnLike` on `aws:PrincipalArn`, whose values are open to every account, does not limit it: the key is \
             public; name the accounts in the values of `aws:PrincipalArn`, or add `aws:PrincipalOrgID`"
        )
    );
    assert_eq!(
        told(r#""StringEquals":{"kms:EncryptionContext:app":"x"}"#),
        format!(
            "{all}`kms:EncryptionContext:app` does not say of which account the caller is: the key is public; name the \
             account or the roles, or add a condition on `aws:PrincipalOrgID`"
        )
    );
    assert_eq!(told(r#""StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#), "");
}
