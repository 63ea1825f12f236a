//! Which hierarchies are mounted, and where in them a process is.

use std::fmt;
use std::path::{Path, PathBuf};

/// Version of a hierarchy: its files have other names and other meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// One hierarchy per controller or set of controllers.
    V1,
    /// The unified hierarchy.
    V2,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Version::V1 => "v1",
            Version::V2 => "v2",
        })
    }
}

/// What a machine has mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// Nothing is mounted, or not within this mount namespace.
    None,
    /// Only v1 hierarchies.
    V1,
    /// Only the unified hierarchy.
    V2,
    /// Both: v1 holds the controllers, the unified hierarchy beside it serves
    /// for grouping.
    Hybrid,
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layout::None => "none",
            Layout::V1 => "v1",
            Layout::V2 => "v2",
            Layout::Hybrid => "hybrid",
        })
    }
}

/// A mounted hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    /// Its version.
    pub version: Version,
    /// v1: its controllers, and `name=…` for a named one; v2: empty, as they
    /// differ from group to group.
    pub controllers: Vec<String>,
    /// The group that is mounted; `/` unless a part is bind-mounted.
    pub root: PathBuf,
    /// Where.
    pub mount_point: PathBuf,
    /// Whether it is mounted with `favordynmods` (cgroup-v2.rst of the kernel).
    pub favordynmods: bool,
}

/// All mounted hierarchies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cgroups {
    /// In the order of `/proc/self/mountinfo`.
    pub hierarchies: Vec<Hierarchy>,
}

/// One line of `/proc/PID/cgroup`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Number of the hierarchy; 0 is the unified one.
    pub hierarchy: u32,
    /// v1: controllers of the hierarchy; v2: empty.
    pub controllers: Vec<String>,
    /// The group, relative to the root of the reader's cgroup namespace.
    pub path: PathBuf,
}

impl Cgroups {
    /// Reads the text of a mountinfo file (proc_pid_mountinfo(5)); lines of
    /// other file systems, and such that are cut off, are passed over.
    pub(crate) fn parse(mountinfo: &str) -> Self {
        let hierarchies = mountinfo.lines().filter_map(parse_mount).collect();
        Self { hierarchies }
    }

    /// The layout.
    #[must_use]
    pub fn layout(&self) -> Layout {
        let has = |version| self.hierarchies.iter().any(|h| h.version == version);
        match (has(Version::V1), has(Version::V2)) {
            (false, false) => Layout::None,
            (true, false) => Layout::V1,
            (false, true) => Layout::V2,
            (true, true) => Layout::Hybrid,
        }
    }

    /// Whether some hierarchy is mounted with `favordynmods`; `None` where none is
    /// mounted at all.
    #[must_use]
    pub fn favordynmods(&self) -> Option<bool> {
        let any = self.hierarchies.iter().any(|h| h.favordynmods);
        (!self.hierarchies.is_empty()).then_some(any)
    }

    /// The directory of the group that `memberships` names for `controller`.
    #[must_use]
    pub fn directory(
        &self,
        memberships: &[Membership],
        controller: &str,
    ) -> Option<(Version, PathBuf)> {
        let has = |controllers: &[String]| controllers.iter().any(|c| c == controller);
        let v1 = self.hierarchies.iter().find(|h| has(&h.controllers));
        if let Some(hierarchy) = v1 {
            let of = memberships.iter().find(|m| has(&m.controllers))?;
            return Some((Version::V1, hierarchy.directory(&of.path)?));
        }
        let v2 = self.hierarchies.iter().find(|h| h.version == Version::V2)?;
        let of = memberships.iter().find(|m| m.hierarchy == 0)?;
        Some((Version::V2, v2.directory(&of.path)?))
    }
}

