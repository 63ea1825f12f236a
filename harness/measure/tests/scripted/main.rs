//! The readers and the planner, driven by arms that do as a script says. No
//! process is started.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod arm;
mod bench;
mod cold_start;
mod density;
mod footprint;
mod planner;
mod verify;
