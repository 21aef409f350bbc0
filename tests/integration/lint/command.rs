//! `keyrail lint`: formats, standard input, exit codes.

use std::path::PathBuf;
use std::process::Output;

use serde_json::{Value, json};

use crate::cli::support::{err, keyrail, out, with_input};

fn case(path: &str) -> String {
    format!("tests/integration/cases/{path}")
}

fn lint(arguments: &[&str]) -> Output {
    keyrail().arg("lint").args(arguments).output().unwrap()
}

#[test]
fn a_finding_is_shown_with_its_line_and_a_caret() {
    let output = lint(&["--type", "scp", &case("published/s25-only-the-guardian-deletes.scp.json")]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    insta::assert_snapshot!(out(&output));
}

#[test]
fn a_policy_that_is_no_json_is_one_finding_with_its_place() {
    let mut command = keyrail();
    command.args(["lint", "--type", "key", "-"]);
    let output = with_input(command, "{\"Version\": \"2012-10-17\",\n  \"Statement\": [}\n");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        out(&output),
        "error[L01]: found `}`, expected a JSON value\n --> -:2:17\n  |\n2 |   \"Statement\": [}\n  |                 ^\n  \
         = fix: correct the text here; AWS refuses the whole policy until then\n  = rule: well-formed\n\n1 file: 1 error\n"
    );
}

#[test]
fn the_exit_code_says_whether_something_is_denied() {
    let (clean, warning, error) = (
        case("published/s02-waiting-period.scp.json"),
        case("published/s01-mfa-for-critical-operations.scp.json"),
        case("published/s03-automatic-key-rotation.scp.json"),
    );
    for (arguments, code) in [
        (vec!["--type", "scp", &clean], 0),
        (vec!["--type", "scp", &warning], 0),
        (vec!["--type", "scp", "--deny", "warning", &warning], 1),
        (vec!["--type", "scp", &clean, &error], 1),
        (vec!["--type", "scp", "no-such-file.json"], 2),
        (vec!["--type", "trust", &clean], 2),
        (vec![clean.as_str()], 2),
        (vec!["--type", "scp"], 2),
    ] {
        assert_eq!(lint(&arguments).status.code(), Some(code), "{arguments:?}");
    }
    assert_eq!(out(&lint(&["--type", "scp", &clean])), "1 file: nothing found\n");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let output = lint(&["--type", "key", "no-such-file.json"]);
    assert_eq!(
        err(&output),
        "error: `no-such-file.json` could not be read: No such file or directory (os error 2)\n"
    );
}

#[test]
fn json_has_each_finding_with_line_and_column() {
    let path = case("published/s11-external-principals.rcp.json");
    let output = lint(&["--type", "rcp", "--format", "json", &path]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(
        report,
        json!({"files": [{"path": path, "findings": [{
            "rule": "organization-ids-valid",
            "number": "L10",
            "severity": "error",
            "line": 12,
            "column": 33,
            "statement": "ExternalPrincipals",
            "message": "`r-8m2b` is no id of an organisation: the condition always holds and the statement denies everybody \
                        whom its other conditions do not spare",
            "fix": "write the id of the organisation, `o-` and ten to 32 letters and digits",
        }]}], "unread": []})
    );
}

#[test]
fn sarif_is_what_code_scanning_takes() {
    let path = case("published/s05-tag-enforcement.scp.json");
    let output = lint(&["--type", "scp", "--format", "sarif", &path]);
    let log: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!((&driver["name"], &run["columnKind"]), (&json!("keyrail"), &json!("unicodeCodePoints")));
    let rules = driver["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 36);
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(!rule[text]["text"].as_str().unwrap().is_empty(), "{rule}");
        }
        let page = rule["helpUri"].as_str().unwrap().rsplit_once("/blob/main/").unwrap().1;
        assert!(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(page).exists(), "{page}");
        let level = rule["defaultConfiguration"]["level"].as_str().unwrap();
        assert!(["error", "warning", "note"].contains(&level));
    }
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert!(result["message"]["text"].as_str().unwrap().ends_with('.'));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], path);
        assert!(place["region"]["startLine"].as_u64().unwrap() > 0);
        assert!(place["region"]["startColumn"].as_u64().unwrap() > 0);
    }
}

