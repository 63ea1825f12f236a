//! A drawing surface in pixels, in the few strokes that charts need.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, ShapeStyle, TextStyle};

use super::theme::{self, Ink};
use crate::ReportError;
use assay_model::ArmClass;

/// Size of text in charts, in pixels of the view box.
pub(super) const TEXT: f64 = 13.0;

/// Where a text's x lies in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Middle,
    Right,
}

/// The surface. The first failure is kept and reported at the end, so that
/// drawing reads as drawing.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    failure: std::cell::RefCell<Option<String>>,
}

impl Canvas<'_> {
    fn note<E: std::fmt::Display>(&self, result: Result<(), E>) {
        if let Err(error) = result {
            self.failure
                .borrow_mut()
                .get_or_insert_with(|| error.to_string());
        }
    }

    pub(super) fn text(&self, x: f64, y: f64, align: Align, ink: Ink, text: &str) {
        self.styled(x, y, align, ink, FontStyle::Normal, text);
    }

    pub(super) fn bold(&self, x: f64, y: f64, align: Align, ink: Ink, text: &str) {
        self.styled(x, y, align, ink, FontStyle::Bold, text);
    }

    fn styled(&self, x: f64, y: f64, align: Align, ink: Ink, weight: FontStyle, text: &str) {
        let horizontal = match align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        let font = FontDesc::new(FontFamily::Name("system-ui"), TEXT, weight);
        let color = ink.stand_in();
        let style = TextStyle::from(font)
            .color(&color)
            .pos(Pos::new(horizontal, VPos::Center));
        self.note(
            self.area
                .draw(&Text::new(text.to_owned(), point(x, y), style)),
        );
    }

    pub(super) fn line(&self, from: (f64, f64), to: (f64, f64), ink: Ink, width: u32) {
        let style = ink.stand_in().stroke_width(width);
        let path = vec![point(from.0, from.1), point(to.0, to.1)];
        self.note(self.area.draw(&PathElement::new(path, style)));
    }

    pub(super) fn rect(&self, from: (f64, f64), to: (f64, f64), ink: Ink) {
        let corners = [point(from.0, from.1), point(to.0, to.1)];
        self.note(
            self.area
                .draw(&Rectangle::new(corners, ink.stand_in().filled())),
        );
    }

    fn polygon(&self, points: &[(f64, f64)], style: ShapeStyle) {
        let points: Vec<(i32, i32)> = points.iter().map(|&(x, y)| point(x, y)).collect();
        self.note(self.area.draw(&Polygon::new(points, style)));
    }

    /// The mark of a class: each has its own shape, so that colour is never the
    /// only difference.
    pub(super) fn mark(&self, x: f64, y: f64, class: ArmClass) {
        self.shape(x, y, class, Ink::Class(class));
    }

    /// The shape of a class in another ink.
    pub(super) fn shape(&self, x: f64, y: f64, class: ArmClass, ink: Ink) {
        let r = 6.0;
        let style = ink.stand_in().filled();
        match class {
            ArmClass::Native => self.rect((x - 5.0, y - 5.0), (x + 5.0, y + 5.0), ink),
            ArmClass::Runtime => {
                self.polygon(&[(x, y - r), (x + r, y + 5.0), (x - r, y + 5.0)], style);
            }
            ArmClass::FreshWasm => self.note(self.area.draw(&plotters::element::Circle::new(
                point(x, y),
                5,
                style,
            ))),
            ArmClass::ResidentWasm => {
                let r = 7.0;
                self.polygon(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)], style);
            }
            ArmClass::Engine => {
                self.polygon(&[(x - r, y - 5.0), (x + r, y - 5.0), (x, y + r)], style);
            }
            ArmClass::WasmInEngine => {
                let (long, short) = (7.0, 2.5);
                self.rect((x - long, y - short), (x + long, y + short), ink);
                self.rect((x - short, y - long), (x + short, y + long), ink);
            }
            ArmClass::Sandboxed => {
                let (r, half) = (7.0, 3.5);
                self.polygon(
                    &[
                        (x - r, y),
                        (x - half, y - r),
                        (x + half, y - r),
                        (x + r, y),
                        (x + half, y + r),
                        (x - half, y + r),
                    ],
                    style,
                );
            }
        }
    }

    /// A row of marks with their names, from the left.
    pub(super) fn legend(&self, places: &[(ArmClass, f64, f64)]) {
        for &(class, x, y) in places {
            self.mark(x + 6.0, y, class);
            self.text(x + 18.0, y, Align::Left, Ink::Text, class.label());
        }
    }
}

/// Height of a row of a legend.
pub(super) const LEGEND_ROW: f64 = 22.0;

/// Places of the entries of a legend, in as many rows as the width asks for.
pub(super) fn legend_places(classes: &[ArmClass], width: f64) -> Vec<(ArmClass, f64, f64)> {
    let (mut x, mut y) = (8.0, 16.0);
    let mut places = Vec::new();
    for &class in classes {
        let needs = 18.0 + text_width(class.label()) + 24.0;
        if x > 8.0 && x + needs > width {
            (x, y) = (8.0, y + LEGEND_ROW);
        }
        places.push((class, x, y));
        x += needs;
    }
    places
}

/// Estimated width of text in pixels. The browser's font is not known here;
/// 0.56 em a character is what common system fonts stay below for such words.
pub(super) fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * TEXT * 0.56
}

fn point(x: f64, y: f64) -> (i32, i32) {
    (x.round() as i32, y.round() as i32)
}

/// Draws a chart: `paint` is called once with the surface.
pub(super) fn draw(
    chart: &'static str,
    title: &str,
    (width, height): (u32, u32),
    paint: impl FnOnce(&Canvas<'_>),
) -> Result<String, ReportError> {
    let failed = |message: String| ReportError::Chart {
        chart: chart.to_owned(),
        message,
    };
    let mut svg = String::new();
    {
        let canvas = Canvas {
            area: SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area(),
            failure: std::cell::RefCell::new(None),
        };
        paint(&canvas);
        canvas.note(canvas.area.present());
        if let Some(message) = canvas.failure.borrow_mut().take() {
            return Err(failed(message));
        }
    }
    Ok(theme::finish(&svg, chart, title, width, height))
}