impl Hierarchy {
    /// Where a group is below the mount point. A path with `..` lies outside of
    /// the cgroup namespace (cgroup_namespaces(7)) and cannot be reached.
    fn directory(&self, group: &Path) -> Option<PathBuf> {
        let below = group.strip_prefix(&self.root).ok()?;
        let outside = |part| part == std::path::Component::ParentDir;
        if below.components().any(outside) {
            return None;
        }
        Some(match below.as_os_str().is_empty() {
            true => self.mount_point.clone(),
            false => self.mount_point.join(below),
        })
    }
}

/// The option by which moving a process into a group waits for nobody.
const FAVORDYNMODS: &str = "favordynmods";

/// `31 23 0:28 ROOT MOUNT-POINT OPTIONS [TAG…] - TYPE SOURCE SUPER-OPTIONS`.
fn parse_mount(line: &str) -> Option<Hierarchy> {
    let (left, right) = line.split_once(" - ")?;
    let mut left = left.split(' ').skip(3);
    let (root, mount_point) = (left.next()?, left.next()?);
    let mut right = right.split(' ');
    let version = match right.next()? {
        "cgroup" => Version::V1,
        "cgroup2" => Version::V2,
        _ => return None,
    };
    let options = right.nth(1)?;
    // Beside the controllers stand options of the mount itself.
    const NO_CONTROLLER: [&str; 7] = [
        "rw",
        "ro",
        "xattr",
        "noprefix",
        "clone_children",
        "none",
        FAVORDYNMODS,
    ];
    let controllers = match version {
        Version::V2 => Vec::new(),
        Version::V1 => options
            .split(',')
            .filter(|o| !NO_CONTROLLER.contains(o) && !o.starts_with("release_agent="))
            .map(str::to_owned)
            .collect(),
    };
    Some(Hierarchy {
        version,
        controllers,
        root: unescape(root).into(),
        mount_point: unescape(mount_point).into(),
        favordynmods: options.split(',').any(|option| option == FAVORDYNMODS),
    })
}

/// Space, tab, line feed and backslash are written `\040` and so on.
fn unescape(text: &str) -> String {
    let escapes = [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ];
    escapes.iter().fold(text.to_owned(), |text, (code, plain)| {
        text.replace(code, plain)
    })
}

/// The lines of `/proc/PID/cgroup`; the error is the line that is none.
pub(crate) fn parse_memberships(text: &str) -> Result<Vec<Membership>, String> {
    text.lines()
        .map(|line| parse_membership(line).ok_or_else(|| line.to_owned()))
        .collect()
}

