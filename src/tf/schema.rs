//! What a provider, a resource or a data source looks like in a configuration.
//!
//! A schema says more than the wire can: defaults, what forces a replacement,
//! and which computed values outlive an update.
//! [`plan_change`](crate::tf::plan::plan_change) acts on these. `laws.rs` holds the rules that Terraform checks when it loads a
//! schema, so that a broken one fails in a test and not at a user's.

mod attribute;
mod laws;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::BTreeMap;

pub use attribute::{Attribute, Content, Mode, Nested, Nesting};

pub(crate) use laws::Place;

use crate::tf::value::Type;

/// The schema of a provider, a resource or a data source.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    pub(crate) version: u32,
    pub(crate) block: Block,
}

impl Schema {
    /// A schema of version 0 with the given content.
    pub fn new(block: Block) -> Self {
        Self { version: 0, block }
    }

    /// The version that is stored with the state; raise it when the shape changes.
    #[must_use]
    pub fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// The content.
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// The type of a whole object of this schema.
    pub fn ty(&self) -> Type {
        self.block.ty()
    }
}

/// Attributes and nested blocks between one pair of braces.
#[derive(Debug, Clone, Default)]
pub struct Block {
    pub(crate) attributes: BTreeMap<String, Attribute>,
    pub(crate) blocks: BTreeMap<String, NestedBlock>,
    pub(crate) description: String,
    pub(crate) deprecated: Option<String>,
}

impl Block {
    /// An empty block with its description in Markdown.
    pub fn new(description: impl Into<String>) -> Self {
        Self { description: description.into(), ..Self::default() }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, attribute: Attribute) -> Self {
        self.attributes.insert(name.into(), attribute);
        self
    }

    /// Adds a nested block.
    #[must_use]
    pub fn nested(mut self, name: impl Into<String>, block: NestedBlock) -> Self {
        self.blocks.insert(name.into(), block);
        self
    }

    /// Marks the block as deprecated; the message says what to use instead.
    #[must_use]
    pub fn deprecated(mut self, message: impl Into<String>) -> Self {
        self.deprecated = Some(message.into());
        self
    }

    /// The attributes by name.
    pub fn attributes(&self) -> &BTreeMap<String, Attribute> {
        &self.attributes
    }

    /// The nested blocks by name.
    pub fn blocks(&self) -> &BTreeMap<String, NestedBlock> {
        &self.blocks
    }

    /// The description in Markdown.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The object type that the block stands for.
    pub fn ty(&self) -> Type {
        let attributes = self.attributes.iter().map(|(name, attribute)| (name.clone(), attribute.ty()));
        let blocks = self.blocks.iter().map(|(name, block)| (name.clone(), block.ty()));
        Type::Object(attributes.chain(blocks).collect())
    }
}

/// A block inside a block, and how often it may occur.
#[derive(Debug, Clone)]
pub struct NestedBlock {
    pub(crate) block: Block,
    pub(crate) nesting: BlockNesting,
}

/// How a nested block repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockNesting {
    /// At most once; absent is null.
    Single,
    /// At most once; absent is an object of nulls.
    Group,
    /// In order; `max` 0 means without limit.
    List {
        /// The fewest that may be written.
        min: u32,
        /// The most that may be written.
        max: u32,
    },
    /// Without order; `max` 0 means without limit.
    Set {
        /// The fewest that may be written.
        min: u32,
        /// The most that may be written.
        max: u32,
    },
    /// By label.
    Map,
}

impl NestedBlock {
    /// A block that repeats as `nesting` says.
    pub fn new(nesting: BlockNesting, block: Block) -> Self {
        Self { block, nesting }
    }

    /// A block that may be written once.
    pub fn single(block: Block) -> Self {
        Self::new(BlockNesting::Single, block)
    }

    /// A block that may be written any number of times, in order.
    pub fn list(block: Block) -> Self {
        Self::new(BlockNesting::List { min: 0, max: 0 }, block)
    }

    /// A block that may be written any number of times, without order.
    pub fn set(block: Block) -> Self {
        Self::new(BlockNesting::Set { min: 0, max: 0 }, block)
    }

    /// The content of one occurrence.
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// How it repeats.
    pub fn nesting(&self) -> BlockNesting {
        self.nesting
    }

    /// The type of all occurrences together. A list or map of blocks with a
    /// dynamic attribute is itself dynamic, because each occurrence may differ.
    pub fn ty(&self) -> Type {
        let one = self.block.ty();
        match self.nesting {
            BlockNesting::Single | BlockNesting::Group => one,
            BlockNesting::List { .. } | BlockNesting::Map if one.has_dynamic() => Type::Dynamic,
            BlockNesting::List { .. } => Type::list(one),
            BlockNesting::Map => Type::map(one),
            BlockNesting::Set { .. } => Type::set(one),
        }
    }
}
