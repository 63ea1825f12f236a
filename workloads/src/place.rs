//! Where the catalog is: named, installed beside the program, or in the checkout
//! that the program was built in.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use assay_model::Digest;
use serde::Deserialize;

use crate::document::Document;
use crate::error::CatalogError;

/// Names the directory that an installation is in.
const HOME: &str = "ASSAY_HOME";

/// The release of this crate, which that of a catalog must be.
const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// The lock that this program was built beside: what its checkout must still
/// have, or its definitions may be others.
const LOCK: &[u8] = include_bytes!("../components.lock");

/// The file that every catalog of a release has.
const MARKER: &str = "catalog.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Marker {
    #[serde(rename = "schema")]
    _schema: u64,
    release: String,
}

/// What says where the catalog is, in the order in which it is asked.
#[derive(Debug)]
struct Places {
    /// What `ASSAY_HOME` holds.
    home: Option<OsString>,
    /// This program.
    program: Option<PathBuf>,
    /// This package, when it was built.
    package: PathBuf,
}

/// Finds the catalog that belongs to this program: `$ASSAY_HOME/workloads`;
/// `share/assay/workloads` or `workloads` beside the program, or
/// `../share/assay/workloads`; the checkout that it was built in, unless its
/// components are others by now.
///
/// # Errors
/// When `ASSAY_HOME` is set and holds no catalog, or when there is none in any
/// of these places: with what to type.
pub fn locate() -> Result<PathBuf, CatalogError> {
    Places {
        home: env::var_os(HOME),
        program: env::current_exe().ok(),
        package: package().to_owned(),
    }
    .catalog()
}

/// The checkout that this program was built in, if it is still there and has the
/// same components.
#[must_use]
pub fn checkout() -> Option<PathBuf> {
    let root = package().parent()?;
    same_lock(package()).then(|| root.to_owned())
}

pub(crate) fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn is_catalog(directory: &Path) -> bool {
    directory.join(MARKER).is_file()
}

fn same_lock(directory: &Path) -> bool {
    fs::read(directory.join("components.lock"))
        .is_ok_and(|lock| Digest::of(&lock) == Digest::of(LOCK))
}

impl Places {
    fn catalog(&self) -> Result<PathBuf, CatalogError> {
        if let Some(home) = self.home.as_ref().filter(|home| !home.is_empty()) {
            let directory = Path::new(home).join("workloads");
            return match is_catalog(&directory) {
                true => Ok(directory),
                false => Err(CatalogError::NotInHome { directory }),
            };
        }
        let mut tried = Vec::new();
        let program = self.program.as_deref().and_then(Path::parent);
        for below in [
            "share/assay/workloads",
            "workloads",
            "../share/assay/workloads",
        ] {
            let Some(directory) = program.map(|program| program.join(below)) else {
                continue;
            };
            if is_catalog(&directory) {
                return Ok(directory);
            }
            tried.push(directory.display().to_string());
        }
        if same_lock(&self.package) {
            return Ok(self.package.clone());
        }
        let package = self.package.display();
        tried.push(match is_catalog(&self.package) {
            false => package.to_string(),
            true => {
                format!("{package}, whose components have changed since this program was built")
            }
        });
        Err(CatalogError::NotFound {
            tried: tried.join("; "),
        })
    }
}

/// Refuses a catalog that says it belongs to another release. One that says
/// nothing is somebody's own, and its files have their own versions.
pub(crate) fn check_release(directory: &Path) -> Result<(), CatalogError> {
    let file = directory.join(MARKER);
    let text = match fs::read_to_string(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(CatalogError::Read { path: file, source }),
        Ok(text) => text,
    };
    let marker: Marker = Document::new(file, text, "the catalog").read()?;
    match marker.release == RELEASE {
        true => Ok(()),
        false => Err(CatalogError::OtherRelease {
            directory: directory.to_owned(),
            found: marker.release,
            known: RELEASE,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn marker(release: &str) -> String {
        format!("schema = 1\nrelease = \"{release}\"\n")
    }

    /// A place with a catalog at each of these paths.
    fn with_catalogs(paths: &[&str]) -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        for path in paths {
            let catalog = directory.path().join(path);
            fs::create_dir_all(&catalog).unwrap();
            fs::write(catalog.join(MARKER), marker(RELEASE)).unwrap();
            fs::write(catalog.join("components.lock"), LOCK).unwrap();
        }
        directory
    }

    fn places(root: &Path, home: Option<&str>) -> Places {
        Places {
            home: home.map(|home| root.join(home).into()),
            program: Some(root.join("bin/assay")),
            package: root.join("checkout/workloads"),
        }
    }

    #[test]
    fn the_first_place_with_a_catalog_is_taken() {
        let order = [
            "home/workloads",
            "bin/share/assay/workloads",
            "bin/workloads",
            "bin/../share/assay/workloads",
            "checkout/workloads",
        ];
        for (index, expected) in order.iter().enumerate() {
            let directory = with_catalogs(&order[index..]);
            let root = directory.path();
            let home = (index == 0).then_some("home");
            fs::create_dir_all(root.join("bin")).unwrap();
            let found = places(root, home).catalog().unwrap();
            assert_eq!(found, root.join(expected));
        }
    }

    #[test]
    fn a_home_without_a_catalog_is_an_error_though_there_are_others() {
        let directory = with_catalogs(&["bin/workloads", "checkout/workloads"]);
        let error = places(directory.path(), Some("home"))
            .catalog()
            .unwrap_err();
        let message = error.to_string();
        assert!(message.contains("ASSAY_HOME"), "{message}");
        assert!(message.contains("home/workloads"), "{message}");
    }

    #[test]
    fn without_a_catalog_the_error_says_where_it_looked_and_what_to_type() {
        let directory = with_catalogs(&[]);
        let error = places(directory.path(), None).catalog().unwrap_err();
        let message = error.to_string();
        for part in [
            "bin/share/assay/workloads; ",
            "checkout/workloads",
            "--catalog DIR",
        ] {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn a_checkout_with_other_components_is_not_taken() {
        let directory = with_catalogs(&["checkout/workloads"]);
        let lock = directory.path().join("checkout/workloads/components.lock");
        fs::write(lock, "schema = 1\n").unwrap();
        let error = places(directory.path(), None).catalog().unwrap_err();
        assert!(
            error.to_string().contains("components have changed"),
            "{error}"
        );
    }

    #[test]
    fn the_catalog_of_another_release_is_refused_with_both_versions() {
        let directory = with_catalogs(&["."]);
        let file = directory.path().join(MARKER);
        check_release(directory.path()).unwrap();
        fs::write(&file, marker("0.0.7")).unwrap();
        let message = check_release(directory.path()).unwrap_err().to_string();
        assert!(message.contains("release 0.0.7"), "{message}");
        assert!(message.contains(RELEASE), "{message}");
        fs::remove_file(&file).unwrap();
        check_release(directory.path()).unwrap();
    }

    /// The version stands in two files, as an installed catalog has no manifest.
    #[test]
    fn the_catalog_of_this_repository_is_of_this_release() {
        assert!(is_catalog(package()));
        check_release(package()).unwrap();
        assert_eq!(checkout().as_deref(), package().parent());
    }
}
