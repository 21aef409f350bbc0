//! Where a report goes, and in which format: files by their endings, standard
//! output, or both.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::audit::Report;
use crate::audit::export;
use crate::cli::exit::Failure;
use crate::cli::render;
use crate::cli::table::{Colour, Look, Rows, table};

#[derive(Debug, clap::Args)]
pub(super) struct Output {
    /// How the report is printed, and how a file is written whose ending does not say it [default: a table]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write to this file, in the format of its ending: `.json`, `.html` or `.txt`; `-` is standard output; may be
    /// repeated. The table is still printed, unless `--format` is given
    #[arg(long, short, value_name = "FILE")]
    output: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// What somebody should look at, for a terminal
    Table,
    /// Everything, for machines
    Json,
    /// Everything, as one page for people
    Html,
}

impl Output {
    /// Whether everything can be written as it is asked for, as far as that can be said beforehand.
    pub(super) fn check(&self) -> Result<(), Failure> {
        for (path, _) in self.files()? {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                let folder = folder.display();
                return Err(Failure::new(format!(
                    "`{folder}`, where `{}` goes, is no folder",
                    path.display()
                ))
                .advise(format!("make it with `mkdir -p {folder}`, or correct the name")));
            }
        }
        Ok(())
    }

    /// Writes and prints the report.
    pub(super) fn deliver(&self, report: &Report, rows: Rows) -> Result<(), Failure> {
        for (path, format) in self.files()? {
            render::write(path, &written(report, format, Look { rows, colour: Colour::Off }))?;
        }
        let named = self.output.iter().any(|path| is_standard_output(path));
        if !named && !self.output.is_empty() && self.format.is_some() {
            return Ok(());
        }
        let colour = if render::is_terminal() { Colour::On } else { Colour::Off };
        render::print(&written(report, self.format.unwrap_or(Format::Table), Look { rows, colour }))
    }

    /// The files to write, each with its format.
    fn files(&self) -> Result<Vec<(&Path, Format)>, Failure> {
        let files = self.output.iter().filter(|path| !is_standard_output(path));
        files.map(|path| Ok((path.as_path(), self.format_of(path)?))).collect()
    }

    fn format_of(&self, path: &Path) -> Result<Format, Failure> {
        match (Format::of(path), self.format) {
            (Some(ending), Some(said)) if ending != said => Err(contradiction(path, said)),
            (Some(format), _) | (None, Some(format)) => Ok(format),
            (None, None) => Err(unclear(path)),
        }
    }
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "html" | "htm" => Some(Self::Html),
            "txt" => Some(Self::Table),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Html => "html",
        }
    }
}

fn written(report: &Report, format: Format, look: Look) -> String {
    match format {
        Format::Table => table(report, look),
        Format::Json => export::json(report),
        Format::Html => export::html(report),
    }
}

fn is_standard_output(path: &Path) -> bool {
    path == Path::new("-")
}

fn unclear(path: &Path) -> Failure {
    Failure::new(format!("the name of `{}` does not say in which format to write", path.display()))
        .advise("end it in `.json`, `.html` or `.txt`, or say it with `--format`")
}

fn contradiction(path: &Path, said: Format) -> Failure {
    let (path, said) = (path.display(), said.as_str());
    Failure::new(format!("the ending of `{path}` says another format than `--format {said}`")).advise(
        "leave `--format` out, then every file is written as its ending says; or give the file another name",
    )
}
