//! A directory tree that stands for the machine: `/`, or a fixture in a test.

use std::fs;
use std::path::PathBuf;

/// Reads small files below a root; what cannot be read is `None`.
#[derive(Debug, Clone)]
pub(crate) struct Tree(PathBuf);

impl Tree {
    /// The machine itself.
    pub(crate) fn machine() -> Self {
        Self("/".into())
    }

    #[cfg(test)]
    pub(crate) fn fixture(root: &std::path::Path, files: &[(&str, &str)]) -> Self {
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(root.into())
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    /// The whole text of a file. Bytes that are not UTF-8 are replaced:
    /// firmware strings may hold any.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        let bytes = fs::read(self.path(path)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A file of one value, without white space around; empty is `None`.
    pub(crate) fn value(&self, path: &str) -> Option<String> {
        let text = self.text(path)?;
        let value = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// A file of one number.
    pub(crate) fn number<N: std::str::FromStr>(&self, path: &str) -> Option<N> {
        self.value(path)?.parse().ok()
    }

    /// A file with a kernel switch: 0 or 1, anything else is not known.
    pub(crate) fn switch(&self, path: &str) -> Option<bool> {
        match self.number(path)? {
            0_u32 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// The names in a directory, sorted; none when it cannot be read.
    pub(crate) fn names(&self, path: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(path)) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    /// The directories `cpu0`, `cpu1`, … below a path, as their paths.
    pub(crate) fn cpus(&self, path: &str) -> Vec<String> {
        let is_cpu = |name: &String| {
            let number = name.strip_prefix("cpu").unwrap_or("");
            !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
        };
        let names = self.names(path).into_iter().filter(is_cpu);
        names.map(|name| format!("{path}/{name}")).collect()
    }
}

/// Value of `Key: value` lines (`/proc/meminfo`, `/proc/PID/status`, …), the
/// first one of that key.
pub(crate) fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim_end() == key).then(|| value.trim())
    })
}

/// How many processors a list like `0-3,8` names (cpuset(7), list format).
pub(crate) fn list_length(list: &str) -> Option<u32> {
    let mut count = 0_u32;
    for part in list.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        count = count.checked_add(last.checked_sub(first)?.checked_add(1)?)?;
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_processors_are_counted() {
        assert_eq!(list_length("0\n"), Some(1));
        assert_eq!(list_length("0-1"), Some(2));
        assert_eq!(list_length("0-3,8,10-11"), Some(7));
        for bad in ["", "a", "3-1", "0-", "0,,1"] {
            assert_eq!(list_length(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn fields_have_exact_names() {
        let text = "Model: a: b\nmodel name\t: X\nEmpty:\n";
        assert_eq!(field(text, "Model"), Some("a: b"));
        assert_eq!(field(text, "model name"), Some("X"));
        assert_eq!(field(text, "Empty"), Some(""));
        assert_eq!(field(text, "model"), None);
    }
}
