//! A schema as Markdown, in the registry's words and order: required, optional,
//! read-only, then everything nested.

use std::collections::BTreeMap;

use crate::tf::Attribute;
use crate::tf::Block;
use crate::tf::Type;
use crate::tf::Value;
use crate::tf::schema::BlockNesting;
use crate::tf::schema::Mode;
use crate::tf::schema::Nested;
use crate::tf::schema::NestedBlock;
use crate::tf::schema::Nesting;

/// The section `## Schema` of a page.
pub(super) fn section(block: &Block) -> String {
    let mut page = "## Schema\n".to_owned();
    let mut nested = Vec::new();
    for (heading, lines) in groups(block.attributes(), block.blocks(), "", &mut nested) {
        page.push_str(&format!("\n### {heading}\n\n{lines}"));
    }
    for place in nested {
        subsection(&place, &mut page);
    }
    page
}

/// The words the registry uses for a type.
pub(super) fn type_name(ty: &Type) -> String {
    match ty {
        Type::Bool => "Boolean".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::String => "String".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", type_name(element)),
        Type::Set(element) => format!("Set of {}", type_name(element)),
        Type::Map(element) => format!("Map of {}", type_name(element)),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Object(attributes) => {
            let attributes: Vec<String> =
                attributes.iter().map(|(name, ty)| format!("`{name}` {}", type_name(ty))).collect();
            format!("Object of {}", attributes.join(", "))
        }
    }
}

/// Something with a section of its own further down.
struct Place<'a> {
    path: String,
    attributes: &'a BTreeMap<String, Attribute>,
    blocks: Option<&'a BTreeMap<String, NestedBlock>>,
}

impl Place<'_> {
    fn anchor(&self) -> String {
        let kind = if self.blocks.is_some() { "nestedblock" } else { "nestedatt" };
        format!("{kind}--{}", self.path.replace('.', "--"))
    }
}

/// The section of a place, and those of the places in it right after.
fn subsection(place: &Place<'_>, page: &mut String) {
    static NONE: BTreeMap<String, NestedBlock> = BTreeMap::new();
    let blocks = place.blocks.unwrap_or(&NONE);
    let mut nested = Vec::new();
    page.push_str(&format!("\n<a id=\"{}\"></a>\n### Nested Schema for `{}`\n", place.anchor(), place.path));
    for (heading, lines) in groups(place.attributes, blocks, &place.path, &mut nested) {
        page.push_str(&format!("\n{heading}:\n\n{lines}"));
    }
    for place in nested {
        subsection(&place, page);
    }
}

fn groups<'a>(
    attributes: &'a BTreeMap<String, Attribute>,
    blocks: &'a BTreeMap<String, NestedBlock>,
    path: &str,
    nested: &mut Vec<Place<'a>>,
) -> Vec<(&'static str, String)> {
    let mut groups: BTreeMap<Group, BTreeMap<&str, String>> = BTreeMap::new();
    for (name, attribute) in attributes {
        let line = attribute_line(name, attribute, path, nested);
        groups.entry(Group::of(attribute.mode())).or_default().insert(name, line);
    }
    for (name, block) in blocks {
        let line = block_line(name, block, path, nested);
        groups.entry(Group::of_block(block.nesting())).or_default().insert(name, line);
    }
    groups.into_iter().map(|(group, lines)| (group.heading(), lines.into_values().collect())).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Required,
    Optional,
    ReadOnly,
}

impl Group {
    fn of(mode: Mode) -> Self {
        match mode {
            Mode::Required => Self::Required,
            Mode::Optional | Mode::OptionalComputed => Self::Optional,
            Mode::Computed => Self::ReadOnly,
        }
    }

    fn of_block(nesting: BlockNesting) -> Self {
        match nesting {
            BlockNesting::List { min: 1.., .. } | BlockNesting::Set { min: 1.., .. } => Self::Required,
            BlockNesting::Single
            | BlockNesting::Group
            | BlockNesting::List { .. }
            | BlockNesting::Set { .. }
            | BlockNesting::Map => Self::Optional,
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Required => "Required",
            Self::Optional => "Optional",
            Self::ReadOnly => "Read-Only",
        }
    }
}

