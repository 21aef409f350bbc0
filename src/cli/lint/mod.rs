//! `keyrail lint`: policy files in, findings out, as text, JSON or SARIF.
//!
//! The rules are the business of `iam::lint`; here is what a person or a
//! pipeline meets.

mod arguments;
mod json;
mod sarif;
mod text;

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use super::exit::{Failure, Outcome};
use super::render;
use crate::iam::lint::{Finding, Surroundings, lint};
use crate::iam::parse;

pub(crate) use arguments::Args;
use arguments::Format;

/// One file with what was found in it.
#[derive(Debug)]
struct Linted {
    /// As the reader named it; `-` for standard input.
    path: String,
    text: String,
    findings: Vec<Finding>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    let texts = args
        .files
        .iter()
        .map(|path| Ok((path.display().to_string(), read(path)?)))
        .collect::<Result<Vec<(String, String)>, Failure>>()?;
    let linted: Vec<Linted> = (0..)
        .zip(&texts)
        .map(|(index, (path, text))| {
            let surroundings = with_others(args, &texts, index);
            let findings = lint(text, args.kind, &surroundings);
            Linted { path: path.clone(), text: text.clone(), findings }
        })
        .collect();
    let report = match args.format {
        Format::Text => text::report(&linted),
        Format::Json => json::report(&linted)?,
        Format::Sarif => sarif::report(&linted)?,
    };
    render::print(&report)?;
    let denied = |finding: &Finding| finding.severity >= args.deny.severity();
    let found = linted.iter().flat_map(|linted| &linted.findings).any(denied);
    Ok(if found { Outcome::Findings } else { Outcome::Success })
}

/// Files of one run are in force together.
fn with_others(args: &Args, texts: &[(String, String)], index: usize) -> Surroundings {
    let others = (0..).zip(texts).filter(|(other, _)| *other != index);
    let beside = others.filter_map(|(_, (_, text))| parse(text, args.kind.policy_kind()).ok()).collect();
    Surroundings { beside, ..args.surroundings() }
}

fn read(path: &Path) -> Result<String, Failure> {
    let standard_input = path == Path::new("-");
    let name = if standard_input { "standard input".to_owned() } else { format!("`{}`", path.display()) };
    let failed = |error: io::Error| Failure::new(format!("{name} could not be read: {error}"));
    if !standard_input {
        return fs::read_to_string(path).map_err(failed);
    }
    if io::stdin().is_terminal() {
        render::note("reading a policy from the terminal; end with Ctrl-D");
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}
