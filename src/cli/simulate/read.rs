//! Fields of a JSON object, each taken once; what is left over is an error.

use crate::iam::ParseError;
use crate::iam::json::{Member, Node, Value, shortened};
use crate::iam::parse::object;
use crate::model::spelling::nearest;

/// The fields of one object.
pub(super) struct Fields<'n, 'a> {
    left: Vec<&'n Member<'a>>,
    /// The names that there may be.
    known: Vec<String>,
    /// A field that stands beside another one in its place.
    twice: Option<(&'n Member<'a>, String)>,
}

impl<'n, 'a> Fields<'n, 'a> {
    pub(super) fn new(node: &'n Node<'a>, expected: &str) -> Result<Self, ParseError> {
        Ok(Self { left: object(node, expected)?.iter().collect(), known: Vec::new(), twice: None })
    }

    pub(super) fn take(&mut self, name: &str) -> Option<&'n Node<'a>> {
        self.known.push(name.to_owned());
        let at = self.left.iter().position(|member| member.name == name)?;
        Some(&self.left.remove(at).node)
    }

    /// The field under one of several names, all for the same thing.
    pub(super) fn take_any(&mut self, names: &[&str]) -> Option<&'n Node<'a>> {
        let (name, node) = names.iter().find_map(|name| Some((*name, self.take(name)?)))?;
        let another = self.left.iter().find(|member| names.contains(&&*member.name));
        self.twice = self.twice.take().or_else(|| another.map(|another| (*another, name.to_owned())));
        Some(node)
    }

    /// Refuses a field that has no place beside the others, and says why.
    pub(super) fn refuse(&self, name: &str, why: &str) -> Result<(), ParseError> {
        match self.left.iter().find(|member| member.name == name) {
            None => Ok(()),
            Some(member) => Err(ParseError::new(member.at, why.to_owned())),
        }
    }

    /// Refuses the fields that nobody took.
    pub(super) fn finish(self) -> Result<(), ParseError> {
        if let Some((another, first)) = self.twice {
            let twins = format!("`{}` stands beside `{first}`; give one of the two", another.name);
            return Err(ParseError::new(another.at, twins));
        }
        let Some(member) = self.left.first() else { return Ok(()) };
        let meant = nearest(&member.name, self.known.iter().map(String::as_str));
        let meant = meant.map_or_else(String::new, |meant| format!("; `{meant}` is"));
        let message = format!("`{}` is no known field{meant}", shortened(&member.name));
        Err(ParseError::new(member.at, message))
    }
}

/// The name of a case, as far as it has one.
pub(super) fn name(node: &Node<'_>) -> Option<String> {
    let Value::Object(members) = &node.value else { return None };
    let member = members.iter().find(|member| member.name == "name")?;
    match &member.node.value {
        Value::String(name) => Some(name.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn string<'n>(node: &'n Node<'_>, expected: &str) -> Result<&'n str, ParseError> {
    match &node.value {
        Value::String(text) => Ok(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(wrong(node, expected))
        }
    }
}

pub(super) fn list<'n, 'a>(node: &'n Node<'a>, expected: &str) -> Result<&'n [Node<'a>], ParseError> {
    match &node.value {
        Value::Array(items) => Ok(items),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Err(wrong(node, expected))
        }
    }
}

pub(super) fn wrong(node: &Node<'_>, expected: &str) -> ParseError {
    ParseError::new(node.at, format!("found {}, expected {expected}", node.describe()))
}