fn attribute_line<'a>(
    name: &str,
    attribute: &'a Attribute,
    path: &str,
    nested: &mut Vec<Place<'a>>,
) -> String {
    let mut kind = match attribute.inside().map(Nested::nesting) {
        None => type_name(&attribute.ty()),
        Some(Nesting::Single) => "Attributes".to_owned(),
        Some(Nesting::List) => "Attributes List".to_owned(),
        Some(Nesting::Set) => "Attributes Set".to_owned(),
        Some(Nesting::Map) => "Attributes Map".to_owned(),
    };
    if attribute.traits.sensitive {
        kind.push_str(", Sensitive");
    }
    if attribute.traits.write_only {
        kind.push_str(", Write-only");
    }
    if attribute.deprecated.is_some() {
        kind.push_str(", Deprecated");
    }
    let mut line = format!("- `{name}` ({kind}) {}", attribute.description());
    if let Some(message) = &attribute.deprecated {
        line.push_str(&format!(" Deprecated: {message}"));
    }
    if let Some(default) = attribute.default.as_ref().and_then(literal) {
        line.push_str(&format!(" Defaults to `{default}`."));
    }
    if let Some(inside) = attribute.inside() {
        let place = Place { path: below(path, name), attributes: inside.attributes(), blocks: None };
        line.push_str(&link(&place));
        nested.push(place);
    }
    line.push('\n');
    line
}

fn block_line<'a>(name: &str, block: &'a NestedBlock, path: &str, nested: &mut Vec<Place<'a>>) -> String {
    let kind = match block.nesting() {
        BlockNesting::Single | BlockNesting::Group => "Block",
        BlockNesting::List { max: 1, .. } => "Block List, Max: 1",
        BlockNesting::List { .. } => "Block List",
        BlockNesting::Set { .. } => "Block Set",
        BlockNesting::Map => "Block Map",
    };
    let inside = block.block();
    let place =
        Place { path: below(path, name), attributes: inside.attributes(), blocks: Some(inside.blocks()) };
    let line = format!("- `{name}` ({kind}) {}{}\n", inside.description(), link(&place));
    nested.push(place);
    line
}

fn link(place: &Place<'_>) -> String {
    format!(" (see [below for nested schema](#{}))", place.anchor())
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A default as one writes it; `None` for what is clearer in the description.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::List(elements) | Value::Set(elements) => {
            let elements: Vec<String> = elements
                .iter()
                .map(|element| Some(format!("\"{}\"", literal(element)?)))
                .collect::<Option<_>>()?;
            Some(format!("[{}]", elements.join(", ")))
        }
        Value::Null
        | Value::Unknown(_)
        | Value::Map(_)
        | Value::Object(_)
        | Value::Tuple(_)
        | Value::Dynamic(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::section;
    use crate::tf::Attribute;
    use crate::tf::Block;
    use crate::tf::Type;
    use crate::tf::schema::Nested;
    use crate::tf::schema::NestedBlock;

    #[test]
    fn a_schema_reads_so() {
        let inner = Nested::list([("id", Attribute::required(Type::String).describe("The id."))]);
        let filter = Nested::single([
            ("inner", Attribute::optional(inner).describe("Inner things.")),
            ("on", Attribute::optional(Type::Bool).default(true).describe("Whether it is on.")),
        ]);
        let timeouts = Block::new("How long to wait.")
            .attribute("create", Attribute::optional(Type::String).describe("For a create."));
        let block = Block::new("")
            .attribute("name", Attribute::required(Type::String).describe("The name."))
            .attribute("filter", Attribute::optional(filter).describe("What to keep."))
            .attribute("token", Attribute::optional(Type::String).sensitive().describe("A token."))
            .attribute("tags", Attribute::computed(Type::map(Type::set(Type::Number))).describe("Tags."))
            .nested("timeouts", NestedBlock::single(timeouts));
        insta::assert_snapshot!(section(&block));
    }
}
