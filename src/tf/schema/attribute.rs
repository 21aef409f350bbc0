//! One attribute: its type, who sets it, and how it behaves in a plan.

use std::collections::BTreeMap;

use crate::tf::value::{Type, Value};

/// An attribute of a block or of a nested attribute.
///
/// `Attribute::optional(Type::String).describe("…").default("none")`
#[derive(Debug, Clone)]
pub struct Attribute {
    pub(crate) content: Content,
    pub(crate) mode: Mode,
    pub(crate) description: String,
    pub(crate) deprecated: Option<String>,
    pub(crate) traits: Traits,
    pub(crate) default: Option<Value>,
    pub(crate) shape: Option<Nested>,
}

/// What an attribute holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// A value of one type.
    Type(Type),
    /// Objects whose attributes have schemas of their own.
    Nested(Nested),
}

/// Objects whose attributes have schemas of their own.
#[derive(Debug, Clone)]
pub struct Nested {
    pub(crate) nesting: Nesting,
    pub(crate) attributes: BTreeMap<String, Attribute>,
}

/// How nested objects repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// In order.
    List,
    /// Without order.
    Set,
    /// By key.
    Map,
}

/// Who sets an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The user must.
    Required,
    /// The user may; otherwise it is null.
    Optional,
    /// The provider does.
    Computed,
    /// The user may; otherwise the provider does.
    OptionalComputed,
}

#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent marks; what a plan does with each does not depend on the others"
)]
pub(crate) struct Traits {
    pub(crate) sensitive: bool,
    pub(crate) write_only: bool,
    pub(crate) requires_replace: bool,
    pub(crate) keep_prior: bool,
}

impl Attribute {
    /// An attribute that the user must set.
    pub fn required(content: impl Into<Content>) -> Self {
        Self::new(Mode::Required, content)
    }

    /// An attribute that the user may set; otherwise it is null.
    pub fn optional(content: impl Into<Content>) -> Self {
        Self::new(Mode::Optional, content)
    }

    /// An attribute that the provider sets.
    pub fn computed(content: impl Into<Content>) -> Self {
        Self::new(Mode::Computed, content)
    }

    /// An attribute that the user may set and the provider sets otherwise.
    pub fn optional_computed(content: impl Into<Content>) -> Self {
        Self::new(Mode::OptionalComputed, content)
    }

    /// An attribute set by whom `mode` says.
    pub fn new(mode: Mode, content: impl Into<Content>) -> Self {
        Self {
            content: content.into(),
            mode,
            description: String::new(),
            deprecated: None,
            traits: Traits::default(),
            default: None,
            shape: None,
        }
    }

    /// The description in Markdown.
    #[must_use]
    pub fn describe(mut self, markdown: impl Into<String>) -> Self {
        self.description = markdown.into();
        self
    }

    /// The value when the user sets none. An optional attribute becomes
    /// optional and computed, as Terraform lets only these differ from null.
    #[must_use]
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(value.into());
        if self.mode == Mode::Optional {
            self.mode = Mode::OptionalComputed;
        }
        self
    }

    /// Documents what a dynamic attribute takes. Terraform drops what a nested
    /// attribute does not have, and says nothing; a provider that would rather
    /// refuse it takes any value, and checks it against this by itself.
    #[must_use]
    pub fn shape(mut self, shape: Nested) -> Self {
        self.shape = Some(shape);
        self
    }

    /// Hides the value in what Terraform prints; the state still holds it.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.traits.sensitive = true;
        self
    }

    /// The value is never stored: it is in the configuration only (Terraform 1.11).
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.traits.write_only = true;
        self
    }

    /// A change replaces the object.
    #[must_use]
    pub fn requires_replace(mut self) -> Self {
        self.traits.requires_replace = true;
        self
    }

    /// A computed value that an update does not change: it is planned as it
    /// was instead of unknown.
    #[must_use]
    pub fn keep_prior(mut self) -> Self {
        self.traits.keep_prior = true;
        self
    }

    /// Marks the attribute as deprecated; the message says what to use instead.
    #[must_use]
    pub fn deprecated(mut self, message: impl Into<String>) -> Self {
        self.deprecated = Some(message.into());
        self
    }

    /// What it holds.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Its nested attributes, whether Terraform knows of them or the documentation alone.
    pub fn inside(&self) -> Option<&Nested> {
        match &self.content {
            Content::Nested(nested) => Some(nested),
            Content::Type(_) => self.shape.as_ref(),
        }
    }

    /// Who sets it.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The description in Markdown.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The type of its value.
    pub fn ty(&self) -> Type {
        match &self.content {
            Content::Type(ty) => ty.clone(),
            Content::Nested(nested) => nested.ty(),
        }
    }

    /// Whether the provider may set it.
    pub(crate) fn is_computed(&self) -> bool {
        matches!(self.mode, Mode::Computed | Mode::OptionalComputed)
    }
}

impl Nested {
    /// One object.
    pub fn single<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Attribute)>) -> Self {
        Self::new(Nesting::Single, attributes)
    }

    /// Objects in order.
    pub fn list<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Attribute)>) -> Self {
        Self::new(Nesting::List, attributes)
    }

    /// Objects without order.
    pub fn set<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Attribute)>) -> Self {
        Self::new(Nesting::Set, attributes)
    }

    /// Objects by key.
    pub fn map<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Attribute)>) -> Self {
        Self::new(Nesting::Map, attributes)
    }

    /// How the objects repeat.
    pub fn nesting(&self) -> Nesting {
        self.nesting
    }

    /// The attributes of one object, by name.
    pub fn attributes(&self) -> &BTreeMap<String, Attribute> {
        &self.attributes
    }

    fn new<K: Into<String>>(nesting: Nesting, attributes: impl IntoIterator<Item = (K, Attribute)>) -> Self {
        let attributes = attributes.into_iter().map(|(name, attribute)| (name.into(), attribute)).collect();
        Self { nesting, attributes }
    }

    fn ty(&self) -> Type {
        let one =
            Type::object(self.attributes.iter().map(|(name, attribute)| (name.clone(), attribute.ty())));
        match self.nesting {
            Nesting::Single => one,
            Nesting::List => Type::list(one),
            Nesting::Set => Type::set(one),
            Nesting::Map => Type::map(one),
        }
    }
}

impl From<Type> for Content {
    fn from(ty: Type) -> Self {
        Self::Type(ty)
    }
}

impl From<Nested> for Content {
    fn from(nested: Nested) -> Self {
        Self::Nested(nested)
    }
}
