//! Which file of a target defines what a path names.

use crate::source::{Mention, Module, ModulePath, Target};
use std::collections::BTreeMap;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    Module(ModulePath),
    /// An item that this file defines.
    Item(usize),
}

/// An import may lead to another import, and with a mistake in a circle.
const DEPTH: usize = 20;

/// Which files use which: for each pair, a path that the first one names and
/// the second one defines.
pub(crate) fn uses(target: &Target) -> BTreeMap<(usize, usize), String> {
    let mut uses = BTreeMap::new();
    for mention in &target.mentions {
        let Some(from) = target.modules.get(&mention.module) else {
            continue;
        };
        if let Some(Found::Item(to)) = end(target, mention, from)
            && to != from.file
        {
            let path = mention.segments.join("::");
            uses.entry((from.file, to)).or_insert(path);
        }
    }
    uses
}

/// What a mention leads to, if it is a use: to show the item of another file
/// under a name of this one is none.
fn end(target: &Target, mention: &Mention, from: &Module) -> Option<Found> {
    if mention.re_export {
        return None;
    }
    // Alone, a name may be that of a variable as well: it counts where it was
    // brought in, be it to be shown to others too.
    if let [name] = mention.segments.as_slice()
        && !from.imports.contains_key(name)
        && from.globs.is_empty()
    {
        return None;
    }
    resolve(target, &mention.module, &mention.segments, DEPTH)
}

fn resolve(target: &Target, from: &ModulePath, path: &[String], depth: usize) -> Option<Found> {
    let depth = depth.checked_sub(1)?;
    let (first, mut rest) = path.split_first()?;
    let mut current = match first.as_str() {
        "crate" => Found::Module(Vec::new()),
        "self" => Found::Module(from.clone()),
        "super" => Found::Module(parent(from)?),
        name => look_up(target, from, name, depth)?,
    };
    while let (Found::Module(module), Some((name, after))) = (&current, rest.split_first()) {
        current = match name.as_str() {
            "super" => Found::Module(parent(module)?),
            "self" => Found::Module(module.clone()),
            // What a macro makes is in the module itself.
            name => look_up(target, module, name, depth)
                .or_else(|| Some(Found::Item(target.modules.get(module)?.file)))?,
        };
        rest = after;
    }
    Some(current)
}

fn parent(module: &ModulePath) -> Option<ModulePath> {
    let (_, parent) = module.split_last()?;
    Some(parent.to_vec())
}

fn look_up(target: &Target, within: &ModulePath, name: &str, depth: usize) -> Option<Found> {
    let module = target.modules.get(within)?;
    let inner: ModulePath = within.iter().cloned().chain([name.to_owned()]).collect();
    if target.modules.contains_key(&inner) {
        return Some(Found::Module(inner));
    }
    if module.items.contains(name) {
        return Some(Found::Item(module.file));
    }
    if let Some(import) = module.imports.get(name)
        // `use name::…` itself: another crate, of which there is no module.
        && import.first().is_some_and(|first| first != name || import.len() > 1)
    {
        return resolve(target, within, import, depth);
    }
    module.globs.iter().find_map(|glob| {
        let depth = depth.checked_sub(1)?;
        match resolve(target, within, glob, depth)? {
            Found::Module(module) => look_up(target, &module, name, depth),
            item @ Found::Item(_) => Some(item),
        }
    })
}
