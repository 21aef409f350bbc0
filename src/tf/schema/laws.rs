//! The rules a schema must keep, most of which Terraform checks when it loads
//! the provider and reports to the user as a bug in it.

use std::collections::BTreeMap;

use super::{Attribute, Block, BlockNesting, Content, Mode, NestedBlock, Nesting, Schema};
use crate::tf::conform::problems_of;
use crate::tf::path::Path;

impl Schema {
    /// Every broken rule of the schema of a resource or data source, each with
    /// its place. A provider's tests assert that there are none; the server
    /// refuses to serve a schema that has some.
    pub fn broken_laws(&self) -> Vec<String> {
        self.broken_laws_in(Place::Object)
    }

    /// The same for a schema in another place.
    pub(crate) fn broken_laws_in(&self, place: Place) -> Vec<String> {
        let mut broken = Broken { place, found: Vec::new() };
        broken.block(&Path::root(), &self.block);
        broken.found
    }
}

/// Whose block a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// That of a resource or data source.
    Object,
    /// That of the provider.
    Provider,
    /// `provider_meta` in a module's `terraform` block.
    ProviderMeta,
}

impl Place {
    /// Names that Terraform takes for itself there; an attribute of that name
    /// could not be set. For the provider it keeps some that mean nothing yet
    /// (Terraform 1.11, `internal/configs/provider.go`).
    fn meta_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Object => {
                &["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"]
            }
            Self::Provider => {
                &["alias", "count", "depends_on", "for_each", "lifecycle", "locals", "source", "version"]
            }
            Self::ProviderMeta => &[],
        }
    }
}

struct Broken {
    place: Place,
    found: Vec<String>,
}

impl Broken {
    fn block(&mut self, path: &Path, block: &Block) {
        for name in block.attributes.keys().chain(block.blocks.keys()) {
            if path.is_root() && self.place.meta_arguments().contains(&name.as_str()) {
                self.note(&path.clone().attr(name), "the name belongs to Terraform");
            }
        }
        self.attributes(path, &block.attributes);
        for (name, nested) in &block.blocks {
            let path = path.clone().attr(name);
            if block.attributes.contains_key(name) {
                self.note(&path, "an attribute has the same name as this block");
            }
            self.name(&path, name);
            self.nested_block(&path, nested);
        }
    }

    fn nested_block(&mut self, path: &Path, nested: &NestedBlock) {
        match nested.nesting {
            BlockNesting::List { min, max } | BlockNesting::Set { min, max } if max != 0 && min > max => {
                self.note(path, "more are required than are allowed");
            }
            BlockNesting::Set { .. } => {
                if nested.block.ty().has_dynamic() {
                    self.note(path, "a set of blocks cannot hold a dynamic value");
                }
                if block_writes_only(&nested.block) {
                    self.note(path, "a set of blocks cannot hold a write-only value");
                }
            }
            BlockNesting::Single | BlockNesting::Group | BlockNesting::Map | BlockNesting::List { .. } => {}
        }
        self.block(path, &nested.block);
    }

    fn attributes(&mut self, path: &Path, attributes: &BTreeMap<String, Attribute>) {
        for (name, attribute) in attributes {
            let path = path.clone().attr(name);
            self.name(&path, name);
            self.attribute(&path, attribute);
        }
    }

    fn attribute(&mut self, path: &Path, attribute: &Attribute) {
        if attribute.traits.write_only && attribute.is_computed() {
            self.note(path, "a write-only attribute cannot be computed or have a default");
        }
        if attribute.traits.keep_prior && !attribute.is_computed() {
            self.note(path, "only a computed value can be kept");
        }
        if let Some(default) = &attribute.default {
            if attribute.mode != Mode::OptionalComputed {
                self.note(path, "only an optional attribute can have a default");
            }
            for problem in problems_of(default, &attribute.ty()) {
                self.note(path, &format!("its default does not fit: {problem}"));
            }
        }
        match &attribute.content {
            Content::Nested(nested) => {
                if nested.nesting != Nesting::Single && attribute.ty().has_dynamic() {
                    self.note(path, "nested objects cannot hold a dynamic value");
                }
                if nested.nesting == Nesting::Set && writes_only(&nested.attributes) {
                    self.note(path, "a set of nested objects cannot hold a write-only value");
                }
                self.attributes(path, &nested.attributes);
            }
            Content::Type(_) => {}
        }
    }

    fn name(&mut self, path: &Path, name: &str) {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
            || !name.bytes().all(legal)
        {
            self.note(path, "a name consists of lower-case letters, digits and underscores");
        }
    }

    fn note(&mut self, path: &Path, problem: &str) {
        self.found.push(format!("`{path}`: {problem}"));
    }
}

fn writes_only(attributes: &BTreeMap<String, Attribute>) -> bool {
    attributes.values().any(|attribute| {
        attribute.traits.write_only
            || matches!(&attribute.content, Content::Nested(nested) if writes_only(&nested.attributes))
    })
}

fn block_writes_only(block: &Block) -> bool {
    writes_only(&block.attributes) || block.blocks.values().any(|nested| block_writes_only(&nested.block))
}
