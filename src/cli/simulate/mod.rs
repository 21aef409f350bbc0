//! `keyrail simulate`: requests in, decisions out, both as JSON.
//!
//! Text in, text out; reading the file and writing to the terminal are the
//! command line's business. A case that cannot be judged is answered with its
//! error, and the others with their decisions.

mod call;
mod case;
pub(crate) mod command;
mod context;
mod grant;
mod other;
mod read;
mod tell;
mod verdicts;

use serde::Serialize;

use crate::cli::render;
use crate::iam::ParseError;
use crate::iam::evaluate::{Decision, StatementRef};
use crate::iam::json::{self, Value};

/// How the answer is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// On one line.
    Compact,
    /// Indented, for a person.
    Pretty,
}

/// Answers `{"cases": […]}` with `{"results": […]}`. Fails only where the
/// cases cannot be told apart: the text is no JSON, or not of that shape.
pub fn simulate(text: &str, layout: Layout) -> Result<String, ParseError> {
    let root = json::read(text)?;
    let cases = cases(&root)?;
    let results = cases.iter().enumerate().map(|(index, node)| answer(index, node)).collect();
    let answers = Answers { results };
    let printed = match layout {
        Layout::Compact => serde_json::to_string(&answers),
        Layout::Pretty => serde_json::to_string_pretty(&answers),
    };
    printed.map_err(|error| ParseError::new(root.at, format!("the answer cannot be printed: {error}")))
}

/// Tells a person of each case what was decided, and of every statement near
/// the decision why it matches or not.
pub fn explain(text: &str) -> Result<String, ParseError> {
    let root = json::read(text)?;
    let told = cases(&root)?.iter().enumerate().map(|(index, node)| {
        let name = read::name(node).unwrap_or_else(|| index.to_string());
        match case::judge(node, case::Detail::Everything) {
            Ok(judged) => tell::case(&name, &judged),
            Err(error) => format!("{}\n", render::plain(&format!("{name}: {error}"))),
        }
    });
    Ok(told.collect::<Vec<_>>().join("\n"))
}

fn cases<'n, 'a>(root: &'n json::Node<'a>) -> Result<&'n [json::Node<'a>], ParseError> {
    let mut fields = read::Fields::new(root, "an object with `cases`")?;
    let cases = fields.take("cases");
    fields.finish()?;
    let cases = cases.ok_or_else(|| ParseError::new(root.at, "the input has no `cases`"))?;
    let Value::Array(cases) = &cases.value else {
        return Err(read::wrong(cases, "a list of cases"));
    };
    Ok(cases)
}

#[derive(Serialize)]
struct Answers {
    results: Vec<Answer>,
}

/// One result.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Decided {
        name: String,
        decision: &'static str,
        decided_by: Vec<&'static str>,
        statements: Vec<StatementAnswer>,
        /// The levels whose service control policies lack an Allow.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        at: Vec<String>,
        not_modelled: Vec<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        unknown: Vec<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        perhaps: Vec<PerhapsAnswer>,
        /// Of an API operation.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        authorizations: Vec<AuthorizationAnswer>,
    },
    Malformed {
        name: String,
        error: String,
    },
}

#[derive(Serialize)]
struct AuthorizationAnswer {
    action: String,
    on: &'static str,
    decision: &'static str,
}

/// A Deny that may match as well.
#[derive(Serialize)]
struct PerhapsAnswer {
    #[serde(flatten)]
    statement: StatementAnswer,
    unknown: Vec<String>,
}

#[derive(Serialize)]
struct StatementAnswer {
    layer: &'static str,
    target: Option<String>,
    sid: Option<String>,
    effect: &'static str,
}

impl StatementAnswer {
    fn new(statement: &StatementRef) -> Self {
        Self {
            layer: statement.layer.as_str(),
            target: statement.target.as_deref().map(str::to_owned),
            sid: statement.sid.as_deref().map(str::to_owned),
            effect: statement.effect.as_str(),
        }
    }
}

fn answer(index: usize, node: &json::Node<'_>) -> Answer {
    let name = read::name(node).unwrap_or_else(|| index.to_string());
    match case::judge(node, case::Detail::Decision) {
        Ok(judged) => decided(name, judged),
        Err(error) => Answer::Malformed { name, error: error.to_string() },
    }
}

fn decided(name: String, judged: case::Judged) -> Answer {
    let case::Judged { outcome, parts, explained: _ } = judged;
    let statements = outcome.statements.iter().map(StatementAnswer::new);
    let perhaps = outcome.perhaps.into_iter().map(|perhaps| PerhapsAnswer {
        statement: StatementAnswer::new(&perhaps.statement),
        unknown: perhaps.unknown.into_iter().collect(),
    });
    let undecided = outcome.decision == Decision::Undecided;
    let authorizations = parts.iter().map(|part| AuthorizationAnswer {
        action: format!("kms:{}", part.action),
        on: part.on.as_str(),
        decision: part.decision.as_str(),
    });
    Answer::Decided {
        name,
        decision: outcome.decision.as_str(),
        decided_by: outcome.decided_by.iter().map(|layer| layer.as_str()).collect(),
        statements: statements.collect(),
        at: outcome.at.iter().map(ToString::to_string).collect(),
        not_modelled: outcome.not_modelled,
        unknown: if undecided { outcome.unknown.into_iter().collect() } else { Vec::new() },
        perhaps: perhaps.collect(),
        authorizations: authorizations.collect(),
    }
}

#[cfg(test)]
mod tests;
