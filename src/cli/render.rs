//! The only printer. Results go to standard output, everything about the work
//! itself to standard error; colour and progress only where a terminal reads.
//!
//! INVARIANT: a reader that has seen enough and closes the pipe is no failure.

use std::fmt::Display;
use std::fs;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::exit::{Failure, Outcome};

/// Prints a result. Colours in it are taken out where no terminal reads them.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    // To look for colours letter by letter takes as long as to decide a case.
    let written = if text.contains('\u{1b}') {
        let mut out = anstream::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush())
    } else {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush())
    };
    unless_closed(written).map_err(|error| Failure::new(format!("the result could not be printed: {error}")))
}

/// A text of somebody else's without what a terminal obeys or hides: control
/// characters, and those that turn the direction of writing or have no width.
pub(crate) fn plain(text: &str) -> String {
    let letter = |letter: char| match letter {
        '\t' => ' ',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
            '\u{fffd}'
        }
        _ if letter.is_control() => '\u{fffd}',
        _ => letter,
    };
    text.chars().map(letter).collect()
}

/// Prints a result line by line.
pub(crate) fn print_lines<T: Display>(lines: impl IntoIterator<Item = T>) -> Result<(), Failure> {
    let mut text = String::new();
    for line in lines {
        text.push_str(&format!("{line}\n"));
    }
    print(&text)
}

/// Writes a result to a file.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed =
        |error: io::Error| Failure::new(format!("`{}` could not be written: {error}", path.display()));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

/// Says something about the work. Nobody waits for it, so a failure to say it is none.
pub(crate) fn note(text: &str) {
    drop(writeln!(anstream::stderr(), "{text}"));
}

/// Shows why a command could not do its work.
pub(crate) fn failure(failure: &Failure) {
    let error = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    note(&format!("{error}error:{error:#} {failure}"));
    if let Some(advice) = failure.advice() {
        let bold = Style::new().bold();
        note(&format!("{bold}  try:{bold:#} {advice}"));
    }
}

/// The command with the examples in its help as they are written: clap breaks
/// lines at spaces, and a command that is broken cannot be copied. [`usage`] puts
/// the spaces back.
pub(crate) fn with_examples(command: clap::Command) -> clap::Command {
    let command = match command.get_after_help().map(ToString::to_string) {
        Some(help) => command.after_help(unbroken(&help)),
        None => command,
    };
    command.mut_subcommands(with_examples)
}

/// Indented lines are examples; the others may be broken.
fn unbroken(help: &str) -> String {
    let line = |line: &str| if line.starts_with(' ') { line.replace(' ', NO_BREAK) } else { line.to_owned() };
    help.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Shows what clap says: help that was asked for is a result, the rest misuse.
pub(crate) fn usage(usage: &clap::Error) -> Result<Outcome, Failure> {
    let text = usage.render().ansi().to_string().replace(NO_BREAK, " ");
    if usage.use_stderr() {
        note(text.trim_end());
        return Ok(Outcome::Misuse);
    }
    print(&text)?;
    Ok(Outcome::Success)
}

/// Whether a terminal reads standard output, and so sees colour.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// A bar on standard error while keys are read; invisible where no terminal reads.
pub(crate) fn progress() -> ProgressBar {
    let target =
        if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {wide_bar} {pos}/{len}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// The space at which no line is broken.
const NO_BREAK: &str = "\u{a0}";

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::{plain, unless_closed};

    #[test]
    fn nothing_reaches_the_terminal_that_it_obeys_or_hides() {
        assert_eq!(plain("a\u{1b}[31m\tb\r"), "a\u{fffd}[31m b\u{fffd}");
        assert_eq!(plain("\u{feff}ab\u{202e}cd é中"), "\u{fffd}ab\u{fffd}cd é中");
    }

    #[test]
    fn a_closed_pipe_is_a_success_and_a_full_disk_is_not() {
        assert!(unless_closed(Err(Error::from(ErrorKind::BrokenPipe))).is_ok());
        assert!(unless_closed(Err(Error::from(ErrorKind::StorageFull))).is_err());
    }
}
