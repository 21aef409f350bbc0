//! Where in a configuration, plan or state something is.
//!
//! A path stops at a set: Terraform has no step that names a set's element.

use std::fmt;

/// Steps from the root of a block to one value in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into an object or block: `.name`.
    Attribute(String),
    /// Into a map: `["key"]`.
    Key(String),
    /// Into a list or tuple, counted from 0: `[0]`.
    Index(usize),
}

impl Path {
    /// The block itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The path of a top-level attribute or block.
    pub fn attribute(name: impl Into<String>) -> Self {
        Self::root().attr(name)
    }

    /// One step further, into an attribute or nested block.
    #[must_use]
    pub fn attr(self, name: impl Into<String>) -> Self {
        self.step(Step::Attribute(name.into()))
    }

    /// One step further, into a map.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        self.step(Step::Key(key.into()))
    }

    /// One step further, into a list; `index` counts from 0.
    #[must_use]
    pub fn index(self, index: usize) -> Self {
        self.step(Step::Index(index))
    }

    /// One step further.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// The same place seen from one level further out.
    #[must_use]
    pub(crate) fn within(mut self, outer: Step) -> Self {
        self.0.insert(0, outer);
        self
    }

    /// The steps from the root on.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the block itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

/// The path as one writes it in a configuration: `grants[0].tags["Owner"]`.
impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => out.write_str(name)?,
                Step::Attribute(name) => write!(out, ".{name}")?,
                Step::Key(key) => write!(out, "[{}]", serde_json::Value::from(key.as_str()))?,
                Step::Index(index) => write!(out, "[{index}]")?,
            }
        }
        Ok(())
    }
}
