//! Generated files: written, or compared with what is there.
//!
//! INVARIANT: within the folders it owns a set holds every file, so that what
//! it no longer generates is found as left over.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::exit::{Failure, Outcome};
use super::render;

/// Files to generate, by their paths below one folder.
#[derive(Debug, Default)]
pub(crate) struct Files {
    files: BTreeMap<PathBuf, String>,
    owned: Vec<Owned>,
}

/// A folder in which every file of one kind is generated.
#[derive(Debug)]
struct Owned {
    folder: PathBuf,
    extension: &'static str,
}

/// What to do with generated files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// Bring the folder up to date.
    Write,
    /// Say what is not up to date.
    Check,
}

impl Files {
    /// Owns the files with this extension directly in the folder.
    pub(crate) fn own(&mut self, folder: impl Into<PathBuf>, extension: &'static str) {
        self.owned.push(Owned { folder: folder.into(), extension });
    }

    /// Adds a file.
    pub(crate) fn add(&mut self, path: impl Into<PathBuf>, content: String) {
        self.files.insert(path.into(), content);
    }

    /// Does the task below `root` and says on standard output what there was to say.
    pub(crate) fn settle(&self, root: &Path, task: Task) -> Result<Outcome, Failure> {
        let differences = self.differences(root)?;
        let mut told = String::new();
        for (path, difference) in &differences {
            if task == Task::Write {
                self.mend(root, path, *difference)?;
            }
            told.push_str(&format!("{} {}\n", difference.told(task), path.display()));
        }
        render::print(&told)?;
        match (task, differences.is_empty()) {
            (Task::Check, false) => Ok(Outcome::Findings),
            (Task::Check | Task::Write, _) => Ok(Outcome::Success),
        }
    }

    fn differences(&self, root: &Path) -> Result<BTreeMap<PathBuf, Difference>, Failure> {
        let mut differences = BTreeMap::new();
        for (path, content) in &self.files {
            let difference = match fs::read_to_string(root.join(path)) {
                Ok(found) if found == *content => continue,
                Ok(_) => Difference::Outdated,
                Err(error) if error.kind() == ErrorKind::NotFound => Difference::Missing,
                Err(error) => return Err(unreadable(path, &error)),
            };
            differences.insert(path.clone(), difference);
        }
        for owned in &self.owned {
            let present = owned.present(root)?.into_iter();
            let unknown = present.filter(|path| !self.files.contains_key(path));
            differences.extend(unknown.map(|path| (path, Difference::LeftOver)));
        }
        Ok(differences)
    }

    fn mend(&self, root: &Path, path: &Path, difference: Difference) -> Result<(), Failure> {
        match (difference, self.files.get(path)) {
            (Difference::Missing | Difference::Outdated, Some(content)) => {
                render::write(&root.join(path), content)
            }
            (Difference::LeftOver, _) | (_, None) => fs::remove_file(root.join(path))
                .map_err(|error| Failure::new(format!("`{}` could not be removed: {error}", path.display()))),
        }
    }
}

/// How a file differs from what is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Difference {
    Missing,
    Outdated,
    LeftOver,
}

impl Difference {
    fn told(self, task: Task) -> impl fmt::Display {
        match (self, task) {
            (Self::Missing, Task::Check) => "missing",
            (Self::Outdated, Task::Check) => "outdated",
            (Self::LeftOver, Task::Check) => "left over",
            (Self::Missing | Self::Outdated, Task::Write) => "wrote",
            (Self::LeftOver, Task::Write) => "removed",
        }
    }
}

impl Owned {
    fn present(&self, root: &Path) -> Result<Vec<PathBuf>, Failure> {
        let entries = match fs::read_dir(root.join(&self.folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(&self.folder, &error)),
        };
        let mut present = Vec::new();
        for entry in entries {
            let name = PathBuf::from(entry.map_err(|error| unreadable(&self.folder, &error))?.file_name());
            if name.extension().is_some_and(|extension| extension == self.extension) {
                present.push(self.folder.join(name));
            }
        }
        Ok(present)
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{}` could not be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Difference, Files, Task};
    use crate::cli::exit::Outcome;

    fn files() -> Files {
        let mut files = Files::default();
        files.own("made", "md");
        files.add("made/a.md", "a".to_owned());
        files.add("made/b.md", "b".to_owned());
        files
    }

    #[test]
    fn missing_outdated_and_left_over_files_are_told_apart_and_mended() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("made")).unwrap();
        for (name, content) in [("made/a.md", "old"), ("made/c.md", "c"), ("made/notes.txt", "mine")] {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let found: Vec<_> = files().differences(folder.path()).unwrap().into_values().collect();
        assert_eq!(found, [Difference::Outdated, Difference::Missing, Difference::LeftOver]);
        assert_eq!(files().settle(folder.path(), Task::Check).unwrap(), Outcome::Findings);
        assert_eq!(files().settle(folder.path(), Task::Write).unwrap(), Outcome::Success);
        assert_eq!(files().settle(folder.path(), Task::Check).unwrap(), Outcome::Success);
        assert!(folder.path().join("made/notes.txt").exists());
    }
}
