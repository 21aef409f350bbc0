use crate::provider::resources::kms_org_guardrails::{KmsOrgGuardrails, memory};
use crate::tf::{Resource, Value};

#[test]
fn the_schema_keeps_terraforms_laws() {
    assert_eq!(KmsOrgGuardrails.schema().broken_laws(), Vec::<String>::new());
}

#[test]
fn tags_recall_what_an_import_needs() {
    let config = Value::object([
        (
            "ou_map",
            Value::map([("root", Value::list(["key-rotation", "deletion-window"].map(Value::string)))]),
        ),
        ("environments", Value::map([("dev", Value::string("ou-ab12-11111111"))])),
        ("exempt_principal_arns", Value::set([Value::string("arn:aws:iam::*:role/terraform")])),
    ]);
    let mut tags = memory::keep(&config);
    assert_eq!(tags["keyrail:on:root"], "key-rotation deletion-window");
    tags.insert("Owner".to_owned(), "me".to_owned());
    let (arguments, own) = memory::recall(&tags);
    assert_eq!(&arguments["ou_map"], config.attr("ou_map").unwrap());
    for name in ["environments", "exempt_principal_arns"] {
        assert_eq!(&arguments[name], config.attr(name).unwrap());
    }
    assert_eq!(own.keys().collect::<Vec<_>>(), ["Owner"]);
}
