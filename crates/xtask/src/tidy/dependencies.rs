//! Rules about what may use what.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

use super::Tree;
use crate::run::Result;

/// The modules of AWS's services in `crates/service/src`, and that of our own API.
const SERVICES: &[&str] = &[
    "access_analyzer",
    "account",
    "cloudtrail",
    "doorward",
    "iam",
    "identitystore",
    "organizations",
    "rolesanywhere",
    "signin",
    "sso",
    "sso_admin",
    "sso_oidc",
    "sts",
];

/// Lints that these rules leave to Clippy, as they stand in the root `Cargo.toml`.
const LINTS: &[&str] = &["unsafe_code", "too_many_lines", "unwrap_used", "indexing_slicing", "as_conversions", "todo"];

/// Crates that must not come in, not even by another: what they do is done by rustls and aws-lc-rs.
const BANNED: &[&str] = &["native-tls", "openssl-sys", "rsa"];

/// Banned crates and the one crate that may bring them all the same (docs/decisions, 0005).
const EXCEPTIONS: &[(&str, &str)] = &[("rsa", "crypto-glue")];

/// Where a lock file may have crates from.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Where the table of allowed dependencies stands, between two of these marks.
const ARCHITECTURE: &str = "ARCHITECTURE.md";
const MARK: &str = "<!-- dependencies -->";

/// The compiler is told in the file itself, so that it also holds where a crate is built alone.
pub fn crate_roots(tree: &Tree) -> Result<Vec<String>> {
    let is_root = |path: &str| {
        let inside = path.strip_prefix("crates/").and_then(|path| path.split_once('/')).map(|(_, inside)| inside);
        matches!(inside, Some("src/lib.rs" | "src/main.rs"))
            || inside.is_some_and(|inside| inside.starts_with("src/bin/"))
    };
    let roots = tree.texts(&[".rs"]).filter(|(file, _)| is_root(&file.path));
    let bare = roots.filter(|(_, text)| !text.lines().any(|line| line == "#![forbid(unsafe_code)]"));
    Ok(bare.map(|(file, _)| format!("{}: add `#![forbid(unsafe_code)]`", file.path)).collect())
}

/// The lints are on, and every crate has them.
pub fn lints(tree: &Tree) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for (file, text) in tree.texts(&["Cargo.toml"]) {
        if file.path == "Cargo.toml" {
            let has =
                |lint: &str| text.lines().any(|line| line.split(" = ").next() == Some(lint) && !line.contains("allow"));
            let missing = LINTS.iter().filter(|lint| !has(lint));
            complaints.extend(missing.map(|lint| format!("Cargo.toml: turn on the lint `{lint}`")));
        } else if file.path.starts_with("crates/") && !text.contains("[lints]\nworkspace = true") {
            complaints.push(format!("{}: add `[lints]` with `workspace = true`", file.path));
        }
    }
    Ok(complaints)
}

/// Lock files name no banned crate and no other source than the public registries.
pub fn locks(tree: &Tree) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for (file, text) in tree.texts(&["Cargo.lock", "package-lock.json"]) {
        for (number, line) in (1..).zip(text.lines()) {
            let value = |name: &str| line.trim().strip_prefix(name).map(|rest| rest.trim_matches(['"', ',', ' ']));
            if let Some(name) = value("name = ").filter(|name| BANNED.contains(name) && !is_excepted(name, text)) {
                complaints
                    .push(format!("{}:{number}: `{name}` is banned; find what brings it (cargo tree -i)", file.path));
            }
            if let Some(source) = value("source = ").filter(|source| *source != CRATES_IO) {
                complaints.push(format!("{}:{number}: from {source}; use a release of the registry", file.path));
            }
            if value("\"resolved\":").is_some() {
                complaints
                    .push(format!("{}:{number}: names a registry's host; lock with the folder's .npmrc", file.path));
            }
        }
    }
    Ok(complaints)
}

/// Whether all that brings a banned crate in is what may.
fn is_excepted(banned: &str, lock: &str) -> bool {
    let needs = |package: &&str| {
        let mut dependencies = package.lines().filter_map(|line| line.trim().strip_prefix('"'));
        dependencies.any(|rest| rest.split([' ', '"']).next() == Some(banned))
    };
    let name = |package: &str| {
        package.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"').map(str::to_owned))
    };
    let mut bringers = lock.split("[[package]]").filter(needs).map(name).peekable();
    bringers.peek().is_some()
        && bringers.all(|bringer| EXCEPTIONS.iter().any(|(what, by)| *what == banned && bringer.as_deref() == Some(by)))
}

