//! Every call of the protocol, answered as Terraform needs it.

use serde_json::{Map, Value, json};
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::pack::{pack, unknown, unpack};
use super::plugin::{Plugin, null};
use super::tfplugin6::attribute_path::step::Selector;
use super::tfplugin6::provider_client::ProviderClient;
use super::tfplugin6::{
    self as proto, ClientCapabilities, Diagnostic, RawState, ServerCapabilities, apply_resource_change,
    call_function, configure_provider, get_functions, get_metadata, get_provider_schema,
    import_resource_state, move_resource_state, plan_resource_change, read_data_source, read_resource,
    upgrade_resource_state, validate_data_resource_config, validate_provider_config,
    validate_resource_config,
};

type Client = ProviderClient<Channel>;

/// A whole `corner_thing` from the attributes that matter.
pub(crate) fn thing(set: &Value) -> Value {
    let mut whole: Map<String, Value> = [
        "name", "size", "enabled", "labels", "tags", "anything", "pair", "grants", "secret", "fault", "id",
        "revision", "timeouts",
    ]
    .into_iter()
    .map(|name| (name.to_owned(), Value::Null))
    .collect();
    whole.insert("rule".to_owned(), json!([]));
    whole.extend(set.as_object().unwrap().clone());
    Value::Object(whole)
}

/// Creates a thing as planned.
pub(crate) async fn applied(client: &mut Client, planned: &Value) -> apply_resource_change::Response {
    let request = apply_resource_change::Request {
        type_name: "corner_thing".to_owned(),
        prior_state: null(),
        planned_state: pack(&thing(planned)),
        config: pack(&thing(&json!({}))),
        planned_private: b"planned".to_vec(),
        ..Default::default()
    };
    client.apply_resource_change(request).await.unwrap().into_inner()
}

/// Summary, detail and path of a diagnostic that is an error.
pub(crate) fn error(diagnostic: &Diagnostic) -> (&str, &str, String) {
    assert_eq!(diagnostic.severity(), proto::diagnostic::Severity::Error);
    let steps = diagnostic.attribute.iter().flat_map(|path| &path.steps);
    let path: Vec<String> = steps
        .map(|step| match step.selector.as_ref().unwrap() {
            Selector::AttributeName(name) => format!(".{name}"),
            Selector::ElementKeyString(key) => format!("[{key:?}]"),
            Selector::ElementKeyInt(index) => format!("[{index}]"),
        })
        .collect();
    (&diagnostic.summary, &diagnostic.detail, path.concat())
}

