//! `keyrail simulate` at the command line: what comes back for input that is
//! none.

use super::support::{err, keyrail, out, with_input};

fn simulate(input: &str) -> (Option<i32>, String, String) {
    let mut command = keyrail();
    command.args(["simulate", "--compact", "-"]);
    let output = with_input(command, input);
    (output.status.code(), out(&output), err(&output))
}

#[test]
fn the_exit_code_says_whether_the_input_could_be_read() {
    for (input, answer) in [
        (r#"{"cases":[]}"#, "{\"results\":[]}\n"),
        (
            r#"{"cases":[{"name":"a"}]}"#,
            "{\"results\":[{\"name\":\"a\",\"error\":\"line 1, column 11: the case has no `action`\"}]}\n",
        ),
    ] {
        assert_eq!(simulate(input), (Some(0), answer.to_owned(), String::new()));
    }
    let deep = r#"{"cases":["#.repeat(1_000);
    for (input, message) in [
        ("", "line 1, column 1: the text is empty, expected a JSON value"),
        ("{}", "line 1, column 1: the input has no `cases`"),
        ("[]", "line 1, column 1: found a list, expected an object with `cases`"),
        (r#"{"case":[]}"#, "line 1, column 2: `case` is no known field; `cases` is"),
        (r#"{"cases":{}}"#, "line 1, column 10: found an object, expected a list of cases"),
        (r#"{"cases":[],"cases":[]}"#, "line 1, column 13: `cases` appears twice in one object"),
        (deep.as_str(), "line 1, column 330: nested deeper than 64 levels"),
    ] {
        let told = format!(
            "error: standard input: {message}\n  try: see `keyrail simulate --help` for an example\n"
        );
        assert_eq!(simulate(input), (Some(2), String::new(), told));
    }
    for arguments in [&["simulate"][..], &["simulate", "no-such-file.json"], &["simulate", "tests"]] {
        assert_eq!(keyrail().args(arguments).output().unwrap().status.code(), Some(2), "{arguments:?}");
    }
}
