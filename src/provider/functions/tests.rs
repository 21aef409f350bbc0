//! What the functions answer, and which argument they blame.

use super::all;
use crate::tf::Value;
use crate::tf::function::FunctionError;

const ROOT: &str = r#"{"Sid":"Account","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#;

fn call(name: &str, arguments: &[&str]) -> Result<Value, FunctionError> {
    let functions = all();
    let function = functions.iter().find(|function| function.name() == name).unwrap();
    let arguments: Vec<Value> = arguments.iter().map(|text| Value::from(*text)).collect();
    function.call(&arguments)
}

fn policy(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

#[test]
fn a_key_policy_without_errors_is_returned_as_it_is() {
    let spaced =
        policy(&ROOT.replace(':', ": ")).replace("arn: aws: iam: : 111122223333: root", "111122223333");
    let spaced = spaced.replace("kms: *", "kms:*");
    assert_eq!(call("validate_key_policy", &[&spaced]).unwrap(), Value::from(spaced.as_str()));
}

#[test]
fn a_key_policy_with_errors_is_refused_with_all_of_them() {
    let text = policy(&format!(
        r#"{ROOT},{{"Sid":"Use","Effect":"Allow","Principal":"*","Action":"kms:Decyrpt","Resource":"*"}}"#
    ));
    assert_eq!(
        call("validate_key_policy", &[&text]).unwrap_err(),
        FunctionError::new(
            "the key policy has 2 errors:\n\n\
             line 1, column 158, statement `Use`: the statement allows `*`, every principal of every AWS account, and \
             nothing limits it: the key is public; name the account or the roles, or add a condition on \
             `aws:PrincipalOrgID` (no-public-access)\n\n\
             line 1, column 213, statement `Use`: `kms:Decyrpt` is none of the KMS actions; write `kms:Decrypt`, if that \
             is what is meant (actions-known)"
        )
        .argument(0)
    );
}

#[test]
fn a_key_policy_may_let_another_account_use_the_key() {
    let partner = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333333333333:root"},"Action":["kms:Encrypt","kms:Decrypt"],"Resource":"*"}"#;
    let text = policy(&format!("{ROOT},{partner}"));
    for arguments in [&[text.as_str()][..], &[text.as_str(), "111122223333"]] {
        assert_eq!(call("validate_key_policy", arguments).unwrap(), Value::from(text.as_str()));
    }
}

#[test]
fn the_account_that_is_given_must_be_able_to_change_the_policy() {
    let text = policy(ROOT);
    assert_eq!(
        call("validate_key_policy", &[&text, "333333333333"]).unwrap_err(),
        FunctionError::new(
            "the key policy has an error:\n\n\
             line 1, column 1: no principal of the account may call `kms:PutKeyPolicy`, its root user included: the \
             policy could never be changed again, and only AWS Support could help; allow `kms:*` to the account, and \
             exempt the roles that manage the key from every Deny (no-lock-out)"
        )
        .argument(0)
    );
    assert_eq!(
        call("validate_key_policy", &[&text, "prod"]).unwrap_err(),
        FunctionError::new("`prod` is not an account id; expected 12 digits").argument(1)
    );
    assert_eq!(
        call("validate_key_policy", &[&text, "111122223333", "333333333333"]).unwrap_err(),
        FunctionError::new("a key is of one account: leave the further arguments out").argument(2)
    );
}

#[test]
fn findings_are_a_list_of_objects() {
    let none = policy(r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#);
    assert_eq!(call("lint_scp", &[&none]).unwrap(), Value::List(Vec::new()));
    let found = call("lint_rcp", &["{"]).unwrap();
    let Value::List(found) = found else { panic!("{found:?}") };
    assert_eq!(found[0].attr("rule").unwrap(), &Value::from("well-formed"));
    assert_eq!(found[0].attr("severity").unwrap(), &Value::from("error"));
    assert_eq!(found[0].attr("column").unwrap(), &Value::from(2_i64));
    assert_eq!(found[0].attr("statement").unwrap(), &Value::Null);
}

#[test]
fn the_argument_that_is_no_policy_is_blamed() {
    let good = policy(ROOT);
    for (name, arguments, position) in [
        ("normalize_policy", &["7"][..], 0),
        ("policy_size", &["7"], 0),
        ("policies_equivalent", &["7", &good], 0),
        ("policies_equivalent", &[&good, "7"], 1),
    ] {
        let expected = FunctionError::new(
            "the text is not a policy: line 1, column 1: found the number `7`, expected a policy: an object with \
             `Version` and `Statement`",
        );
        assert_eq!(call(name, arguments).unwrap_err(), expected.argument(position), "{name}");
    }
}

#[test]
fn what_says_the_same_has_one_form_and_one_size() {
    let one = policy(ROOT);
    let other = format!(
        "{{\n  \"Statement\": {},\n  \"Version\": \"2012-10-17\"\n}}\n",
        ROOT.replace("arn:aws:iam::111122223333:root", "111122223333").replace("kms:*", "KMS:*")
    );
    assert_eq!(call("policies_equivalent", &[&one, &other]).unwrap(), Value::Bool(true));
    assert_eq!(call("normalize_policy", &[&one]).unwrap(), call("normalize_policy", &[&other]).unwrap());
    assert_eq!(call("policy_size", &[&one]).unwrap(), Value::from(i64::try_from(one.len()).unwrap()));
    let denied = one.replace("Allow", "Deny");
    assert_eq!(call("policies_equivalent", &[&one, &denied]).unwrap(), Value::Bool(false));
}
