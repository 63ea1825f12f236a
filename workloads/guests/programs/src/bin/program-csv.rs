//! `program-csv ROUNDS GROUP VALUE LABEL < TABLE.csv`: a table by groups.
//!
//! The first record names the columns. For each value of the column GROUP, in
//! the order of their bytes, one record is written: the group, how many records
//! it has, the mean of the column VALUE, its least and its greatest value, each
//! with the column LABEL of the first record that has it. Reading and writing
//! are done ROUNDS times; the last table is printed.

use std::collections::BTreeMap;
use std::process::ExitCode;

use assay_guests_programs::{Failure, argument, finish, number, say, stdin};

struct Group {
    records: u32,
    sum: f64,
    least: (f64, String),
    greatest: (f64, String),
}

fn main() -> ExitCode {
    finish("program-csv", run())
}

fn run() -> Result<(), Failure> {
    let rounds = number(1, "how many rounds")?;
    let columns = [
        argument(2, "the column of the group")?,
        argument(3, "the column of the value")?,
        argument(4, "the column of the label")?,
    ];
    let text = stdin()?;
    let mut written = Vec::new();
    for _ in 0..rounds {
        written = table(&groups(&text, &columns)?)?;
    }
    say(&String::from_utf8(written).map_err(Failure::input("stdin"))?)
}

fn groups(text: &[u8], columns: &[String; 3]) -> Result<BTreeMap<String, Group>, Failure> {
    let wrong = |why: String| Failure::input("stdin")(why);
    let mut reader = csv::Reader::from_reader(text);
    let header = reader.headers().map_err(|error| wrong(error.to_string()))?;
    let position = |name: &String| {
        header
            .iter()
            .position(|column| column == name)
            .ok_or_else(|| wrong(format!("no column is called {name:?}")))
    };
    let (group, value, label) = (
        position(&columns[0])?,
        position(&columns[1])?,
        position(&columns[2])?,
    );

    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut record = csv::StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|error| wrong(error.to_string()))?
    {
        let line = record.position().map_or(0, csv::Position::line);
        let number: f64 = record[value]
            .parse()
            .map_err(|error| wrong(format!("line {line}: {:?}: {error}", &record[value])))?;
        let label = &record[label];
        if let Some(group) = groups.get_mut(&record[group]) {
            group.records += 1;
            group.sum += number;
            if number < group.least.0 {
                group.least = (number, label.to_owned());
            }
            if number > group.greatest.0 {
                group.greatest = (number, label.to_owned());
            }
        } else {
            let first = Group {
                records: 1,
                sum: number,
                least: (number, label.to_owned()),
                greatest: (number, label.to_owned()),
            };
            groups.insert(record[group].to_owned(), first);
        }
    }
    Ok(groups)
}

fn table(groups: &BTreeMap<String, Group>) -> Result<Vec<u8>, Failure> {
    let wrong = Failure::input("the table");
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["group", "records", "mean", "least", "of", "greatest", "of"];
    writer.write_record(header).map_err(&wrong)?;
    for (name, group) in groups {
        let mean = group.sum / f64::from(group.records);
        writer
            .write_record([
                name,
                &group.records.to_string(),
                &format!("{mean:.4}"),
                &format!("{:.4}", group.least.0),
                &group.least.1,
                &format!("{:.4}", group.greatest.0),
                &group.greatest.1,
            ])
            .map_err(&wrong)?;
    }
    writer.into_inner().map_err(Failure::input("the table"))
}
