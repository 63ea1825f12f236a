//! Small tables on stdout, in the four forms of `--format`.

use crate::args::Format;
use std::fmt::Write as _;

/// Rows under headings.
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new(columns: &[impl AsRef<str>]) -> Table {
        Table {
            columns: columns
                .iter()
                .map(|name| name.as_ref().to_owned())
                .collect(),
            rows: Vec::new(),
        }
    }

    /// A table of these headings and rows.
    #[must_use]
    pub fn of((columns, rows): (Vec<String>, Vec<Vec<String>>)) -> Table {
        Table { columns, rows }
    }

    /// Adds a row of as many cells as there are columns.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The table as text, ending in a line feed.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Table => self.aligned(),
            Format::Md => self.markdown(),
            Format::Csv => self.csv(),
            Format::Json => self.json(),
        }
    }

    fn aligned(&self) -> String {
        let head = &self.columns;
        let all = || std::iter::once(head).chain(&self.rows);
        let widths: Vec<usize> = (0..head.len())
            .map(|i| {
                all()
                    .filter_map(|row| row.get(i))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in all() {
            let mut line = String::new();
            for (cell, &width) in row.iter().zip(&widths) {
                // Writing to a String cannot fail.
                let _ = write!(line, "{cell:width$}  ");
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }

    fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let escape = |cell: &String| cell.replace('|', "\\|").replace('\n', " ");
        let mut text = line(self.columns.clone());
        text += &line(vec!["---".to_owned(); self.columns.len()]);
        for row in &self.rows {
            text += &line(row.iter().map(escape).collect());
        }
        text
    }

    /// RFC 4180.
    fn csv(&self) -> String {
        let quote = |cell: &str| match cell.contains([',', '"', '\n', '\r']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell.to_owned(),
        };
        let mut text = self.columns.join(",") + "\n";
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|cell| quote(cell)).collect();
            text += &(cells.join(",") + "\n");
        }
        text
    }

    fn json(&self) -> String {
        let rows: Vec<serde_json::Value> = self
            .rows
            .iter()
            .map(|row| {
                let cells = self.columns.iter().zip(row);
                cells
                    .map(|(name, cell)| (name.clone(), cell.clone().into()))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            })
            .collect();
        format!("{:#}\n", serde_json::Value::Array(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["name", "note"]);
        table.row(vec!["a".into(), "x, \"y\"".into()]);
        table
    }

    #[test]
    fn every_form_holds_the_row() {
        assert_eq!(
            table().render(Format::Table),
            "name  note\na     x, \"y\"\n"
        );
        assert_eq!(
            table().render(Format::Csv),
            "name,note\na,\"x, \"\"y\"\"\"\n"
        );
        assert_eq!(
            table().render(Format::Md),
            "| name | note |\n| --- | --- |\n| a | x, \"y\" |\n"
        );
        let json: serde_json::Value = serde_json::from_str(&table().render(Format::Json)).unwrap();
        assert_eq!(json, serde_json::json!([{"name": "a", "note": "x, \"y\""}]));
    }
}