#[test]
fn nothing_of_a_policy_reaches_the_terminal_as_a_control_character() {
    let mut command = keyrail();
    command.args(["lint", "--type", "key", "-"]);
    let text = r#"{"Version":"2012-10-17","Statement":{"Sid":"\u001b[31m","Effect":"Allow","Principal":"*","Action":"kms:\u001b","Resource":"*"}}"#;
    let output = with_input(command, text);
    assert!(!out(&output).contains('\u{1b}'), "{}", out(&output));
}

#[test]
fn what_cannot_be_read_is_told_and_the_others_are_linted() {
    let bad = case("published/s03-automatic-key-rotation.scp.json");
    let output = lint(&["--type", "scp", "no-such-file.json", &bad, "tests"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).contains("1 file: 2 errors, 2 warnings\n"), "{}", out(&output));
    assert_eq!(
        err(&output),
        "error: `no-such-file.json` could not be read: No such file or directory (os error 2)\n\
         error: `tests` is a folder\n  try: name its files: `tests/*.json`\n"
    );
    let output = lint(&["--type", "scp", "-", "-"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(err(&output), "error: standard input is named more than once\n  try: name `-` once\n");
}

#[test]
fn a_program_is_told_what_could_not_be_read() {
    let good = case("published/s02-waiting-period.scp.json");
    let report = |format: &str, files: &[&str]| -> Value {
        let output = lint(&[&["--type", "scp", "--format", format], files].concat());
        serde_json::from_str(&out(&output)).unwrap()
    };
    let json = report("json", &["no-such-file.json", &good]);
    assert_eq!(
        json["unread"],
        json!([{
            "path": "no-such-file.json",
            "message": "`no-such-file.json` could not be read: No such file or directory (os error 2)",
        }])
    );
    let sarif = report("sarif", &["no-such-file.json", &good]);
    assert_eq!(
        sarif["runs"][0]["invocations"],
        json!([{"executionSuccessful": false, "toolExecutionNotifications": [{
            "level": "error",
            "message": {"text": "`no-such-file.json` could not be read: No such file or directory (os error 2)."},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "no-such-file.json"}}}],
        }]}])
    );
    let sarif = report("sarif", &[&good]);
    assert_eq!(
        sarif["runs"][0]["invocations"],
        json!([{"executionSuccessful": true, "toolExecutionNotifications": []}])
    );
}

#[test]
fn a_line_that_ends_as_on_windows_is_shown_without_its_end() {
    let mut command = keyrail();
    command.args(["lint", "--type", "key", "-"]);
    let shown = out(&with_input(command, "{\"Version\": \"2012-10-17\",\r\n  \"Statement\": [}\r\n"));
    assert!(shown.contains("2 |   \"Statement\": [}\n"), "{shown}");
}

#[test]
fn the_policy_of_one_key_protects_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, statements: &str| {
        let account =
            r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}"#;
        let path = folder.path().join(name);
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{account},{statements}]}}"#);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let decides = write(
        "decides.json",
        r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/environment":"prod"}}}"#,
    );
    let protects = write(
        "protects.json",
        r#"{"Effect":"Deny","Principal":"*","Action":["kms:TagResource","kms:UntagResource"],"Resource":"*"}"#,
    );
    let output = lint(&["--type", "key", &decides, &protects]);
    assert!(out(&output).ends_with("2 files: 1 warning\n"), "{}", out(&output));
    assert!(
        out(&output).contains("fix: deny changing the tag, here or in a service control policy\n"),
        "{}",
        out(&output)
    );
}

