use super::{Attribute, Block, BlockNesting, Nested, NestedBlock, Place, Schema};
use crate::tf::function::{Parameter, Signature};
use crate::tf::path::Path;
use crate::tf::value::{Type, Value};

fn broken(block: Block) -> Vec<String> {
    Schema::new(block).broken_laws()
}

fn with(attribute: Attribute) -> Block {
    Block::new("").attribute("a", attribute)
}

#[test]
fn a_schema_within_the_laws_has_nothing_broken() {
    let block = Block::new("")
        .attribute("name", Attribute::required(Type::String).requires_replace())
        .attribute("size", Attribute::optional(Type::Number).default(1))
        .attribute("id", Attribute::computed(Type::String).keep_prior())
        .attribute("secret", Attribute::optional(Type::String).write_only().sensitive())
        .attribute("any", Attribute::optional(Type::Dynamic))
        .attribute("list", Attribute::optional(Nested::list([("x", Attribute::required(Type::Bool))])))
        .nested("timeouts", NestedBlock::single(Block::new("")))
        .nested(
            "rule",
            NestedBlock::new(BlockNesting::List { min: 1, max: 0 }, with(Attribute::optional(Type::Bool))),
        );
    assert_eq!(broken(block), Vec::<String>::new());
}

#[test]
fn names_are_lower_case_and_not_terraforms_own() {
    let block = Block::new("")
        .attribute("count", Attribute::required(Type::Bool))
        .attribute("Size", Attribute::required(Type::Bool))
        .nested("a-b", NestedBlock::list(Block::new("").attribute("count", Attribute::optional(Type::Bool))));
    assert_eq!(
        broken(block),
        [
            "`count`: the name belongs to Terraform",
            "`Size`: a name consists of lower-case letters, digits and underscores",
            "`a-b`: a name consists of lower-case letters, digits and underscores",
        ]
    );
}

#[test]
fn each_place_has_names_of_its_own_that_belong_to_terraform() {
    let names = ["alias", "connection", "provisioner", "source", "version"];
    let block = names
        .into_iter()
        .fold(Block::new(""), |block, name| block.attribute(name, Attribute::optional(Type::String)));
    let schema = Schema::new(block);
    let taken = |name: &str| format!("`{name}`: the name belongs to Terraform");
    assert_eq!(schema.broken_laws_in(Place::Object), ["connection", "provisioner"].map(taken));
    assert_eq!(schema.broken_laws_in(Place::Provider), ["alias", "source", "version"].map(taken));
    assert_eq!(schema.broken_laws_in(Place::ProviderMeta), Vec::<String>::new());
}

#[test]
fn a_block_and_an_attribute_do_not_share_a_name() {
    let block = with(Attribute::optional(Type::Bool)).nested("a", NestedBlock::list(Block::new("")));
    assert_eq!(broken(block), ["`a`: an attribute has the same name as this block"]);
}

#[test]
fn defaults_fit_and_belong_to_optional_attributes() {
    assert_eq!(
        broken(with(Attribute::optional(Type::Number).default("many"))),
        ["`a`: its default does not fit: a value of type number was expected, not a string"]
    );
    assert_eq!(
        broken(with(Attribute::required(Type::Number).default(1))),
        ["`a`: only an optional attribute can have a default"]
    );
}

#[test]
fn write_only_and_dynamic_values_stay_out_of_sets() {
    let secret = || Attribute::optional(Type::String).write_only();
    assert_eq!(
        broken(with(secret().default("x"))),
        ["`a`: a write-only attribute cannot be computed or have a default"]
    );
    assert_eq!(
        broken(with(Attribute::optional(Nested::set([("x", secret())])))),
        ["`a`: a set of nested objects cannot hold a write-only value"]
    );
    assert_eq!(
        broken(with(Attribute::optional(Nested::map([("x", Attribute::optional(Type::Dynamic))])))),
        ["`a`: nested objects cannot hold a dynamic value"]
    );
    let inside = with(Attribute::optional(Type::Dynamic)).attribute("s", secret());
    assert_eq!(
        broken(Block::new("").nested("b", NestedBlock::set(inside))),
        [
            "`b`: a set of blocks cannot hold a dynamic value",
            "`b`: a set of blocks cannot hold a write-only value"
        ]
    );
}

