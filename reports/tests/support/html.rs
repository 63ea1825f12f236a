//! What tests look for in a page.

use std::collections::BTreeMap;

/// Values of an attribute, in order.
pub fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!(" {name}=\"");
    html.split(&opening)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

/// Every link leads to exactly one id, and no id stands twice; verdicts link
/// to rows.
pub fn assert_links(html: &str) {
    assert!(
        attributes(html, "href")
            .iter()
            .any(|l| l.starts_with("#row-")),
        "no row is linked"
    );
    assert_sound(html);
}

/// Every link leads to exactly one id, and no id stands twice.
pub fn assert_sound(html: &str) {
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    for id in attributes(html, "id") {
        *ids.entry(id).or_default() += 1;
    }
    for (id, n) in &ids {
        assert_eq!(*n, 1, "id {id} stands {n} times");
    }
    let links = attributes(html, "href");
    for link in links.iter().filter(|link| !link.starts_with("https://")) {
        assert!(
            ids.contains_key(link.trim_start_matches('#')),
            "{link} leads nowhere"
        );
    }
}