/// No service's folder names another service: what two need lives in `directory` or on the one path of a call.
pub fn services(tree: &Tree) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for (file, text) in tree.rust() {
        let Some(inside) = file.path.strip_prefix("crates/service/src/") else { continue };
        let own = inside.split(['/', '.']).next().unwrap_or_default();
        if !SERVICES.contains(&own) {
            continue;
        }
        for (number, line) in (1..).zip(text.lines()) {
            let names = |other: &str| ["crate", "super"].iter().any(|from| names_module(line, from, other));
            for other in SERVICES.iter().filter(|other| **other != own && names(other)) {
                complaints.push(format!(
                    "{}:{number}: `{own}` names `{other}`; move what both need to the common path",
                    file.path
                ));
            }
        }
    }
    Ok(complaints)
}

/// Whether the line has the path `from::module` with nothing more in the module's name.
fn names_module(line: &str, from: &str, module: &str) -> bool {
    let path = format!("{from}::{module}");
    line.match_indices(&path).any(|(at, _)| {
        let after = line.get(at + path.len()..).and_then(|rest| rest.chars().next());
        !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// The table in ARCHITECTURE.md says exactly which crate uses which.
pub fn table(tree: &Tree) -> Result<Vec<String>> {
    let Some((_, text)) = tree.texts(&[ARCHITECTURE]).find(|(file, _)| file.path == ARCHITECTURE) else {
        return Ok(vec![format!(
            "{ARCHITECTURE}: missing; write it, with the table of dependencies between two lines `{MARK}`"
        )]);
    };
    let Some(written) = parse_table(text) else {
        return Ok(vec![format!(
            "{ARCHITECTURE}: no table between two lines `{MARK}`; add it: | crate | may depend on |"
        )]);
    };
    Ok(compare(&written, &real(tree)?))
}

type Edges = BTreeMap<String, BTreeSet<String>>;

/// Rows `| crate | … | a, b |`: the first cell is the crate, the last what it may depend on. Names may stand in
/// backquotes; a dash means none.
fn parse_table(text: &str) -> Option<Edges> {
    let table = text.split(MARK).nth(1)?;
    text.split(MARK).nth(2)?;
    let mut edges = Edges::new();
    // The heading and the line under it are not rows.
    for line in table.lines().filter(|line| line.starts_with('|')).skip(2) {
        let cells: Vec<String> =
            line.trim().trim_matches('|').split('|').map(|cell| cell.replace('`', "").trim().into()).collect();
        let (crate_, last) = (cells.first()?, cells.last()?);
        let names = last.split(',').map(|name| name.trim().to_owned());
        edges.insert(crate_.clone(), names.filter(|name| !matches!(name.as_str(), "" | "-" | "–" | "—")).collect());
    }
    Some(edges)
}

/// The normal dependencies between the workspace's crates. Those of tests and build scripts are free.
fn real(tree: &Tree) -> Result<Edges> {
    let mut command = MetadataCommand::new();
    let metadata =
        command.manifest_path(tree.root.join("Cargo.toml")).no_deps().exec().map_err(|error| error.to_string())?;
    let short = |name: &str| name.strip_prefix("doorward-").unwrap_or(name).to_owned();
    let ours: BTreeSet<String> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    let used = |package: &cargo_metadata::Package| {
        let normal =
            package.dependencies.iter().filter(|used| used.kind == DependencyKind::Normal && ours.contains(&used.name));
        normal.map(|used| short(&used.name)).collect()
    };
    Ok(metadata.packages.iter().map(|package| (short(&package.name), used(package))).collect())
}

fn compare(written: &Edges, real: &Edges) -> Vec<String> {
    let mut complaints = Vec::new();
    for name in written.keys().chain(real.keys()).collect::<BTreeSet<_>>() {
        let (Some(used), Some(allowed)) = (real.get(name), written.get(name)) else {
            let what = if real.contains_key(name) {
                "has no row; add one"
            } else {
                "is no crate of the workspace; remove its row"
            };
            complaints.push(format!("{ARCHITECTURE}: `{name}` {what}"));
            continue;
        };
        for extra in used.difference(allowed) {
            complaints.push(format!(
                "crates/{name}/Cargo.toml: uses `{extra}`, which {ARCHITECTURE} does not allow; do without"
            ));
        }
        for unused in allowed.difference(used) {
            complaints.push(format!("{ARCHITECTURE}: `{name}` does not use `{unused}`; take it out of the row"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn crate_roots_need_the_attribute() {
        let files = [
            ("crates/a/src/lib.rs", "//! A.\n"),
            ("crates/a/src/other.rs", "//! Not a root.\n"),
            ("crates/b/src/main.rs", "//! B.\n\n#![forbid(unsafe_code)]\n"),
        ];
        check(crate_roots, &files, &["crates/a/src/lib.rs"]);
    }

    #[test]
    fn lints_are_on_in_every_crate() {
        let on: String = LINTS.iter().map(|lint| format!("{lint} = \"warn\"\n")).collect();
        let off = on.replace("too_many_lines = \"warn\"", "too_many_lines = \"allow\"");
        check(lints, &[("Cargo.toml", &on), ("crates/a/Cargo.toml", "[lints]\nworkspace = true\n")], &[]);
        check(
            lints,
            &[("Cargo.toml", &off), ("crates/a/Cargo.toml", "[package]\n")],
            &["Cargo.toml", "crates/a/Cargo.toml"],
        );
    }

    #[test]
    fn lock_files_name_only_what_is_allowed() {
        let cargo =
            format!("name = \"rsa\"\nsource = \"{CRATES_IO}\"\n name = \"rsa-like\"\nsource = \"git+https://a\"\n");
        let npm = "  \"resolved\": \"https://registry.example/a.tgz\",\n  \"integrity\": \"sha512-a\"\n";
        let files = [("Cargo.lock", cargo.as_str()), ("a/package-lock.json", npm)];
        check(locks, &files, &["Cargo.lock:1", "Cargo.lock:4", "a/package-lock.json:1"]);
    }

    #[test]
    fn a_banned_crate_comes_by_its_exception_alone() {
        let package =
            |name: &str, needs: &str| format!("[[package]]\nname = \"{name}\"\ndependencies = [\n \"{needs}\",\n]\n\n");
        let rsa = "[[package]]\nname = \"rsa\"\n";
        let by =
            |brings: &[&str], needs: &str| brings.iter().map(|name| package(name, needs)).collect::<String>() + rsa;
        check(locks, &[("Cargo.lock", by(&["crypto-glue"], "rsa").as_str())], &[]);
        check(locks, &[("Cargo.lock", by(&["crypto-glue"], "rsa 0.10.0").as_str())], &[]);
        check(locks, &[("Cargo.lock", by(&["crypto-glue", "other"], "rsa").as_str())], &["Cargo.lock:14"]);
        check(locks, &[("Cargo.lock", by(&["other"], "rsa").as_str())], &["Cargo.lock:8"]);
        check(locks, &[("Cargo.lock", by(&["crypto-glue"], "rsa-like").as_str())], &["Cargo.lock:8"]);
    }

    #[test]
    fn a_service_that_names_another_is_found() {
        let files = [
            ("crates/service/src/iam/user.rs", "use crate::sts;\nuse crate::iam::group;\nuse crate::sts_common;\n"),
            ("crates/service/src/sts.rs", "use super::iam::user;\n"),
            ("crates/service/src/call.rs", "use crate::{iam, sts};\nuse crate::iam;\n"),
        ];
        check(services, &files, &["crates/service/src/iam/user.rs:1", "crates/service/src/sts.rs:1"]);
    }

    fn edges(rows: &[(&str, &[&str])]) -> Edges {
        rows.iter().map(|(name, used)| ((*name).into(), used.iter().map(|used| (*used).into()).collect())).collect()
    }

    #[test]
    fn the_table_is_read() {
        let text = format!(
            "# A\n{MARK}\n| crate | role | may depend on |\n|---|---|---|\n| `a` | x | `b`, c |\n| b | y | – |\n{MARK}\n"
        );
        assert_eq!(parse_table(&text), Some(edges(&[("a", &["b", "c"]), ("b", &[])])));
        assert_eq!(parse_table("| crate | may depend on |"), None);
    }

    #[test]
    fn every_difference_is_named() {
        let written = edges(&[("a", &["b"]), ("b", &[]), ("gone", &[])]);
        let real = edges(&[("a", &["c"]), ("b", &[]), ("c", &[])]);
        let complaints = compare(&written, &real);
        assert_eq!(complaints.len(), 4, "{complaints:?}");
        assert!(compare(&real, &real).is_empty());
    }
}
