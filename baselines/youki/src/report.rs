//! Telling why libcontainer failed.
//!
//! Its errors cross from the container's processes to this one as a sentence
//! without causes ("failed to prepare rootfs"); the causes go to `tracing` at
//! the place where they happen. This subscriber prints those, and only those:
//! at level ERROR every other event is one comparison with a static.

use std::fmt::{Debug, Write as _};
use std::io::Write as _;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// From here on, libcontainer's errors appear on stderr, also those of the
/// processes it clones.
pub fn errors_to_stderr() {
    // Fails only if there is a subscriber already; then that one reports.
    let _ = tracing::subscriber::set_global_default(Errors);
}

struct Errors;

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::ERROR)
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        // One write, so that lines of several processes do not mix; a stderr
        // that is closed leaves nowhere to tell.
        let text = format!("assay-youki: libcontainer: {}\n", line.0);
        let _ = std::io::stderr().write_all(text.as_bytes());
    }

    // libcontainer has spans only at level TRACE, which is never enabled.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The message first, then `name=value`.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let separator = if self.0.is_empty() { "" } else { " " };
        // Writing to a String cannot fail.
        let _ = if field.name() == "message" {
            let rest = std::mem::take(&mut self.0);
            let separator = if rest.is_empty() { "" } else { " " };
            write!(self.0, "{value:?}{separator}{rest}")
        } else {
            write!(self.0, "{separator}{}={value:?}", field.name())
        };
    }
}
