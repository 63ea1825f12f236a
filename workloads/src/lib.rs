//! What is run: definitions, fixtures, expected outcomes, pinned components.
//!
//! A [`Catalog`] is loaded from a directory of TOML files (`FORMAT.md` beside
//! this crate describes them). Loading checks everything that can be checked
//! without running anything: keys, worlds, ids, pins, and that each
//! expectation says where it comes from. A [`Component`] is handed out only
//! when its bytes have the SHA-256 of the lock.
//!
//! This crate knows nothing of arms. A definition may speak of some by
//! their facts (a known defect); [`Catalog::check_arms`] compares these with
//! the arms that exist.

mod catalog;
mod component;
mod content;
mod definition;
mod document;
mod error;
mod exchange;
mod files;
mod hold;
mod language;
mod nearest;
mod place;
mod select;
mod setting;
mod workload;
mod world;

pub use catalog::{Catalog, Selected, interface_functions};
pub use component::{Component, ComponentError, Pin};
pub use content::Content;
pub use error::{CatalogError, DefinitionError, Problem};
pub use exchange::{
    Composed, Exchange, ExpectedAnswer, ExpectedEnd, ExpectedPart, ExpectedResponse, Field,
    Message, Request,
};
pub use files::{FileNode, FileTree, FilesError, scan};
pub use hold::HoldLines;
pub use language::{Interpreter, Language};
pub use nearest::nearest;
pub use place::{checkout, locate};
pub use select::{SelectError, glob_matches, is_glob};
pub use setting::{Capability, InterfaceGroup, Preopen, Setting};
pub use workload::{
    Action, Case, Command, ComparedWith, Control, DensityRole, ExpectedExit, KnownDefect, Measures,
    Moot, OldEmulator, Twin, Workload, WorkloadId,
};
pub use world::World;
