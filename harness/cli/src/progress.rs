//! Narration on stderr; a bar only on a terminal.

use assay_measure::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;

/// Tells a person what happens.
pub struct Narrator {
    bar: Option<ProgressBar>,
    on_terminal: bool,
}

impl Narrator {
    /// Narrates to stderr.
    #[must_use]
    pub fn new() -> Narrator {
        Narrator {
            bar: None,
            on_terminal: std::io::stderr().is_terminal(),
        }
    }
}

impl Progress for Narrator {
    fn begin(&mut self, what: &str, steps: u64) {
        if steps == 0 {
            return;
        }
        if !self.on_terminal {
            eprintln!("{what}: {steps} steps");
            return;
        }
        // Redrawing takes time of the cores that are measured: seldom, and
        // between launches only.
        let target = ProgressDrawTarget::stderr_with_hz(4);
        let bar = ProgressBar::with_draw_target(Some(steps), target);
        if let Ok(style) = ProgressStyle::with_template(
            "{prefix:>11} {bar:30} {pos:>4}/{len:4} {elapsed:>4} {wide_msg}",
        ) {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        self.bar = Some(bar);
    }

    fn step(&mut self, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(what.to_owned());
            bar.inc(1);
        }
    }

    fn note(&mut self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("  {line}")),
            None => eprintln!("  {line}"),
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