/// Number, statement and message of each finding in a key policy.
fn told(text: &str) -> Vec<String> {
    let found = keyrail::iam::lint::lint(
        text,
        keyrail::iam::lint::Kind::Key,
        &keyrail::iam::lint::Surroundings::default(),
    );
    let one = |finding: keyrail::iam::lint::Finding| {
        format!("{} {}: {}", finding.rule.number, finding.statement.unwrap_or_default(), finding.message)
    };
    found.into_iter().map(one).collect()
}

#[test]
fn one_slip_is_one_finding() {
    let account = r#"{"Sid":"Account","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}"#;
    let policy = |statements: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let nameless =
        r#"{"Principal":{"AWS":"arn:aws:iam::111122223333:role/a"},"Action":"kms:Sign","Resource":"*"}"#;
    let named = nameless.replace('{', r#"{"Sid":"Two","#).replacen(r#":{"Sid":"Two","#, ":{", 1);
    for (text, expected) in [
        (policy(&format!("{account},{named}")), "L01 Two: the statement has no `Effect`"),
        (policy(&format!("{named},{account}")), "L01 Two: the statement has no `Effect`"),
        (policy(&format!("{account},{nameless}")), "L01 2: the statement has no `Effect`"),
        (policy(nameless), "L01 1: the statement has no `Effect`"),
        (
            policy(&account.replace("Effect", "effect")),
            "L01 Account: found `effect`, expected `Sid`, `Effect`, `Principal`, `NotPrincipal`, `Action`, `NotAction`, \
             `Resource`, `NotResource` or `Condition`",
        ),
        (
            policy(&account.replace("Allow", "allow")),
            "L01 Account: found `allow`, expected `Allow` or `Deny`",
        ),
        (
            policy(account).replace("Version", "version"),
            "L01 : found `version`, expected `Version`, `Id` or `Statement`",
        ),
        (
            policy(account).replace("2012-10-17", "2012-10-18"),
            "L01 : found `2012-10-18`, expected `2012-10-17` or `2008-10-17`",
        ),
        (
            policy(&account.replace("111122223333", "arn:aws:iam::ACCOUNT:root")),
            "L20 Account: `arn:aws:iam::ACCOUNT:root` is neither an account nor the ARN of a role or user",
        ),
    ] {
        assert_eq!(told(&text), [expected], "{text}");
    }
}

#[test]
fn a_keeper_is_a_role_or_a_user() {
    let path = case("published/s02-waiting-period.scp.json");
    for wrong in [
        "terraform",
        "arn:aws:iam::222222222222:root",
        "arn:aws:iam::222222222222:role/*",
        "arn:aws:iam::222222222222:role/",
        "arn:aws:iam::222222222222:group/admins",
        "arn:aws:iam::*:role/terraform",
        "arn:aws:sts::222222222222:assumed-role/terraform/ci",
        "arn:aws:s3:::bucket",
    ] {
        let output = lint(&["--type", "scp", "--keeper", wrong, &path]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        let told = format!(
            "error: invalid value '{wrong}' for '--keeper <ARN>': `{wrong}` is not the ARN of a role or a user; expected one \
             without wildcards such as `arn:aws:iam::222222222222:role/terraform`\n"
        );
        assert!(err(&output).starts_with(&told), "{}", err(&output));
    }
    for right in ["arn:aws:iam::222222222222:role/ci/terraform", "arn:aws-cn:iam::222222222222:user/ci"] {
        let output = lint(&["--type", "scp", "--keeper", right, &path]);
        assert_ne!(output.status.code(), Some(2), "{}", err(&output));
    }
}

/// What is first said of a key policy in this file, and where.
fn first(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    std::fs::write(&file, bytes).unwrap();
    let output = lint(&["--type", "key", "--format", "json", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let report: Value = serde_json::from_str(&out(&output)).unwrap();
    let finding = &report["files"][0]["findings"][0];
    format!(
        "{}:{} {}: {}",
        finding["line"],
        finding["column"],
        finding["rule"].as_str().unwrap(),
        finding["message"].as_str().unwrap()
    )
}

#[test]
fn whatever_the_file_holds_the_finding_says_what_to_do() {
    for (bytes, expected) in [
        (&b""[..], "1:1 well-formed: the text is empty, expected a JSON value"),
        (b"\n\n", "3:1 well-formed: the text is empty, expected a JSON value"),
        (b"\xff\xfe{\x00", "1:1 well-formed: found the byte 0xff, expected text in UTF-8"),
        (
            b"\xef\xbb\xbf{}",
            "1:1 well-formed: found a byte order mark, expected `{`; save the file without it",
        ),
        (b"{\"Version\": \"\\ud800\"}", "1:14 well-formed: found half a surrogate pair, expected a whole character"),
        (b"// hello\n{}", "1:1 well-formed: found `/`, expected a JSON value"),
        (b"Version: 2012-10-17", "1:1 well-formed: found `V`, expected a JSON value"),
        (b"[]", "1:1 well-formed: found a list, expected a policy: an object with `Version` and `Statement`"),
        (
            br#""{\"Version\":\"2012-10-17\"}""#,
            "1:1 well-formed: found a string, expected a policy as an object; if the string holds one, take it out of its \
             quotes",
        ),
        (
            br#"{"Sid":"A","Effect":"Deny","Action":"kms:*","Resource":"*"}"#,
            "1:1 well-formed: found a statement, expected a policy: an object with `Version`, and the statement in its \
             `Statement`",
        ),
        (br#"{"Policy": "{}"}"#, "1:2 well-formed: found `Policy`, expected `Version`, `Id` or `Statement`"),
        (
            br#"{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}"#,
            "1:25 well-formed: `Version` appears twice in one object",
        ),
        (
            br#"{"Version":"2012-10-17","Statement":{"effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}}"#,
            "1:38 well-formed: found `effect`, expected `Sid`, `Effect`, `Principal`, `NotPrincipal`, `Action`, `NotAction`, \
             `Resource`, `NotResource` or `Condition`",
        ),
        (&b"[".repeat(100)[..], "1:66 well-formed: nested deeper than 64 levels"),
    ] {
        assert_eq!(first(bytes), expected, "{}", String::from_utf8_lossy(bytes));
    }
    let spaces = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"111122223333"}},"Action":"kms:*","Resource":"*"}}}}{}"#,
        " ".repeat(40_000)
    );
    assert_eq!(
        first(spaces.as_bytes()),
        "1:1 size-within-quota: the policy has 40122 bytes as written, and AWS takes 32768"
    );
}

#[test]
fn a_policy_of_another_type_is_told_so() {
    let mut command = keyrail();
    command.args(["lint", "--type", "key", "--format", "json", "-"]);
    let text =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}}"#;
    let report: Value = serde_json::from_str(&out(&with_input(command, text))).unwrap();
    let findings = report["files"][0]["findings"].as_array().unwrap();
    let incomplete = findings.iter().find(|finding| finding["rule"] == "statements-complete").unwrap();
    assert_eq!(incomplete["message"], "the statement has no `Principal`, so AWS refuses the policy");
    assert_eq!(
        incomplete["fix"],
        "add `Principal`; a key policy has one in each statement, so perhaps the type is wrong"
    );
}

#[test]
fn the_policies_of_this_repository_have_no_errors() {
    for (kind, folder) in [
        ("key", "policies/kms"),
        ("scp", "policies/org/service_control_policy"),
        ("rcp", "policies/org/resource_control_policy"),
    ] {
        let entries = std::fs::read_dir(folder).unwrap();
        let files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        assert!(!files.is_empty(), "{folder}");
        let output = keyrail().args(["lint", "--type", kind]).args(&files).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    }
}
