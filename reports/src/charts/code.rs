//! How large the same components are as machine code of each architecture.

use assay_model::Unit;

use super::chart::Chart;
use super::dots::{self, Dots, Group, Row};
use crate::ReportError;
use crate::analyse::Analysis;
use crate::format;

/// Sums over the components that every machine compiled; nothing where only
/// one machine did.
pub(super) fn draw(analysis: &Analysis<'_>) -> Result<Option<Chart>, ReportError> {
    let beside = &analysis.architectures;
    if beside.machines.len() < 2 || beside.code.is_empty() {
        return Ok(None);
    }
    let mut groups: Vec<Group> = Vec::new();
    for size in &beside.code {
        let heading = format!("{}: {} components", size.arm, size.components);
        let Some(machine) = beside.machines.get(size.machine) else {
            continue;
        };
        let Some(class) = analysis.class(&size.arm) else {
            continue;
        };
        let row = Row {
            label: machine.label.clone(),
            class,
            value: size.total,
            interval: None,
            text: format!(
                "{} · {} of the component",
                format::value(Unit::Bytes, size.total),
                format::ratio(size.ratio)
            ),
        };
        match groups.last_mut().filter(|group| group.heading == heading) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group {
                heading,
                rows: vec![row],
            }),
        }
    }
    let title = "Machine code by architecture".to_owned();
    let (svg, height) = dots::draw(&Dots {
        chart: "code-size",
        title: title.clone(),
        unit: Unit::Bytes,
        axis_label: "size of all of them, logarithmic axis".to_owned(),
        value_label: "sum · geometric mean",
        labels: 200.0,
        values: dots::VALUES,
        groups,
    })?;
    Ok(Some(Chart {
        id: "code-size",
        title,
        subtitle:
            "Machine code that the engine generates from the same components, ahead of time or in \
             place: the sum over the components that all of these machines compiled, and the \
             geometric mean of the ratio of machine code to component."
                .to_owned(),
        caption: "The size does not depend on the machine that compiles, so emulated machines are \
                  shown. Code for emulators is larger, because it has explicit bounds checks."
            .to_owned(),
        svg,
        width: dots::WIDTH,
        height,
    }))
}
