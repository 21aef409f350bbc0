//! The arrows between the rooms, the homes of outside crates, and the sizes of
//! files, held by reading the sources as text.
//!
//! One `use` per parent module makes a text scan exact enough: whoever names
//! another room writes `crate::<room>`.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the sources has nothing to say")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// Which rooms each room may use. A longer path takes precedence over a shorter
/// one, on both sides: `controls` may use `iam::policy` and not `iam::evaluate`.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("iam", &["model"]),
    ("controls", &["model", "iam::policy", "iam::parse", "iam::print"]),
    ("guardrails", &["model", "iam", "controls"]),
    ("guardrails::attach", &["model", "aws", "guardrails::prove", "guardrails::change"]),
    ("aws", &["model"]),
    ("audit", &["model", "iam", "controls", "aws"]),
    ("audit::evaluate", &["model", "iam", "controls", "audit"]),
    ("audit::export", &["model", "iam", "controls", "audit"]),
    ("tf", &[]),
    ("provider", &["tf", "model", "iam", "controls", "guardrails", "audit", "aws"]),
    ("sandbox", &["model", "iam"]),
    ("cli", &["model", "iam", "controls", "guardrails", "aws", "audit", "tf", "provider", "sandbox"]),
];

/// Outside crates that may be named in one place only.
const HOMES: &[(&str, &[&str])] = &[
    ("aws_config::", &["src/aws/"]),
    ("aws_sdk_", &["src/aws/"]),
    ("aws_smithy_", &["src/aws/"]),
    ("aws_types::", &["src/aws/"]),
    ("aws_credential_types::", &["src/aws/"]),
    ("tonic::", &["src/tf/"]),
    ("prost::", &["src/tf/"]),
    ("rmp::", &["src/tf/"]),
    ("hyper::", &["src/sandbox/"]),
    ("hyper_util::", &["src/sandbox/"]),
    ("clap::", &["src/cli/"]),
    ("println!", &["src/cli/render.rs", "src/tf/handshake.rs"]),
    ("stdout()", &["src/cli/render.rs", "src/tf/handshake.rs"]),
];

/// More production lines than this, and a file is two files.
const MOST_LINES: usize = 500;

#[test]
fn every_room_uses_only_the_rooms_it_may() {
    let broken = complaints(|source, line| {
        let allowed = allowed_to(&source.module)?;
        let named = rooms_in(line, "crate::").into_iter().filter(|_| whole_room(line).is_none());
        let of_whole = source.whole_rooms().flat_map(|room| rooms_below(line, room));
        let used = named.chain(of_whole).find(|used| !may_use(&source.module, allowed, used))?;
        let allowed = if allowed.is_empty() { "nothing of ours".to_owned() } else { allowed.join(", ") };
        Some(format!("uses `{used}`; it may use {allowed}"))
    });
    assert_none(&broken, "arrows that docs/architecture.md does not draw");
}

#[test]
fn outside_crates_stay_at_home() {
    let broken = complaints(|source, line| {
        let strays = |(name, homes): &&(&str, &[&str])| {
            names(line, name) && !homes.iter().any(|home| source.path.starts_with(home))
        };
        let (name, homes) = HOMES.iter().find(strays)?;
        Some(format!("`{name}` belongs to {}", homes.join(", ")))
    });
    assert_none(&broken, "crates or macros away from home");
}

#[test]
fn no_file_is_too_long_to_read() {
    let long = sources()
        .into_iter()
        .map(|source| (source.production().count(), source.path))
        .filter(|(lines, _)| *lines > MOST_LINES)
        .map(|(lines, path)| format!("{path}: {lines} production lines; at most {MOST_LINES}"))
        .collect::<Vec<_>>();
    assert_none(&long, "files that should be two");
}

#[test]
fn every_file_begins_by_saying_what_it_holds() {
    let silent = sources()
        .into_iter()
        .filter(|source| !source.text.starts_with("//!"))
        .map(|source| format!("{}: begins without `//!`", source.path))
        .collect::<Vec<_>>();
    assert_none(&silent, "files without a header");
}

