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
use crate::iam::lint::{Finding, Surroundings, lint, unreadable};
use crate::iam::{ParseError, decode, parse};

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
    if args.files.iter().filter(|path| path == &Path::new("-")).count() > 1 {
        return Err(Failure::new("standard input is named more than once").advise("name `-` once"));
    }
    let (mut files, mut missing) = (Vec::new(), None);
    for path in &args.files {
        match read(path) {
            Ok(bytes) => files.push((path.display().to_string(), bytes)),
            Err(failure) => {
                if let Some(former) = missing.replace(failure) {
                    render::failure(&former);
                }
            }
        }
    }
    let linted = linted(args, &files);
    let report = match args.format {
        Format::Text => text::report(&linted),
        Format::Json => json::report(&linted)?,
        Format::Sarif => sarif::report(&linted)?,
    };
    if !(files.is_empty() && args.format == Format::Text) {
        render::print(&report)?;
    }
    // What was read is told all the same.
    if let Some(failure) = missing {
        return Err(failure);
    }
    let denied = |finding: &Finding| finding.severity >= args.deny.severity();
    let found = linted.iter().flat_map(|linted| &linted.findings).any(denied);
    Ok(if found { Outcome::Findings } else { Outcome::Success })
}

fn linted(args: &Args, files: &[(String, Vec<u8>)]) -> Vec<Linted> {
    let texts: Vec<Result<&str, ParseError>> = files.iter().map(|(_, bytes)| decode(bytes)).collect();
    let one = |(index, (path, bytes)): (usize, &(String, Vec<u8>))| {
        let findings = match texts.get(index) {
            Some(Ok(text)) => lint(text, args.kind, &with_others(args, &texts, index)),
            Some(Err(error)) => vec![unreadable(error)],
            None => Vec::new(),
        };
        Linted { path: path.clone(), text: String::from_utf8_lossy(bytes).into_owned(), findings }
    };
    (0..).zip(files).map(one).collect()
}

/// Files of one run are in force together.
fn with_others(args: &Args, texts: &[Result<&str, ParseError>], index: usize) -> Surroundings {
    let others = (0..).zip(texts).filter(|(other, _)| *other != index);
    let read = others.filter_map(|(_, text)| text.as_ref().ok());
    let beside = read.filter_map(|text| parse(text, args.kind.policy_kind()).ok()).collect();
    Surroundings { beside, ..args.surroundings() }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let standard_input = path == Path::new("-");
    let name = if standard_input { "standard input".to_owned() } else { format!("`{}`", path.display()) };
    let failed = |error: io::Error| Failure::new(format!("{name} could not be read: {error}"));
    if path.is_dir() {
        let advice = format!("name its files: `{}`", path.join("*.json").display());
        return Err(Failure::new(format!("{name} is a folder")).advise(advice));
    }
    if !standard_input {
        return fs::read(path).map_err(failed);
    }
    if io::stdin().is_terminal() {
        render::note("reading a policy from the terminal; end with Ctrl-D");
    }
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
