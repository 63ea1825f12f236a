//! The table, read again for each request: a component that lives for one
//! request has nowhere to keep it.

use serde::Serialize;

const TABLE: &[u8] = include_bytes!("../../../../fixtures/program/airports.csv");

/// One airport.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Airport {
    /// Of IATA or of the FAA.
    pub code: String,
    pub name: String,
    pub city: String,
    pub state: String,
    /// Degrees.
    pub latitude: f64,
    pub longitude: f64,
}

/// All of them, in the order of the table.
pub fn airports() -> Vec<Airport> {
    let mut reader = csv::Reader::from_reader(TABLE);
    // The table is part of the program: each of its records is whole.
    reader
        .records()
        .flatten()
        .map(|record| Airport {
            code: record[0].to_owned(),
            name: record[1].to_owned(),
            city: record[2].to_owned(),
            state: record[3].to_owned(),
            latitude: record[5].parse().unwrap_or_default(),
            longitude: record[6].parse().unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_is_read() {
        // One line for the names of the columns.
        let lines = TABLE.iter().filter(|byte| **byte == b'\n').count();
        let airports = airports();
        assert_eq!(airports.len(), lines - 1);
        assert!(
            airports
                .iter()
                .all(|airport| airport.latitude != 0.0 && airport.longitude != 0.0)
        );
    }
}
