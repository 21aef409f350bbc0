//! The forms in which things travel. Generated types stay inside this folder
//! and the server; nothing outside sees one.

pub(crate) mod json;
