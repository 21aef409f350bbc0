//! Whether the profile that was named is in the shared files at all. The SDK
//! takes one that is not for an empty one, and goes on to look elsewhere: at the
//! instance, for credentials of somebody else.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use aws_config::profile::{ProfileSet, load};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use crate::aws::config::ConnectionSettings;
use crate::model::spelling::nearest;
use crate::model::{quoted, quoted_with};

/// The shared files do not hold the profile, or cannot be read as such.
#[derive(Debug)]
pub struct ProfileError {
    profile: String,
    named_by: NamedBy,
    problem: Problem,
}

/// Who named the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// The settings.
    Settings,
    /// `AWS_PROFILE`.
    Environment,
    /// `source_profile` of another profile.
    Profile,
}

#[derive(Debug)]
enum Problem {
    Unreadable(String),
    Absent { files: Vec<String>, profiles: Vec<String> },
}

impl ProfileError {
    /// Who named the profile.
    pub fn named_by(&self) -> NamedBy {
        self.named_by
    }

    /// The profile that was named.
    pub fn profile(&self) -> &str {
        &self.profile
    }
}

impl std::error::Error for ProfileError {}

impl fmt::Display for ProfileError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let profile = &self.profile;
        match &self.problem {
            Problem::Unreadable(reason) => {
                write!(
                    out,
                    "the files in which the profile `{profile}` is looked for cannot be read: {reason}"
                )
            }
            Problem::Absent { files, profiles } => {
                write!(out, "profile `{profile}` is not in {}", quoted_with(" or ", files))?;
                match nearest(profile, profiles.iter().map(String::as_str)) {
                    Some(meant) => write!(out, "; did you mean `{meant}`?"),
                    None if profiles.is_empty() => out.write_str("; there are no profiles"),
                    None => write!(out, "; the profiles are {}", quoted(profiles)),
                }
            }
        }
    }
}

/// Fails unless the profile that the settings or `AWS_PROFILE` name is there.
pub(super) async fn check(settings: &ConnectionSettings, files: &EnvConfigFiles) -> Result<(), ProfileError> {
    let environment = Env::real();
    let (profile, named_by) = match (&settings.profile, &settings.keys) {
        (Some(profile), _) => (profile.clone(), NamedBy::Settings),
        (None, Some(_)) => return Ok(()),
        (None, None) => match set(&environment, "AWS_PROFILE") {
            Some(profile) => (profile, NamedBy::Environment),
            None => return Ok(()),
        },
    };
    // Nobody has to write the default profile down.
    if profile == "default" {
        return Ok(());
    }
    let found = match load(&Fs::real(), &environment, files, None).await {
        Ok(found) => found,
        Err(error) => {
            let problem = Problem::Unreadable(innermost(&error));
            return Err(ProfileError { profile, named_by, problem });
        }
    };
    let Some((profile, named_by)) = absent(&found, profile, named_by) else { return Ok(()) };
    let mut profiles: Vec<String> = found.profiles().map(str::to_owned).collect();
    profiles.sort();
    let problem = Problem::Absent { files: names(settings, &environment), profiles };
    Err(ProfileError { profile, named_by, problem })
}

/// The first profile that is not there: the one that was named, or a source of it.
fn absent(found: &ProfileSet, profile: String, named_by: NamedBy) -> Option<(String, NamedBy)> {
    let mut seen = BTreeSet::new();
    let mut next = (profile, named_by);
    // A circle of sources is told by the SDK.
    while seen.insert(next.0.clone()) {
        let Some(profile) = found.get_profile(&next.0) else { return Some(next) };
        next = (profile.get("source_profile")?.to_owned(), NamedBy::Profile);
    }
    None
}

/// The files as their reader knows them.
fn names(settings: &ConnectionSettings, environment: &Env) -> Vec<String> {
    let of = |given: &[PathBuf], variable: &str, usual: &str| -> Vec<String> {
        if given.is_empty() {
            return vec![set(environment, variable).unwrap_or_else(|| usual.to_owned())];
        }
        given.iter().map(|path| path.display().to_string()).collect()
    };
    let mut names = of(&settings.config_files, "AWS_CONFIG_FILE", "~/.aws/config");
    names.extend(of(&settings.credentials_files, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"));
    names.dedup();
    names
}

fn set(environment: &Env, variable: &str) -> Option<String> {
    environment.get(variable).ok().filter(|value| !value.is_empty())
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    super::http::chain(error).last().map(ToString::to_string).unwrap_or_default()
}