#[test]
fn numbers_of_blocks_make_sense() {
    let nested = NestedBlock::new(BlockNesting::Set { min: 3, max: 2 }, Block::new(""));
    assert_eq!(broken(Block::new("").nested("b", nested)), ["`b`: more are required than are allowed"]);
    assert_eq!(
        broken(with(Attribute::optional(Type::Bool).keep_prior())),
        ["`a`: only a computed value can be kept"]
    );
}

#[test]
fn a_list_of_blocks_with_a_dynamic_attribute_is_dynamic() {
    let block = || with(Attribute::optional(Type::Dynamic));
    assert_eq!(NestedBlock::list(block()).ty(), Type::Dynamic);
    assert_eq!(NestedBlock::new(BlockNesting::Map, block()).ty(), Type::Dynamic);
    assert_eq!(NestedBlock::single(block()).ty(), Type::object([("a", Type::Dynamic)]));
}

#[test]
fn write_only_attributes_are_found_wherever_they_are() {
    let secret = || ("s", Attribute::optional(Type::String).write_only());
    let block = with(secret().1).attribute("list", Attribute::optional(Nested::list([secret()]))).nested(
        "block",
        NestedBlock::new(BlockNesting::Map, Block::new("").attribute(secret().0, secret().1)),
    );
    let one = || Value::object([("s", "x")]);
    let value = Value::object([
        ("a", Value::from("x")),
        ("list", Value::list([one(), one()])),
        ("block", Value::map([("k", one())])),
    ]);
    let found: Vec<String> = block.write_only_paths(&value).iter().map(Path::to_string).collect();
    assert_eq!(found, ["a", "list[0].s", "list[1].s", "block[\"k\"].s"]);
}

#[test]
fn functions_have_names_and_tell_their_parameters_apart() {
    let parameter = |name: &str| Parameter::new(name, Type::Bool, "");
    let signature = Signature::new(Type::Bool, "").parameter(parameter("a")).variadic(parameter("rest"));
    assert_eq!(signature.broken_laws("f"), Vec::<String>::new());
    let signature = signature.parameter(parameter("rest")).parameter(parameter("1st"));
    assert_eq!(
        signature.broken_laws("no name"),
        ["`1st` is not an identifier", "`no name` is not an identifier", "two parameters are called `rest`"]
    );
}

#[test]
fn absent_blocks_are_what_terraform_takes_them_for() {
    let inner = || with(Attribute::optional(Type::Bool));
    let dynamic = || with(Attribute::optional(Type::Dynamic));
    let block = Block::new("")
        .nested("group", NestedBlock::new(BlockNesting::Group, inner()))
        .nested("list", NestedBlock::list(inner()))
        .nested("map", NestedBlock::new(BlockNesting::Map, inner()))
        .nested("set", NestedBlock::set(inner()))
        .nested("single", NestedBlock::single(Block::new("").nested("deep", NestedBlock::list(inner()))))
        .nested("any", NestedBlock::list(dynamic()));
    let mut value = Value::object([("list", Value::Null)]);
    block.fill(&mut value);
    let empty = Value::Dynamic(Type::Tuple(Vec::new()), Box::new(Value::Tuple(Vec::new())));
    let expected = Value::object([
        ("group", Value::object([("a", Value::Null)])),
        ("list", Value::List(Vec::new())),
        ("map", Value::map::<&str, Value>([])),
        ("set", Value::Set(Vec::new())),
        ("single", Value::Null),
        ("any", empty),
    ]);
    assert_eq!(value, expected);
    let mut value = Value::object([("single", Value::object([("deep", Value::Null)]))]);
    block.fill(&mut value);
    assert_eq!(value.at(&Path::attribute("single").attr("deep")), Some(&Value::List(Vec::new())));
}