#[tokio::test]
async fn the_schema_says_everything() {
    let (_plugin, mut client) = Plugin::unconfigured().await;
    let response = client.get_provider_schema(get_provider_schema::Request {}).await.unwrap().into_inner();
    assert_eq!(response.diagnostics, Vec::new());
    assert!(response.provider.is_some() && response.provider_meta.is_some());
    assert_eq!(response.resource_schemas.keys().collect::<Vec<_>>(), ["corner_plain", "corner_thing"]);
    assert_eq!(response.data_source_schemas.keys().collect::<Vec<_>>(), ["corner_echo"]);
    assert_eq!(response.functions.keys().collect::<Vec<_>>(), ["lies", "panics", "sum"]);
    let all = ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: false,
    };
    assert_eq!(response.server_capabilities, Some(all));
    let thing = &response.resource_schemas["corner_thing"];
    assert_eq!(thing.version, 1);
    let block = thing.block.as_ref().unwrap();
    let attribute = |name: &str| block.attributes.iter().find(|attribute| attribute.name == name).unwrap();
    assert_eq!(attribute("tags").r#type, br#"["map","string"]"#);
    assert_eq!(attribute("pair").r#type, br#"["tuple",["string","number"]]"#);
    assert!(attribute("size").optional && attribute("size").computed, "a default makes it computed");
    assert!(attribute("secret").sensitive && attribute("secret").write_only);
    let grants = attribute("grants");
    assert_eq!(grants.r#type, b"");
    assert_eq!(grants.nested_type.as_ref().unwrap().nesting(), proto::schema::object::NestingMode::List);
    assert_eq!(attribute("name").description, "The *name*.");
    assert_eq!(attribute("name").description_kind(), proto::StringKind::Markdown);
    let blocks: Vec<_> =
        block.block_types.iter().map(|block| (block.type_name.as_str(), block.nesting())).collect();
    let (list, single) =
        (proto::schema::nested_block::NestingMode::List, proto::schema::nested_block::NestingMode::Single);
    assert_eq!(blocks, [("rule", list), ("timeouts", single)]);
    let sum = &response.functions["sum"];
    assert_eq!(sum.r#return.as_ref().unwrap().r#type, br#""number""#);
    assert_eq!(sum.variadic_parameter.as_ref().unwrap().name, "rest");
}

#[tokio::test]
async fn metadata_and_functions_name_the_same() {
    let (_plugin, mut client) = Plugin::unconfigured().await;
    let metadata = client.get_metadata(get_metadata::Request {}).await.unwrap().into_inner();
    let names: Vec<_> = metadata.resources.iter().map(|resource| resource.type_name.as_str()).collect();
    assert_eq!(names, ["corner_plain", "corner_thing"]);
    assert_eq!(metadata.data_sources[0].type_name, "corner_echo");
    assert_eq!(metadata.functions.len(), 3);
    let functions = client.get_functions(get_functions::Request {}).await.unwrap().into_inner();
    assert_eq!(functions.functions.keys().collect::<Vec<_>>(), ["lies", "panics", "sum"]);
}

#[tokio::test]
async fn what_is_not_served_is_unimplemented() {
    let (_plugin, mut client) = Plugin::unconfigured().await;
    let code = |result: Result<(), Status>| result.unwrap_err().code();
    let identity =
        client.get_resource_identity_schemas(proto::get_resource_identity_schemas::Request {}).await;
    assert_eq!(code(identity.map(drop)), Code::Unimplemented);
    let open = client.open_ephemeral_resource(proto::open_ephemeral_resource::Request::default()).await;
    assert_eq!(code(open.map(drop)), Code::Unimplemented);
    let list = client.list_resource(proto::list_resource::Request::default()).await;
    assert_eq!(code(list.map(drop)), Code::Unimplemented);
    let action = client.plan_action(proto::plan_action::Request::default()).await;
    assert_eq!(code(action.map(drop)), Code::Unimplemented);
}

#[tokio::test]
async fn the_provider_block_is_validated() {
    let (_plugin, mut client) = Plugin::unconfigured().await;
    for (prefix, expected) in [(json!(""), 1), (json!("p"), 0), (Value::Null, 0), (unknown(), 0)] {
        let request = validate_provider_config::Request { config: pack(&json!({"prefix": prefix})) };
        let diagnostics = client.validate_provider_config(request).await.unwrap().into_inner().diagnostics;
        assert_eq!(diagnostics.len(), expected, "{prefix}");
        for diagnostic in &diagnostics {
            let detail = "`prefix` is empty. Leave it out or give it a letter.";
            assert_eq!(error(diagnostic), ("Empty prefix", detail, ".prefix".to_owned()));
        }
    }
}

#[tokio::test]
async fn configuring_may_warn_fail_and_be_repeated() {
    let (_plugin, mut client) = Plugin::unconfigured().await;
    let mut configure = async |prefix: Value| {
        let request =
            configure_provider::Request { config: pack(&json!({"prefix": prefix})), ..Default::default() };
        client.configure_provider(request).await.unwrap().into_inner().diagnostics
    };
    let warned = configure(unknown()).await;
    assert_eq!(warned[0].severity(), proto::diagnostic::Severity::Warning);
    assert_eq!(warned[0].summary, "Prefix not known yet");
    assert_eq!(error(&configure(json!("refused")).await[0]).0, "Prefix refused");
    assert_eq!(configure(json!("second")).await, Vec::new());
    let response = applied(&mut client, &json!({"name": "n", "id": unknown(), "revision": unknown()})).await;
    assert_eq!(unpack(response.new_state.as_ref())["id"], "second/n");
}

#[tokio::test]
async fn a_resource_is_validated_with_unknown_values_in_every_place() {
    let (_plugin, mut client) = Plugin::unconfigured().await;
    let mut validate = async |config: Value, write_only: bool| {
        let request = validate_resource_config::Request {
            type_name: "corner_thing".to_owned(),
            config: pack(&config),
            client_capabilities: Some(ClientCapabilities {
                write_only_attributes_allowed: write_only,
                ..Default::default()
            }),
        };
        client.validate_resource_config(request).await.unwrap().into_inner().diagnostics
    };
    for name in thing(&json!({})).as_object().unwrap().keys() {
        for value in [unknown(), Value::Null] {
            let found = validate(thing(&json!({name: value})), true).await;
            assert_eq!(found, Vec::new(), "{name} = {value}");
        }
    }
    let found = validate(thing(&json!({"size": -1})), true).await;
    assert_eq!(
        error(&found[0]),
        ("Negative size", "`size` is below 0. Set it to 0 or more.", ".size".to_owned())
    );
    let found = validate(thing(&json!({"size": 1.5})), true).await;
    assert_eq!(error(&found[0]), ("Invalid value", "`1.5` is not a whole number", String::new()));
    let found = validate(thing(&json!({"secret": "s"})), false).await;
    assert_eq!(
        (error(&found[0]).0, error(&found[0]).2),
        ("Write-only attribute not supported", ".secret".to_owned())
    );
}

#[tokio::test]
async fn the_life_of_a_thing() {
    let (_plugin, mut client) = Plugin::configured().await;
    let config = thing(&json!({"name": "n", "tags": {"a": "1"}, "secret": "s", "grants": [
        {"name": "g", "level": null, "token": null}
    ], "labels": ["b", unknown()], "anything": {"$": "dynamic", "type": ["list", "number"], "value": [1, 2]}}));
    let planned = planned(&mut client, Value::Null, config.clone(), config.clone()).await;
    assert_eq!(planned.diagnostics, Vec::new());
    assert_eq!(planned.planned_private, b"planned");
    let expected = thing(&json!({
        "name": "n", "size": 3, "enabled": true, "tags": {"a": "1"}, "labels": [unknown(), "b"], "secret": null,
        "grants": [{"name": "g", "level": 1, "token": unknown()}], "id": unknown(), "revision": unknown(),
        "anything": {"$": "dynamic", "type": ["list", "number"], "value": [1, 2]}
    }));
    assert_eq!(unpack(planned.planned_state.as_ref()), expected);

    let mut known = expected.clone();
    known["labels"] = json!(["a", "b"]);
    let request = apply_resource_change::Request {
        type_name: "corner_thing".to_owned(),
        prior_state: null(),
        planned_state: pack(&known),
        config: pack(&config),
        planned_private: planned.planned_private,
        ..Default::default()
    };
    let created = client.apply_resource_change(request).await.unwrap().into_inner();
    assert_eq!(created.diagnostics, Vec::new());
    assert_eq!(created.private, b"applied");
    let state = unpack(created.new_state.as_ref());
    assert_eq!((&state["id"], &state["revision"]), (&json!("p/n"), &json!(100)));
    assert_eq!((&state["grants"][0]["token"], &state["secret"]), (&json!("token"), &Value::Null));

    let request = read_resource::Request {
        type_name: "corner_thing".to_owned(),
        current_state: pack(&state),
        private: b"applied".to_vec(),
        ..Default::default()
    };
    let read = client.read_resource(request).await.unwrap().into_inner();
    assert_eq!(unpack(read.new_state.as_ref()), state);
    assert_eq!(read.private, b"applied", "private bytes that are not echoed are lost");

    let (unchanged, changed) = (state.clone(), {
        let mut changed = state.clone();
        changed["name"] = json!("m");
        changed["secret"] = json!("s");
        changed
    });
    let mut config = config;
    config["labels"] = json!(["a", "b"]);
    let plan = self::planned(&mut client, state.clone(), unchanged.clone(), config.clone()).await;
    assert_eq!(unpack(plan.planned_state.as_ref()), state, "nothing changes, so nothing is unknown");
    assert_eq!(plan.requires_replace, Vec::new());
    config["name"] = json!("m");
    let plan = self::planned(&mut client, state.clone(), changed, config).await;
    let after = unpack(plan.planned_state.as_ref());
    assert_eq!((&after["id"], &after["revision"]), (&json!("p/n"), &unknown()), "one is kept, one is not");
    let steps = &plan.requires_replace[0].steps;
    assert_eq!(steps[0].selector, Some(Selector::AttributeName("name".to_owned())));
    assert_eq!((plan.requires_replace.len(), steps.len()), (1, 1));
}

async fn planned(
    client: &mut Client,
    prior: Value,
    proposed: Value,
    config: Value,
) -> plan_resource_change::Response {
    let request = plan_resource_change::Request {
        type_name: "corner_thing".to_owned(),
        prior_state: pack(&prior),
        proposed_new_state: pack(&proposed),
        config: pack(&config),
        prior_private: b"prior".to_vec(),
        ..Default::default()
    };
    client.plan_resource_change(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn updating_and_deleting() {
    let (_plugin, mut client) = Plugin::configured().await;
    let prior = thing(&json!({"name": "n", "id": "p/n", "revision": 4}));
    let mut request = apply_resource_change::Request {
        type_name: "corner_thing".to_owned(),
        prior_state: pack(&prior),
        planned_state: pack(&thing(&json!({"name": "n", "size": 5, "id": "p/n", "revision": unknown()}))),
        config: pack(&thing(&json!({"name": "n", "size": 5}))),
        planned_private: b"kept".to_vec(),
        ..Default::default()
    };
    let updated = client.apply_resource_change(request.clone()).await.unwrap().into_inner();
    let state = unpack(updated.new_state.as_ref());
    assert_eq!((&state["size"], &state["revision"]), (&json!(5), &json!(5)));
    assert_eq!(updated.private, b"kept");
    request.planned_state = null();
    request.config = null();
    let deleted = client.apply_resource_change(request.clone()).await.unwrap().into_inner();
    assert_eq!((unpack(deleted.new_state.as_ref()), deleted.diagnostics), (Value::Null, Vec::new()));
    let undeletable = thing(&json!({"name": "n", "id": "p/n", "revision": 4, "fault": "undeletable"}));
    request.prior_state = pack(&undeletable);
    let failed = client.apply_resource_change(request).await.unwrap().into_inner();
    assert_eq!(unpack(failed.new_state.as_ref()), undeletable);
    assert_eq!(error(&failed.diagnostics[0]).0, "Still in use");
}

#[tokio::test]
async fn a_destroy_is_planned_and_can_be_refused() {
    let (_plugin, mut client) = Plugin::configured().await;
    let plan = planned(&mut client, thing(&json!({"name": "n"})), Value::Null, Value::Null).await;
    assert_eq!((unpack(plan.planned_state.as_ref()), plan.diagnostics), (Value::Null, Vec::new()));
    let protected = thing(&json!({"name": "n", "fault": "protected"}));
    let plan = planned(&mut client, protected, Value::Null, Value::Null).await;
    assert_eq!(error(&plan.diagnostics[0]).0, "Thing protected");
}

#[tokio::test]
async fn an_object_that_is_gone_is_null() {
    let (_plugin, mut client) = Plugin::configured().await;
    let request = read_resource::Request {
        type_name: "corner_thing".to_owned(),
        current_state: pack(&thing(&json!({"fault": "gone"}))),
        ..Default::default()
    };
    let response = client.read_resource(request).await.unwrap().into_inner();
    assert_eq!((unpack(response.new_state.as_ref()), response.diagnostics), (Value::Null, Vec::new()));
}

#[tokio::test]
async fn importing() {
    let (_plugin, mut client) = Plugin::configured().await;
    let mut import = async |name: &str, id: &str| {
        let request = import_resource_state::Request {
            type_name: name.to_owned(),
            id: id.to_owned(),
            ..Default::default()
        };
        client.import_resource_state(request).await.unwrap().into_inner()
    };
    let found = import("corner_thing", "x").await;
    assert_eq!(found.diagnostics, Vec::new());
    assert_eq!(found.imported_resources.len(), 1);
    let object = &found.imported_resources[0];
    assert_eq!(
        (object.type_name.as_str(), object.private.as_slice()),
        ("corner_thing", b"imported".as_slice())
    );
    assert_eq!(unpack(object.state.as_ref())["id"], "x");
    for (name, id, summary) in [
        ("corner_thing", "missing", "Not found"),
        ("corner_thing", "nothing", "Bug in the provider"),
        ("corner_plain", "x", "Import not supported"),
    ] {
        let failed = import(name, id).await;
        assert_eq!((error(&failed.diagnostics[0]).0, failed.imported_resources.len()), (summary, 0));
    }
}

#[tokio::test]
async fn upgrading_a_stored_state() {
    let (_plugin, mut client) = Plugin::unconfigured().await;
    let mut upgrade = async |name: &str, version: i64, json: &str| {
        let raw_state = Some(RawState { json: json.as_bytes().to_vec(), ..Default::default() });
        let request = upgrade_resource_state::Request { type_name: name.to_owned(), version, raw_state };
        client.upgrade_resource_state(request).await.unwrap().into_inner()
    };
    let same =
        upgrade("corner_thing", 1, "{\n \"name\": \"n\", \"size\": 0.1, \"dropped\": true, \"rule\": [] }")
            .await;
    assert_eq!(same.diagnostics, Vec::new());
    assert_eq!(unpack(same.upgraded_state.as_ref()), thing(&json!({"name": "n", "size": "0.1"})));
    let old = upgrade("corner_thing", 0, r#"{"id": "x", "title": "n"}"#).await;
    assert_eq!(unpack(old.upgraded_state.as_ref()), thing(&json!({"name": "n", "id": "x"})));
    let refused = upgrade("corner_plain", 1, "{}").await;
    assert_eq!(error(&refused.diagnostics[0]).0, "State version not supported");
    let malformed = upgrade("corner_thing", 1, r#"{"name": 1}"#).await;
    let (summary, detail, path) = error(&malformed.diagnostics[0]);
    assert_eq!((summary, path.as_str()), ("Invalid value", ".name"));
    assert!(detail.starts_with("at `name`: malformed JSON: invalid type: integer `1`"), "{detail}");
}

#[tokio::test]
async fn moving_from_another_type() {
    let (_plugin, mut client) = Plugin::unconfigured().await;
    let mut request = move_resource_state::Request {
        source_provider_address: "terraform.io/builtin/terraform".to_owned(),
        source_type_name: "terraform_data".to_owned(),
        source_state: Some(RawState { json: br#"{"id": "x", "input": 1}"#.to_vec(), ..Default::default() }),
        target_type_name: "corner_thing".to_owned(),
        ..Default::default()
    };
    let moved = client.move_resource_state(request.clone()).await.unwrap().into_inner();
    assert_eq!(unpack(moved.target_state.as_ref())["id"], "x");
    assert_eq!(moved.target_private, b"moved");
    request.source_type_name = "null_resource".to_owned();
    let refused = client.move_resource_state(request.clone()).await.unwrap().into_inner();
    assert_eq!(
        error(&refused.diagnostics[0]),
        ("Cannot move", "A `null_resource` is no thing.", String::new())
    );
    request.target_type_name = "corner_plain".to_owned();
    let refused = client.move_resource_state(request).await.unwrap().into_inner();
    let detail = "A `null_resource` cannot be moved to a `corner_plain`.";
    assert_eq!(error(&refused.diagnostics[0]), ("Move not supported", detail, String::new()));
}

#[tokio::test]
async fn reading_a_data_source() {
    let (_plugin, mut client) = Plugin::configured().await;
    let input = json!({"$": "dynamic", "type": ["object", {"a": "bool"}], "value": {"a": true}});
    let config = |input: &Value| pack(&json!({"input": input, "output": null, "meta": null}));
    let validate = validate_data_resource_config::Request {
        type_name: "corner_echo".to_owned(),
        config: config(&unknown()),
    };
    let validated = client.validate_data_resource_config(validate).await.unwrap().into_inner();
    assert_eq!(validated.diagnostics, Vec::new());
    let mut request = read_data_source::Request {
        type_name: "corner_echo".to_owned(),
        config: config(&input),
        provider_meta: pack(&json!({"module": "m"})),
        ..Default::default()
    };
    let read = client.read_data_source(request.clone()).await.unwrap().into_inner();
    assert_eq!(read.diagnostics, Vec::new());
    assert_eq!(unpack(read.state.as_ref()), json!({"input": input, "output": input, "meta": "m"}));
    request.config = config(&json!({"$": "dynamic", "type": "string", "value": "missing"}));
    let read = client.read_data_source(request).await.unwrap().into_inner();
    assert_eq!(error(&read.diagnostics[0]).0, "Nothing found");
    assert_eq!(read.state, None);
}

#[tokio::test]
async fn calling_a_function() {
    let (_plugin, mut client) = Plugin::unconfigured().await;
    let mut call = async |name: &str, arguments: &[Value]| {
        let arguments = arguments.iter().map(|argument| pack(argument).unwrap()).collect();
        let request = call_function::Request { name: name.to_owned(), arguments };
        let response = client.call_function(request).await.unwrap().into_inner();
        match response.error {
            None => Ok(unpack(response.result.as_ref())),
            Some(error) => Err((error.text, error.function_argument)),
        }
    };
    assert_eq!(call("sum", &[json!(1)]).await, Ok(json!(1)));
    assert_eq!(call("sum", &[json!(1), json!("2"), json!(-4)]).await, Ok(json!(-1)));
    let whole = "`1.5` is not a whole number".to_owned();
    assert_eq!(call("sum", &[json!(1), json!(1.5)]).await, Err((whole, Some(1))));
    assert_eq!(call("sum", &[]).await, Err(("There are fewer arguments than parameters.".to_owned(), None)));
    let none = "This provider has no function `product`.".to_owned();
    assert_eq!(call("product", &[]).await, Err((none, None)));
    let panicked = "The provider panicked in CallFunction: the function fell over. This is a bug in the provider, please report it.";
    assert_eq!(call("panics", &[]).await, Err((panicked.to_owned(), None)));
    let lied = "The result does not have the declared type: a value of type number was expected, not a string. This is a bug in the provider, please report it.";
    assert_eq!(call("lies", &[]).await, Err((lied.to_owned(), None)));
}
