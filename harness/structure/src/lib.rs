//! Tests that hold the workspace to the structure that `ARCHITECTURE.md`
//! describes: which room may use which (`rooms`), that no files of a crate use
//! each other in a circle (`circles`), that arms are told apart by what they say
//! of themselves, not by their names (`names`), and that what "Where to add what"
//! promises is one file and one line (`tables`).
//!
//! They read manifests and sources and build nothing of the other packages.

#[cfg(test)]
mod circles;
#[cfg(test)]
mod names;
#[cfg(test)]
mod resolve;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod source;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod workspace;
