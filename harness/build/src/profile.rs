//! How the programs of this machine are built: as they are measured, or soon.
//!
//! Optimization is most of what it takes to build them, and no outcome depends
//! on it. A check of outcomes can do without; what it leaves says so everywhere,
//! and no claim is judged by its figures.

use serde::{Deserialize, Serialize};
use std::ffi::OsStr;

/// Names how programs are built.
const VARIABLE: &str = "ASSAY_BUILD";

/// The profile of programs whose outcomes are compared and whose times are not.
pub(crate) const CHECKED: &str = "checked";

/// How programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BuildProfile {
    /// As figures are published of them.
    Measured,
    /// Sooner, with less optimization.
    Checked,
}

/// The environment asks for a profile that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{VARIABLE} is '{0}': set it to 'measured', or to 'checked' for a faster build whose figures \
     do not count"
)]
pub struct UnknownProfile(String);

impl BuildProfile {
    /// The profile that `ASSAY_BUILD` names; [`BuildProfile::Measured`] where it
    /// is not set.
    ///
    /// # Errors
    /// When it names none.
    pub fn requested() -> Result<BuildProfile, UnknownProfile> {
        BuildProfile::of(std::env::var_os(VARIABLE).as_deref())
    }

    fn of(value: Option<&OsStr>) -> Result<BuildProfile, UnknownProfile> {
        let Some(value) = value else {
            return Ok(BuildProfile::Measured);
        };
        match value.to_str() {
            Some("" | "measured") => Ok(BuildProfile::Measured),
            Some(CHECKED) => Ok(BuildProfile::Checked),
            _ => Err(UnknownProfile(value.to_string_lossy().into_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn programs_are_as_they_are_measured_unless_the_environment_says_otherwise() {
        let of = |text: &str| BuildProfile::of(Some(OsStr::new(text))).ok();
        assert_eq!(BuildProfile::of(None).ok(), Some(BuildProfile::Measured));
        assert_eq!(of(""), Some(BuildProfile::Measured));
        assert_eq!(of("measured"), Some(BuildProfile::Measured));
        assert_eq!(of("checked"), Some(BuildProfile::Checked));
        assert_eq!(of("quick"), None);
        let said = BuildProfile::of(Some(OsStr::new("quick")))
            .unwrap_err()
            .to_string();
        assert!(said.contains("quick") && said.contains("checked"), "{said}");
    }

    /// Profiles inherit the settings of single packages too, and those of `dev`
    /// are for tests.
    #[test]
    fn what_is_measured_is_optimized_as_its_profile_says() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
        let manifest = std::fs::read_to_string(manifest).unwrap();
        let manifest: toml::Table = toml::from_str(&manifest).unwrap();
        let profile = |name: &str| manifest["profile"][name].as_table().unwrap();
        let packages = |name: &str| profile(name)["package"].as_table().unwrap();
        for (name, level) in [("measured", 3), ("checked", 1), ("bench", 3)] {
            assert_eq!(profile(name)["inherits"].as_str(), Some("dev"), "{name}");
            for (key, inherited) in packages("dev") {
                if inherited.get("opt-level").is_none() {
                    continue;
                }
                let own = packages(name).get(key);
                let own = own.unwrap_or_else(|| panic!("{name} inherits {key}"));
                assert_eq!(own["opt-level"].as_integer(), Some(level), "{name} {key}");
            }
            // It would hold for procedural macros and build scripts as well.
            assert!(!packages(name).contains_key("*"), "{name}");
        }
    }
}
