//! `program-json ROUNDS < territoryInfo.json`: who speaks what, turned round.
//!
//! The input is CLDR's table of territories with the languages spoken in each;
//! the output is a table of languages with the territories they are spoken in,
//! most speakers first. The whole transformation, from text to text, is done
//! ROUNDS times. Prints the size and SHA-256 of the text, and a JSON line for
//! each of the ten languages with the most speakers.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::process::ExitCode;

use assay_guests_programs::{Failure, finish, number, say, sha256, stdin};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Document {
    supplemental: Supplemental,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Supplemental {
    territory_info: BTreeMap<String, Territory>,
}

#[derive(Deserialize)]
struct Territory {
    #[serde(rename = "_population")]
    population: String,
    #[serde(rename = "languagePopulation", default)]
    languages: BTreeMap<String, Share>,
}

#[derive(Deserialize)]
struct Share {
    #[serde(rename = "_populationPercent")]
    percent: String,
    #[serde(rename = "_officialStatus")]
    official: Option<String>,
}

#[derive(Default, Serialize)]
struct Language {
    speakers: u64,
    official_in: usize,
    territories: Vec<Spoken>,
}

#[derive(Serialize)]
struct Spoken {
    territory: String,
    speakers: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    language: &'a str,
    #[serde(flatten)]
    numbers: Numbers,
}

#[derive(Serialize)]
struct Numbers {
    speakers: u64,
    official_in: usize,
    spoken_in: usize,
}

fn main() -> ExitCode {
    finish("program-json", run())
}

fn run() -> Result<(), Failure> {
    let rounds = number(1, "how many rounds")?;
    let text = stdin()?;
    let mut languages = BTreeMap::new();
    let mut output = Vec::new();
    for _ in 0..rounds {
        let document: Document = serde_json::from_slice(&text).map_err(Failure::input("stdin"))?;
        languages = turn(document.supplemental.territory_info)?;
        output = serde_json::to_vec_pretty(&languages).map_err(Failure::input("the output"))?;
    }

    let mut said = format!("json {} {}\n", output.len(), sha256(&output));
    let mut order: Vec<(&String, &Language)> = languages.iter().collect();
    order.sort_by_key(|(name, language)| (Reverse(language.speakers), *name));
    for (name, language) in order.into_iter().take(10) {
        let line = Line {
            language: name,
            numbers: Numbers {
                speakers: language.speakers,
                official_in: language.official_in,
                spoken_in: language.territories.len(),
            },
        };
        said += &serde_json::to_string(&line).map_err(Failure::input("the output"))?;
        said.push('\n');
    }
    say(&said)
}

fn turn(territories: BTreeMap<String, Territory>) -> Result<BTreeMap<String, Language>, Failure> {
    let mut languages: BTreeMap<String, Language> = BTreeMap::new();
    for (code, territory) in territories {
        let population: u64 = parsed(&territory.population, &code)?;
        for (name, share) in territory.languages {
            let percent: f64 = parsed(&share.percent, &code)?;
            let speakers = speakers(population, percent);
            let language = languages.entry(name).or_default();
            language.speakers += speakers;
            language.official_in += usize::from(share.official.is_some());
            language.territories.push(Spoken {
                territory: code.clone(),
                speakers,
                status: share.official,
            });
        }
    }
    for language in languages.values_mut() {
        // Stable: territories with as many speakers stay in the order of their codes.
        language
            .territories
            .sort_by_key(|spoken| Reverse(spoken.speakers));
    }
    Ok(languages)
}

/// Half a person is rounded up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "populations are far below 2^53 and shares are not negative"
)]
fn speakers(population: u64, percent: f64) -> u64 {
    (population as f64 * percent / 100.0 + 0.5).floor() as u64
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    text: &str,
    territory: &str,
) -> Result<T, Failure> {
    text.parse().map_err(Failure::input(territory))
}