#[test]
fn every_room_has_its_arrows_drawn() {
    let rooms = fs::read_dir(root().join("src")).unwrap().map(|entry| entry.unwrap());
    let undrawn = rooms
        .filter(|entry| entry.path().is_dir() && entry.file_name() != "bin")
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|room| !ARROWS.iter().any(|(name, _)| name == room))
        .collect::<Vec<_>>();
    assert_none(&undrawn, "rooms without arrows");
}

#[test]
fn the_arrows_have_no_cycle() {
    let mut open = ARROWS
        .iter()
        .filter(|(room, _)| !room.contains("::"))
        .map(|(room, uses)| (*room, uses.iter().map(|used| room_of(used)).collect::<Vec<_>>()))
        .collect::<BTreeMap<_, _>>();
    while !open.is_empty() {
        let free = open.iter().find(|(_, uses)| uses.iter().all(|used| !open.contains_key(used)));
        let Some(free) = free.map(|(room, _)| *room) else {
            panic!("these rooms use one another in a circle: {:?}", open.keys());
        };
        open.remove(free);
    }
}

#[test]
fn every_guard_that_the_list_of_mistakes_names_exists() {
    let mut files = Vec::new();
    for folder in ["src", "tests"] {
        collect(&root().join(folder), &mut files, &["rs", "json"], true);
    }
    let tests = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect::<String>();
    let mistakes = fs::read_to_string(root().join("docs/mistakes.md")).unwrap();
    let rows = mistakes.lines().filter_map(|line| line.strip_suffix("` |"));
    let missing = rows
        .filter_map(|row| row.rsplit('`').next())
        .filter(|guard| {
            ![format!("fn {guard}()"), format!("\"{guard}\"")].iter().any(|name| tests.contains(name))
        })
        .map(str::to_owned)
        .collect::<Vec<_>>();
    assert_none(&missing, "guards that docs/mistakes.md names and nobody wrote");
}

#[test]
fn a_broken_arrow_is_seen() {
    let uses = |module: &str, used: &str| may_use(module, allowed_to(module).unwrap(), used);
    assert!(uses("controls::key_rotation", "iam::policy"));
    assert!(!uses("controls::key_rotation", "iam::evaluate"));
    assert!(!uses("controls::key_rotation", "iam"));
    assert!(uses("guardrails::prove", "guardrails::pack"));
    assert!(!uses("guardrails::attach", "guardrails::pack"));
    assert!(!uses("audit::export::html", "aws"));
    assert!(!uses("tf::server", "model::arn"));
    assert!(!uses("sandbox::kms", "aws::kms"));
}

#[test]
fn a_scan_finds_every_spelling_of_a_use() {
    let rooms_in = |line| rooms_in(line, "crate::");
    assert_eq!(rooms_in("use crate::iam::evaluate::Request;"), ["iam::evaluate"]);
    assert_eq!(rooms_in("    pub(crate) fn f(a: crate::aws::Kms, b: &crate::tf::Value) {"), ["aws", "tf"]);
    assert_eq!(rooms_in("/// See [`crate::cli`]."), Vec::<String>::new());
    assert_eq!(whole_room("use crate::iam;"), Some("iam"));
    assert_eq!(rooms_below("    iam::evaluate(&request)", "iam"), ["iam::evaluate"]);
    assert_eq!(rooms_below("    let policy = iam::parse::policy(iam::Kind::Key);", "iam"), ["iam::parse"]);
    assert!(names("use tonic::Status;", "tonic::"));
    assert!(!names("use my_tonic::Status;", "tonic::"));
    assert!(!names("// tonic:: is spoken of", "tonic::"));
}

/// One source file below `src/`.
struct Source {
    /// From the package's root: `src/iam/parse.rs`.
    path: String,
    /// As the code would name it: `iam::parse`; empty for the roots.
    module: String,
    text: String,
}

impl Source {
    /// Its numbered lines up to the tests within the file.
    fn production(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().zip(self.text.lines().skip(1).chain([""]));
        let ours = lines.take_while(|(line, next)| *line != "#[cfg(test)]" || !next.ends_with('{'));
        (1..).zip(ours.map(|(line, _)| line))
    }

    /// The rooms that it imports as a whole.
    fn whole_rooms(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter_map(whole_room)
    }
}

