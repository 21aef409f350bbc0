//! The linter through its two doors: the library's, and the command line's.

mod answers;
mod cases;
mod command;
mod fixes;
mod meaning;
mod published;
mod sarif;
