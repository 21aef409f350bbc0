//! SARIF is what its schema says: `sarif-schema-2.1.0.json` is that of the OASIS
//! committee, as published with the standard, unchanged.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::support::{err, keyrail, out};

const SCHEMA: &str = include_str!("sarif-schema-2.1.0.json");

#[test]
fn sarif_is_what_its_schema_says() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut seen = 0_usize;
    for kind in ["key", "scp", "rcp", "identity"] {
        let files = bad_policies(kind);
        let mut command = keyrail();
        command.args(["lint", "--format", "sarif", "--deny", "info", "--type", kind]).args(&files);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{kind}: {}", err(&output));
        let log: Value = serde_json::from_str(&out(&output)).unwrap();
        assert_eq!(faults(&schema, &log), [""; 0], "{kind}");
        seen += log["runs"][0]["results"].as_array().unwrap().len();
    }
    assert!(seen > 100, "only {seen} results were looked at");
}

#[test]
fn what_the_schema_forbids_is_seen() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let log = |result: Value| json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [result]}]});
    let message = json!({"text": "x"});
    let region = |line: i64| json!([{"physicalLocation": {"region": {"startLine": line}}}]);
    assert_eq!(faults(&schema, &log(json!({"message": message}))), [""; 0]);
    for (result, fault) in [
        (json!({"message": {"text": 1}}), ".runs[0].results[0].message.text: is no string"),
        (json!({"level": "error"}), ".runs[0].results[0]: has no `message`"),
        (json!({"message": message, "level": "bad"}), ".runs[0].results[0].level: is none of the values"),
        (json!({"message": message, "wat": 1}), ".runs[0].results[0]: has `wat`"),
        (
            json!({"message": message, "locations": region(0)}),
            ".runs[0].results[0].locations[0].physicalLocation.region.startLine: is below 1",
        ),
    ] {
        let found = faults(&schema, &log(result));
        assert!(found.iter().any(|found| found == fault), "{found:?}");
    }
    assert_eq!(faults(&schema, &json!({"runs": []})), [": has no `version`"]);
}

fn bad_policies(kind: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/cases/lint");
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    let names = files.map(|entry| entry.unwrap().path().to_str().unwrap().to_owned());
    let mut bad: Vec<String> =
        names.filter(|name| name.ends_with(&format!(".{kind}.json")) && name.contains("/bad.")).collect();
    bad.sort_unstable();
    bad
}

fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Checker { root: schema }.check(schema, value, "", &mut found);
    found
}

/// The keywords that the schema of SARIF uses. One that is not here panics, so
/// that nothing is taken for checked that is not.
struct Checker<'a> {
    root: &'a Value,
}

impl Checker<'_> {
    fn check(&self, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
        for (keyword, rule) in schema.as_object().unwrap() {
            match keyword.as_str() {
                "$schema"
                | "$id"
                | "title"
                | "description"
                | "default"
                | "definitions"
                | "format"
                | "additionalProperties" => {}
                "$ref" => {
                    let name = rule.as_str().unwrap().strip_prefix("#/definitions/").unwrap();
                    self.check(&self.root["definitions"][name], value, path, found);
                }
                "properties" => self.members(schema, value, path, found),
                "items" => self.items(rule, value, path, found),
                "anyOf" | "oneOf" => {
                    let schemas = rule.as_array().unwrap().iter();
                    let fitting = schemas.filter(|schema| self.fits(schema, value)).count();
                    let wrong = fitting == 0 || (keyword == "oneOf" && fitting > 1);
                    found.extend(wrong.then(|| format!("{path}: is not as `{keyword}` wants")));
                }
                _ => found.extend(wrong(keyword, rule, value).map(|wrong| format!("{path}: {wrong}"))),
            }
        }
    }

    fn fits(&self, schema: &Value, value: &Value) -> bool {
        let mut found = Vec::new();
        self.check(schema, value, "", &mut found);
        found.is_empty()
    }

    fn items(&self, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
        for (index, item) in (0..).zip(value.as_array().into_iter().flatten()) {
            self.check(schema, item, &format!("{path}[{index}]"), found);
        }
    }

    fn members(&self, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
        for (name, member) in value.as_object().into_iter().flatten() {
            let path_of = format!("{path}.{name}");
            match (schema["properties"].get(name), &schema["additionalProperties"]) {
                (Some(known), _) => self.check(known, member, &path_of, found),
                (None, Value::Bool(false)) => found.push(format!("{path}: has `{name}`")),
                (None, other) if other.is_object() => self.check(other, member, &path_of, found),
                (None, _) => {}
            }
        }
    }
}

/// What is wrong with the value itself.
fn wrong(keyword: &str, rule: &Value, value: &Value) -> Option<String> {
    let items = value.as_array().map(Vec::as_slice);
    let (wrong, text) = match keyword {
        "type" => (!is_a(value, rule), format!("is no {}", rule.as_str().unwrap())),
        "enum" => (!rule.as_array().unwrap().contains(value), "is none of the values".to_owned()),
        "minimum" => (value.as_f64() < rule.as_f64(), format!("is below {rule}")),
        "maximum" => (value.as_f64() > rule.as_f64(), format!("is above {rule}")),
        "pattern" => (value.is_string(), format!("has to match {rule}, which nobody checks")),
        "minItems" => {
            let least = usize::try_from(rule.as_u64().unwrap()).unwrap();
            (items.is_some_and(|items| items.len() < least), format!("has less than {rule} items"))
        }
        "uniqueItems" => {
            let items = items.unwrap_or_default();
            let twice = (1..).zip(items).any(|(next, item)| items[next..].contains(item));
            (rule == &json!(true) && twice, "has an item twice".to_owned())
        }
        "required" => {
            let mut names = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
            let missing = names.find(|name| value.get(name).is_none());
            (missing.is_some(), format!("has no `{}`", missing.unwrap_or_default()))
        }
        other => panic!("`{other}` is a keyword that is not known here"),
    };
    wrong.then_some(text)
}

fn is_a(value: &Value, ty: &Value) -> bool {
    match ty.as_str().unwrap() {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        other => panic!("`{other}` is a type that is not known here"),
    }
}
