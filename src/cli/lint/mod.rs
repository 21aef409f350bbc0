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
use crate::iam::lint::{Finding, Kind, Surroundings, lint, unreadable};
use crate::iam::{Document, ParseError, decode, parse};

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

/// A file that could not be read, as the reader named it, and why.
type Unread = (String, Failure);

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    if args.files.iter().filter(|path| path == &Path::new("-")).count() > 1 {
        return Err(Failure::new("standard input is named more than once").advise("name `-` once"));
    }
    let (mut files, mut unread) = (Vec::new(), Vec::new());
    for path in &args.files {
        let name = path.display().to_string();
        match read(path) {
            Ok(bytes) => files.push((name, bytes)),
            Err(failure) => unread.push((name, failure)),
        }
    }
    let linted = linted(args, &files);
    let report = match args.format {
        Format::Text => text::report(&linted),
        Format::Json => json::report(&linted, &unread)?,
        Format::Sarif => sarif::report(&linted, &unread)?,
    };
    if !(files.is_empty() && args.format == Format::Text) {
        render::print(&report)?;
    }
    // What was read is told all the same.
    if let Some((_, last)) = unread.pop() {
        for (_, failure) in &unread {
            render::failure(failure);
        }
        return Err(last);
    }
    let denied = |finding: &Finding| finding.severity >= args.deny.severity();
    let found = linted.iter().flat_map(|linted| &linted.findings).any(denied);
    Ok(if found { Outcome::Findings } else { Outcome::Success })
}

fn linted(args: &Args, files: &[(String, Vec<u8>)]) -> Vec<Linted> {
    let texts: Vec<Result<&str, ParseError>> = files.iter().map(|(_, bytes)| decode(bytes)).collect();
    let documents: Vec<Option<Document>> = texts.iter().map(|text| in_force(args.kind, text)).collect();
    let one = |(index, (path, bytes)): (usize, &(String, Vec<u8>))| {
        let findings = match texts.get(index) {
            Some(Ok(text)) => lint(text, args.kind, &with_others(args, &documents, index)),
            Some(Err(error)) => vec![unreadable(error)],
            None => Vec::new(),
        };
        Linted { path: path.clone(), text: String::from_utf8_lossy(bytes).into_owned(), findings }
    };
    (0..).zip(files).map(one).collect()
}

/// What a file adds to those that are in force with it.
fn in_force(kind: Kind, text: &Result<&str, ParseError>) -> Option<Document> {
    let text = text.as_ref().ok().filter(|_| kind.acts_together())?;
    parse(text, kind.policy_kind()).ok()
}

fn with_others(args: &Args, documents: &[Option<Document>], index: usize) -> Surroundings {
    let others = (0..).zip(documents).filter(|(other, _)| *other != index);
    let beside = others.filter_map(|(_, document)| document.clone()).collect();
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