fn parse_membership(line: &str) -> Option<Membership> {
    // A path may contain colons, and ends in this when the group is removed.
    let mut parts = line.splitn(3, ':');
    let hierarchy = parts.next()?.parse().ok()?;
    let controllers = parts.next()?;
    let path = parts.next()?;
    let path = path.strip_suffix(" (deleted)").unwrap_or(path);
    path.starts_with('/').then(|| Membership {
        hierarchy,
        controllers: controllers
            .split(',')
            .filter(|c| !c.is_empty())
            .map(str::to_owned)
            .collect(),
        path: path.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str = "\
24 30 0:22 / /proc rw,nosuid - proc proc rw
35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
";
    const V1: &str = "\
31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:3 master:4 - cgroup cgroup rw,memory
40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,release_agent=/x,name=systemd
";
    const UNIFIED: &str = "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

    fn directory(mounts: &str, groups: &str, controller: &str) -> Option<(Version, PathBuf)> {
        let memberships = parse_memberships(groups).unwrap();
        Cgroups::parse(mounts).directory(&memberships, controller)
    }

    #[test]
    fn layouts_are_told_apart() {
        assert_eq!(Cgroups::parse(V2).layout(), Layout::V2);
        assert_eq!(Cgroups::parse(V1).layout(), Layout::V1);
        let hybrid = format!("{V1}{UNIFIED}");
        assert_eq!(Cgroups::parse(&hybrid).layout(), Layout::Hybrid);
        assert_eq!(Cgroups::parse("").layout(), Layout::None);
        assert_eq!(Cgroups::parse("cut - cgroup2").layout(), Layout::None);
    }

    #[test]
    fn options_of_a_mount_are_no_controllers() {
        let names: Vec<Vec<String>> = Cgroups::parse(V1)
            .hierarchies
            .into_iter()
            .map(|h| h.controllers)
            .collect();
        assert_eq!(
            names,
            [vec!["cpu", "cpuacct"], vec!["memory"], vec!["name=systemd"]]
        );
    }

    #[test]
    fn favoured_modifications_are_seen_at_any_hierarchy() {
        let root = "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw,favordynmods\n";
        let v1 = "30 29 0:25 / /sys/fs/cgroup/pids rw shared:9 - cgroup cgroup rw,pids\n";
        let v2 = "41 29 0:36 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate";
        let favours = |mounts: &str| Cgroups::parse(mounts).favordynmods();
        assert_eq!(favours(root), None);
        assert_eq!(favours(&[root, v1, v2].concat()), Some(false));
        let favoured = [root, v1, v2, ",favordynmods\n"].concat();
        assert_eq!(favours(&favoured), Some(true));
        // Of version 1 it stands beside the controllers, and is none.
        let v1 = Cgroups::parse(&v1.replace("rw,pids", "rw,favordynmods,pids"));
        assert_eq!(v1.favordynmods(), Some(true));
        assert_eq!(v1.hierarchies[0].controllers, ["pids"]);
    }

    #[test]
    fn a_group_is_found_in_its_hierarchy() {
        let v2 = directory(V2, "0::/user.slice/a:b\n", "memory");
        let path = PathBuf::from("/sys/fs/cgroup/user.slice/a:b");
        assert_eq!(v2, Some((Version::V2, path)));

        let groups = "4:memory:/box/1\n1:cpu,cpuacct:/\n9:name=systemd:/\n0::/other\n";
        let hybrid = format!("{V1}{UNIFIED}");
        for mounts in [V1, &hybrid] {
            let memory = directory(mounts, groups, "memory");
            let path = PathBuf::from("/sys/fs/cgroup/memory/box/1");
            assert_eq!(memory, Some((Version::V1, path)));
            let cpu = directory(mounts, groups, "cpu");
            let path = PathBuf::from("/sys/fs/cgroup/cpu,cpuacct");
            assert_eq!(cpu, Some((Version::V1, path)));
        }
        // Not in v1: then it may be in the unified one.
        let pids = directory(&hybrid, groups, "pids");
        let path = PathBuf::from("/sys/fs/cgroup/unified/other");
        assert_eq!(pids, Some((Version::V2, path)));
        assert_eq!(directory(V1, groups, "pids"), None);
    }

    #[test]
    fn a_group_outside_of_the_mount_is_not_reachable() {
        let bound = V2.replace("0:30 / ", "0:30 /docker/abc ");
        let inside = directory(&bound, "0::/docker/abc/x\n", "memory");
        let path = PathBuf::from("/sys/fs/cgroup/x");
        assert_eq!(inside, Some((Version::V2, path)));
        assert_eq!(directory(&bound, "0::/docker/abcd\n", "memory"), None);
        assert_eq!(directory(V2, "0::/../sibling\n", "memory"), None);
    }

    #[test]
    fn odd_lines_are_understood_or_named() {
        let deleted = parse_memberships("0::/gone (deleted)\n").unwrap();
        assert_eq!(deleted[0].path, Path::new("/gone"));
        for bad in ["x::/", "0:/", "0::", "0::relative", ""] {
            let line = format!("{bad}\n");
            assert_eq!(parse_memberships(&line), Err(bad.to_owned()));
        }
        let spaced = V2.replace("/sys/fs/cgroup ", "/mnt/a\\040b ");
        let cgroups = Cgroups::parse(&spaced);
        assert_eq!(cgroups.hierarchies[0].mount_point, Path::new("/mnt/a b"));
    }
}
