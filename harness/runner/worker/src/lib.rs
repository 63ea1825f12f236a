//! A resident engine in a process of its own: a deadline kills it, a wall
//! cannot hang the harness, and its memory is its own.

pub mod density;
pub mod fresh;
pub mod launch;
pub mod session;
pub mod wall;
