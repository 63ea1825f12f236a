//! Files and directories. A path is absolute here, and begins with the name of
//! the directory that was given: `/data/a.txt` is `a.txt` below `/data`.

use super::{Answer, done, quoted, shown};
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};

type Done = Result<(), ErrorCode>;

const NO_FOLLOW: PathFlags = PathFlags::empty();

pub(super) fn perform(function: &str, value: &str) -> Answer {
    if function == "get-directories" {
        let mut names: Vec<String> = get_directories()
            .into_iter()
            .map(|(_, name)| format!(" {name}"))
            .collect();
        names.sort();
        return Some(format!("{}{}", names.len(), names.concat()));
    }
    let action: fn(&Descriptor, &str) -> String = match function {
        "read" => |base, path| shown(read(base, path), |bytes| quoted(&bytes)),
        "stat" => |base, path| shown(base.stat_at(NO_FOLLOW, path), |stat| stat.size),
        "list" => |base, path| shown(list(base, path), |names| names.join(" ")),
        "get-flags" => |base, _| {
            shown(base.get_flags(), |flags| {
                match flags.contains(DescriptorFlags::MUTATE_DIRECTORY) {
                    true => "mutate-directory",
                    false => "no mutate-directory",
                }
            })
        },
        "create" => |base, path| {
            done(open(base, path, OpenFlags::CREATE | OpenFlags::EXCLUSIVE).and_then(|f| put(&f)))
        },
        "overwrite" => {
            |base, path| done(open(base, path, OpenFlags::empty()).and_then(|f| put(&f)))
        }
        "truncate" => |base, path| done(open(base, path, OpenFlags::TRUNCATE)),
        "create-directory" => |base, path| done(base.create_directory_at(path)),
        "symlink" => |base, path| done(base.symlink_at("target", path)),
        "link" => |base, path| done(base.link_at(NO_FOLLOW, path, base, "linked")),
        "rename" => |base, path| done(base.rename_at(path, base, "renamed")),
        "set-times" => |base, path| done(times(base, path)),
        "unlink" => |base, path| done(base.unlink_file_at(path)),
        "remove-directory" => |base, path| done(base.remove_directory_at(path)),
        "any-change" => |base, path| any_change(base, path),
        _ => return None,
    };
    for (descriptor, name) in get_directories() {
        let name = name.trim_end_matches('/');
        if let Some(path) = value.strip_prefix(name).and_then(|p| p.strip_prefix('/')) {
            let path = if path.is_empty() { "." } else { path };
            return Some(action(&descriptor, path));
        }
    }
    Some("no directory was given".to_owned())
}

fn open(base: &Descriptor, path: &str, how: OpenFlags) -> Result<Descriptor, ErrorCode> {
    base.open_at(NO_FOLLOW, path, how, DescriptorFlags::WRITE)
}

fn put(file: &Descriptor) -> Done {
    match file.write(b"written\n", 0)? {
        8 => Ok(()),
        _ => Err(ErrorCode::Io),
    }
}

fn read(base: &Descriptor, path: &str) -> Result<Vec<u8>, ErrorCode> {
    let file = base.open_at(NO_FOLLOW, path, OpenFlags::empty(), DescriptorFlags::READ)?;
    // The files of the cases fit into one read.
    file.read(4096, 0).map(|(bytes, _)| bytes)
}

fn list(base: &Descriptor, path: &str) -> Result<Vec<String>, ErrorCode> {
    let flags = DescriptorFlags::READ;
    let directory = base.open_at(NO_FOLLOW, path, OpenFlags::DIRECTORY, flags)?;
    let entries = directory.read_directory()?;
    let mut names = Vec::new();
    while let Some(entry) = entries.read_directory_entry()? {
        names.push(entry.name);
    }
    names.sort();
    Ok(names)
}

fn times(base: &Descriptor, path: &str) -> Done {
    base.set_times_at(NO_FOLLOW, path, NewTimestamp::Now, NewTimestamp::Now)
}

/// Everything that would change the file at `path`, whatever the refusals are
/// called.
fn any_change(base: &Descriptor, path: &str) -> String {
    let attempts: [(&str, Done); 9] = [
        ("create", open(base, "new", OpenFlags::CREATE).map(drop)),
        ("open", open(base, path, OpenFlags::empty()).map(drop)),
        ("truncate", open(base, path, OpenFlags::TRUNCATE).map(drop)),
        ("directory", base.create_directory_at("new")),
        ("symlink", base.symlink_at("target", "new")),
        ("link", base.link_at(NO_FOLLOW, path, base, "new")),
        ("rename", base.rename_at(path, base, "new")),
        ("times", times(base, path)),
        ("unlink", base.unlink_file_at(path)),
    ];
    let through: Vec<&str> = attempts
        .iter()
        .filter(|(_, result)| result.is_ok())
        .map(|(name, _)| *name)
        .collect();
    match through.is_empty() {
        true => format!("{} refused", attempts.len()),
        false => format!("went through: {}", through.join(" ")),
    }
}
