//! The nearest known name, for errors that help.

/// The name among `known` that is closest to `name`, if one is close enough to
/// have been meant: at most a third of its letters are wrong (but always one
/// may be), or one is the beginning of the other.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (name.chars().count() / 3).max(1);
    known
        .into_iter()
        .filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(name, candidate);
            let prefix = name.len() >= 3
                && !candidate.is_empty()
                && (candidate.starts_with(name) || name.starts_with(candidate));
            (distance <= allowed || prefix).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// More names than these help nobody in an error message.
const FEW: usize = 20;

/// The end of an error message: the nearest name, or all of them if they are
/// few.
pub(crate) fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(candidate) => format!("did you mean '{candidate}'?"),
        None => {
            let all: Vec<&str> = known.into_iter().collect();
            match all.len() <= FEW {
                true => format!("known: {}", all.join(", ")),
                false => format!("none of the {} known names is similar", all.len()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_found() {
        let known = ["stdin", "stdout", "args"];
        assert_eq!(nearest("sdtin", known), Some("stdin"));
        assert_eq!(nearest("stdou", known), Some("stdout"));
        assert_eq!(nearest("arg", known), Some("args"));
    }

    #[test]
    fn a_name_far_from_all_has_no_nearest() {
        assert_eq!(nearest("deadline", ["stdin", "args"]), None);
        assert_eq!(hint("deadline", ["stdin", "args"]), "known: stdin, args");
    }
}