/// What `judge` has to say about the lines of production code, each with its place.
fn complaints(judge: impl Fn(&Source, &str) -> Option<String>) -> Vec<String> {
    let about = |source: &Source| {
        let lines = source.production().filter_map(|(number, line)| {
            judge(source, line).map(|complaint| format!("{}:{number}: {complaint}", source.path))
        });
        lines.collect::<Vec<_>>()
    };
    sources().iter().flat_map(about).collect()
}

/// Every file of production code.
fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files, &["rs"], false);
    files.sort();
    files
        .iter()
        .map(|file| {
            let path = file.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            let module = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
            let module = match module {
                "lib" | "main" => String::new(),
                binary if binary.starts_with("bin/") => String::new(),
                other => other.replace('/', "::"),
            };
            Source { text: fs::read_to_string(file).unwrap(), path, module }
        })
        .collect()
}

/// The files of some kinds below a folder, tests among them or not.
fn collect(folder: &Path, files: &mut Vec<PathBuf>, kinds: &[&str], tests: bool) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let of_tests = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "laws");
        if of_tests && !tests {
            continue;
        }
        if path.is_dir() {
            collect(&path, files, kinds, tests);
        } else if path.extension().is_some_and(|extension| kinds.iter().any(|kind| extension == *kind)) {
            files.push(path);
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The arrows of the longest path that `module` is in.
fn allowed_to(module: &str) -> Option<&'static [&'static str]> {
    let room = ARROWS.iter().filter(|(room, _)| within(module, room)).max_by_key(|(room, _)| room.len());
    room.map(|(_, uses)| *uses)
}

fn may_use(module: &str, allowed: &[&str], used: &str) -> bool {
    let own = ARROWS.iter().filter(|(room, _)| within(module, room)).max_by_key(|(room, _)| room.len());
    let at_home = own.is_some_and(|(room, _)| within(used, room));
    at_home || allowed.iter().any(|allowed| within(used, allowed))
}

/// Whether `module` is `room` or below it.
fn within(module: &str, room: &str) -> bool {
    module == room || module.strip_prefix(room).is_some_and(|rest| rest.starts_with("::"))
}

fn room_of(path: &str) -> &str {
    path.split("::").next().unwrap_or(path)
}

/// The room that a line imports as a whole: `use crate::iam;`. What is used of
/// it shows where it is used.
fn whole_room(line: &str) -> Option<&str> {
    let room = line.strip_prefix("use crate::")?.strip_suffix(';')?;
    room.chars().all(|character| character.is_ascii_lowercase()).then_some(room)
}

/// What a line uses of a room that was imported as a whole.
fn rooms_below(line: &str, room: &str) -> Vec<String> {
    let prefix = format!("{room}::");
    if !names(line, &prefix) || line.contains(&format!("crate::{prefix}")) {
        return Vec::new();
    }
    rooms_in(line, &prefix).iter().map(|path| format!("{room}::{}", room_of(path))).collect()
}

/// The modules that a line names behind a prefix, each with the first one below it.
fn rooms_in(line: &str, prefix: &str) -> Vec<String> {
    let mut pieces = code(line).split(prefix);
    pieces.next();
    pieces
        .map(|piece| {
            let path =
                piece.split(|character: char| !(character.is_alphanumeric() || "_:".contains(character)));
            let modules = path.take(1).flat_map(|path| path.split("::"));
            let modules =
                modules.take_while(|name| name.starts_with(|first: char| first.is_ascii_lowercase()));
            modules.take(2).collect::<Vec<_>>().join("::")
        })
        .filter(|path| !path.is_empty())
        .collect()
}

/// Whether a line's code names something, and not only the end of a longer name.
fn names(line: &str, name: &str) -> bool {
    let mut before = code(line).split(name).collect::<Vec<_>>();
    before.pop();
    before.iter().any(|before| !before.ends_with(|last: char| last.is_alphanumeric() || last == '_'))
}

/// A line without its comment.
fn code(line: &str) -> &str {
    if line.trim_start().starts_with("//") { "" } else { line }
}

fn assert_none(broken: &[String], what: &str) {
    assert!(broken.is_empty(), "{what}:\n{}", broken.join("\n"));
}
