//! The layout in which KMS prints a policy: two spaces, a space before each
//! colon, lists in one line, elements in the order of the policy grammar.

use serde_json::Map;
use serde_json::Value;

use crate::iam::policy::ELEMENTS;

/// The policy's text as `GetKeyPolicy` answers it.
pub(super) fn print(policy: &Value) -> String {
    let mut text = String::new();
    write(&mut text, policy, 0);
    text
}

fn write(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(members) if members.is_empty() => text.push_str("{ }"),
        Value::Object(members) => write_object(text, members, depth),
        Value::Array(items) if items.is_empty() => text.push_str("[ ]"),
        Value::Array(items) => {
            text.push_str("[ ");
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    text.push_str(", ");
                }
                write(text, item, depth);
            }
            text.push_str(" ]");
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&value.to_string());
        }
    }
}

fn write_object(text: &mut String, members: &Map<String, Value>, depth: usize) {
    let inner = depth.saturating_add(1);
    let known = ELEMENTS.iter().filter_map(|name| members.get_key_value(*name));
    let others = members.iter().filter(|(name, _)| !ELEMENTS.contains(&name.as_str()));
    text.push('{');
    for (position, (name, value)) in known.chain(others).enumerate() {
        text.push_str(if position > 0 { ",\n" } else { "\n" });
        text.push_str(&"  ".repeat(inner));
        text.push_str(&Value::from(name.as_str()).to_string());
        text.push_str(" : ");
        write(text, value, inner);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push('}');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::print;

    #[test]
    fn the_default_policy_looks_as_aws_prints_it() {
        let policy = json!({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [{
            "Action": "kms:*", "Effect": "Allow", "Resource": "*",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Sid": "Enable IAM User Permissions"}]});
        let expected = r#"{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::111122223333:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}"#;
        assert_eq!(print(&policy), expected);
    }
}
