//! The modules of a target: what each file declares, imports and names.
//!
//! Code under `#[cfg(test)]` and `#[test]` is left out, and so are modules that
//! exist for tests alone.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Lit, UseTree};

/// The path of a module below the root of its target, which is empty.
pub(crate) type ModulePath = Vec<String>;

/// A module: a file, or a block in one.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// The file it is in, an index of [`Target::files`].
    pub(crate) file: usize,
    /// Names of items that are neither modules nor imports.
    pub(crate) items: BTreeSet<String>,
    /// Names that `use` brings in, with the paths behind them.
    pub(crate) imports: BTreeMap<String, Vec<String>>,
    /// Modules of which `use` brings in everything.
    pub(crate) globs: Vec<Vec<String>>,
}

/// A path that a module names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mention {
    pub(crate) module: ModulePath,
    pub(crate) segments: Vec<String>,
    /// From a `use` that shows the name to other modules.
    pub(crate) re_export: bool,
}

/// A string literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Literal {
    pub(crate) file: usize,
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// A library, a program, or a test: one tree of modules.
#[derive(Debug, Default)]
pub(crate) struct Target {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) modules: BTreeMap<ModulePath, Module>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) literals: Vec<Literal>,
}

impl Target {
    /// Reads a target from its root file.
    pub(crate) fn read(root: &Path) -> Target {
        let mut target = Target::default();
        target.add_file(root, Vec::new(), true);
        target
    }

    /// `is_folder`: the files of its modules are beside it, not in a folder of
    /// its name.
    fn add_file(&mut self, file: &Path, path: ModulePath, is_folder: bool) {
        let text = std::fs::read_to_string(file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed =
            syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.files.push(file.to_owned());
        let folder = match is_folder {
            true => file.parent().unwrap().to_owned(),
            false => file.with_extension(""),
        };
        self.add_module(self.files.len() - 1, path, &folder, &parsed.items);
    }

    fn add_module(&mut self, file: usize, path: ModulePath, folder: &Path, items: &[Item]) {
        self.modules.entry(path.clone()).or_default().file = file;
        for item in items {
            if !is_for_tests(attributes(item)) {
                self.add_item(file, &path, folder, item);
            }
        }
    }

    fn add_item(&mut self, file: usize, path: &ModulePath, folder: &Path, item: &Item) {
        if let Item::Mod(module) = item {
            let name = module.ident.to_string();
            let inner: ModulePath = path.iter().cloned().chain([name.clone()]).collect();
            match &module.content {
                Some((_, items)) => self.add_module(file, inner, &folder.join(name), items),
                None => {
                    let (file, is_folder) = file_of(module, &self.files[file], folder);
                    self.add_file(&file, inner, is_folder);
                }
            }
            return;
        }
        if let Some(name) = name_of(item) {
            let module = self.modules.get_mut(path).unwrap();
            module.items.insert(name);
        }
        let mut reader = Reader {
            target: self,
            file,
            path,
        };
        reader.visit_item(item);
    }
}

/// Where a module is, and whether the files of its modules are beside it.
fn file_of(module: &syn::ItemMod, declared_in: &Path, folder: &Path) -> (PathBuf, bool) {
    for attribute in &module.attrs {
        if let syn::Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("path")
            && let syn::Expr::Lit(value) = &pair.value
            && let syn::Lit::Str(text) = &value.lit
        {
            return (declared_in.parent().unwrap().join(text.value()), true);
        }
    }
    let name = module.ident.to_string();
    let beside = folder.join(format!("{name}.rs"));
    match beside.is_file() {
        true => (beside, false),
        false => (folder.join(name).join("mod.rs"), true),
    }
}

fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// `#[test]`, or `#[cfg(…)]` with `test` and without `not`.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let words = list.tokens.to_string();
            let has = |word| {
                words
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|w| w == word)
            };
            has("test") && !has("not")
        }
        _ => false,
    })
}

/// Collects what an item names.
struct Reader<'a> {
    target: &'a mut Target,
    file: usize,
    path: &'a ModulePath,
}

impl Reader<'_> {
    fn mention(&mut self, segments: Vec<String>, re_export: bool) {
        self.target.mentions.push(Mention {
            module: self.path.clone(),
            segments,
            re_export,
        });
    }

    fn bring_in(&mut self, tree: &UseTree, before: &[String], re_export: bool) {
        let with = |ident: &syn::Ident| {
            let mut path = before.to_vec();
            if ident != "self" || before.is_empty() {
                path.push(ident.to_string());
            }
            path
        };
        let module = self.target.modules.get_mut(self.path).unwrap();
        match tree {
            UseTree::Path(tree) => self.bring_in(&tree.tree, &with(&tree.ident), re_export),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.bring_in(tree, before, re_export);
                }
            }
            UseTree::Name(name) => {
                let path = with(&name.ident);
                let last = path.last().unwrap().clone();
                module.imports.insert(last, path.clone());
                self.mention(path, re_export);
            }
            UseTree::Rename(rename) => {
                let path = with(&rename.ident);
                module
                    .imports
                    .insert(rename.rename.to_string(), path.clone());
                self.mention(path, re_export);
            }
            UseTree::Glob(_) => module.globs.push(before.to_vec()),
        }
    }

    fn literal(&mut self, literal: &Lit) {
        let text = match literal {
            Lit::Str(text) => text.value(),
            Lit::ByteStr(bytes) => String::from_utf8_lossy(&bytes.value()).into_owned(),
            _ => return,
        };
        self.target.literals.push(Literal {
            file: self.file,
            line: literal.span().start().line,
            text,
        });
    }

    /// Macros are not expanded: whatever looks like a path in one counts.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            if let TokenTree::Ident(ident) = &token {
                if colons != 2 {
                    self.path_in_macro(&mut path);
                }
                path.push(ident.to_string());
                colons = 0;
                continue;
            }
            if let TokenTree::Punct(mark) = &token
                && mark.as_char() == ':'
            {
                colons += 1;
                continue;
            }
            self.path_in_macro(&mut path);
            colons = 0;
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => self.literal(&Lit::new(literal)),
                _ => {}
            }
        }
        self.path_in_macro(&mut path);
    }

    fn path_in_macro(&mut self, path: &mut Vec<String>) {
        if !path.is_empty() {
            self.mention(std::mem::take(path), false);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            let re_export = !matches!(item.vis, syn::Visibility::Inherited);
            self.bring_in(&item.tree, &[], re_export);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter();
            self.mention(segments.map(|part| part.ident.to_string()).collect(), false);
        }
        visit::visit_path(self, path);
    }

    fn visit_lit(&mut self, literal: &'ast Lit) {
        self.literal(literal);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.visit_path(&called.path);
        self.tokens(called.tokens.clone());
    }

    /// Documentation and the arguments of derives name nothing that counts.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}
