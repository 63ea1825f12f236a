//! Colours. A chart is drawn with stand-in colours, one per ink, and these are
//! then replaced by CSS variables, so that one drawing serves light and dark.

use plotters::style::RGBColor;

use super::chart::Chart;
use crate::format::wrap;
use assay_model::ArmClass;

/// What something is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Text and axes.
    Text,
    /// Secondary text.
    Muted,
    /// Grid lines.
    Grid,
    /// The paper, to part neighbours.
    Paper,
    /// Marks of a kind of arm.
    Class(ArmClass),
    /// One of nine categorical colours (phases, series).
    Series(usize),
}

const SERIES: usize = 9;

impl Ink {
    fn index(self) -> u8 {
        let index = match self {
            Ink::Text => 0,
            Ink::Muted => 1,
            Ink::Grid => 2,
            Ink::Paper => 3,
            Ink::Class(class) => 4 + ArmClass::ALL.iter().position(|c| *c == class).unwrap_or(0),
            Ink::Series(n) => 4 + ArmClass::ALL.len() + n % SERIES,
        };
        index as u8
    }

    /// The stand-in: a colour that no chart means.
    pub(super) fn stand_in(self) -> RGBColor {
        RGBColor(1, 2, self.index())
    }

    fn variable(self) -> String {
        match self {
            Ink::Text => "--ink".to_owned(),
            Ink::Muted => "--ink-muted".to_owned(),
            Ink::Grid => "--grid".to_owned(),
            Ink::Paper => "--paper".to_owned(),
            Ink::Class(class) => format!("--class-{}", slug(class)),
            Ink::Series(n) => format!("--series-{}", n % SERIES),
        }
    }
}

/// Short names of classes, for variables.
fn slug(class: ArmClass) -> &'static str {
    match class {
        ArmClass::ResidentWasm => "resident",
        ArmClass::FreshWasm => "fresh",
        ArmClass::Native => "process",
        ArmClass::Runtime => "runtime",
        ArmClass::WasmInEngine => "wasm-in-engine",
        ArmClass::Engine => "engine",
        ArmClass::Sandboxed => "sandboxed",
    }
}

/// Replaces the stand-ins by variables and makes the drawing scale.
pub(super) fn finish(svg: &str, chart: &str, title: &str, width: u32, height: u32) -> String {
    let mut inks = vec![Ink::Text, Ink::Muted, Ink::Grid, Ink::Paper];
    inks.extend(ArmClass::ALL.map(Ink::Class));
    inks.extend((0..SERIES).map(Ink::Series));
    let mut out = svg.to_owned();
    for ink in inks {
        let RGBColor(r, g, b) = ink.stand_in();
        let literal = format!("\"#{r:02X}{g:02X}{b:02X}\"");
        out = out.replace(&literal, &format!("\"var({})\"", ink.variable()));
    }
    // One font, set once and by the page: the drawing's own names are dropped.
    out = out.replace(" font-family=\"system-ui\"", "");
    let body = out.split_once('>').map_or("", |(_, rest)| rest);
    format!(
        "<svg class=\"chart\" role=\"img\" aria-labelledby=\"svg-{chart}\" \
         viewBox=\"0 0 {width} {height}\" xmlns=\"http://www.w3.org/2000/svg\">\
         <title id=\"svg-{chart}\">{}</title>{body}",
        escape(title)
    )
}

/// Escapes text for XML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Variables of both themes and the look of charts. Marks keep 3:1 and text
/// 4.5:1 against the paper (WCAG 2.2, 1.4.3 and 1.4.11; a test computes them).
/// Hues follow M. Okabe and K. Ito's palette for colour-blind readers, darkened
/// or lightened per theme; kinds differ in shape and segments in order too.
pub const STYLE: &str = include_str!("../../templates/theme.css");

/// Longest line of text that fits a standalone chart.
const LINE: usize = 125;

pub(super) fn standalone(chart: &Chart, environment: &str) -> String {
    let mut lines: Vec<(String, &str)> = Vec::new();
    for (text, class) in [
        (chart.subtitle.as_str(), "sub"),
        (chart.caption.as_str(), "sub"),
        (environment, "env"),
    ] {
        lines.extend(wrap(text, LINE).into_iter().map(|line| (line, class)));
    }
    let head = 44 + 18 * lines.len();
    let (width, height) = (chart.width, chart.height as usize + head + 8);
    let mut out = format!(
        "<svg class=\"root\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         xmlns=\"http://www.w3.org/2000/svg\"><style>{STYLE}</style>\
         <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\
         <text class=\"title\" x=\"16\" y=\"28\">{}</text>",
        escape(&chart.title)
    );
    for (place, (line, class)) in lines.iter().enumerate() {
        let y = 50 + 18 * place;
        out.push_str(&format!(
            "<text class=\"{class}\" x=\"16\" y=\"{y}\">{}</text>",
            escape(line)
        ));
    }
    out.push_str(&format!(
        "<svg y=\"{head}\" width=\"{width}\" height=\"{}\"",
        chart.height
    ));
    out.push_str(chart.svg.trim_start_matches("<svg"));
    out.push_str("</svg>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Relative luminance, WCAG 2.2.
    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let c = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn variables(block: &str) -> BTreeMap<String, String> {
        block
            .split(';')
            .filter_map(|part| part.rsplit_once(':'))
            .filter_map(|(name, value)| {
                let name = name.rsplit(['{', '\n', ' ']).find(|n| !n.is_empty())?;
                let value = value.trim();
                (name.starts_with("--") && value.len() == 7)
                    .then(|| (name.to_owned(), value.to_owned()))
            })
            .collect()
    }

    #[test]
    fn both_themes_have_every_ink_with_enough_contrast() {
        let (light, dark) = STYLE.split_once("@media").unwrap();
        let (light, dark) = (variables(light), variables(dark));
        for theme in [&light, &dark] {
            let paper = &theme["--paper"];
            let mut inks = vec![Ink::Text, Ink::Muted];
            inks.extend(ArmClass::ALL.map(Ink::Class));
            inks.extend((0..SERIES).map(Ink::Series));
            for ink in inks {
                let needs = match ink {
                    Ink::Text | Ink::Muted => 4.5,
                    _ => 3.0,
                };
                let name = ink.variable();
                let found = contrast(&theme[&name], paper);
                assert!(found >= needs, "{name} has {found:.2} on {paper}");
            }
            for name in ["--good", "--bad", "--warn", "--link", "--unknown"] {
                for paper in [&theme["--paper"], &theme["--panel"]] {
                    let found = contrast(&theme[name], paper);
                    assert!(found >= 4.5, "{name} has {found:.2} on {paper}");
                }
            }
            assert!(contrast(&theme["--ink-muted"], &theme["--panel"]) >= 4.5);
        }
        assert_eq!(
            light.keys().collect::<Vec<_>>(),
            dark.keys().collect::<Vec<_>>()
        );
    }
}
