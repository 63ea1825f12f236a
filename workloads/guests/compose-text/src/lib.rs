//! `assay:compose/text` as a component. On other targets there is nothing
//! here: what it does is in `assay-guests-lang-rust`.

#[cfg(target_os = "wasi")]
mod component {
    wit_bindgen::generate!({
        path: "../../sources/wit/compose",
        world: "provider",
    });

    use assay_guests_lang_rust::text::{self, Here, Text as _};
    use exports::assay::compose::text::{Entry, Guest, Problem};

    struct Component;

    impl Guest for Component {
        fn count_words(text: String) -> Vec<Entry> {
            Here::count_words(&text)
                .into_iter()
                .map(|(word, count)| Entry { word, count })
                .collect()
        }

        fn parse_pair(line: String) -> Result<(String, i64), Problem> {
            Here::parse_pair(&line).map_err(|problem| match problem {
                text::Problem::NoSeparator => Problem::NoSeparator,
                text::Problem::NotANumber(text) => Problem::NotANumber(text),
            })
        }

        fn digest(bytes: Vec<u8>) -> u64 {
            Here::digest(&bytes)
        }

        fn step(state: u64) -> u64 {
            Here::step(state)
        }
    }

    export!(Component);
}
