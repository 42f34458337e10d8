//! Options and operands that name what a program writes: the target decides.

use super::argument::{Argument, HOME};
use super::files::write;
use super::findings::Findings;
use super::scene::Scene;

/// Programs and their options whose value is written to. One that ends in `/` is worked in.
const OPTIONS: &[(&[&str], &[&str])] = &[
    (
        &["sort", "shuf", "iconv", "pandoc", "dot", "gpg"],
        &["-o", "--output"],
    ),
    (
        &[
            "gcc", "g++", "cc", "c++", "clang", "clang++", "tcc", "gfortran", "rustc", "go", "ld",
            "as", "nasm", "strip", "zstd", "patch", "tcpdump", "strace", "ltrace", "perf",
        ],
        &["-o", "--output", "--out-dir", "-w"],
    ),
    (&["openssl"], &["-out", "-keyout", "-writerand"]),
    (&["tsc"], &["--outDir", "--outFile"]),
    (&["esbuild"], &["--outfile", "--outdir"]),
    (&["cargo"], &["--target-dir", "--root"]),
    (&["cmake"], &["-B", "--install-prefix"]),
    (&["pip", "pip3"], &["-t", "--target", "--prefix", "--root"]),
    (&["npm", "pnpm", "yarn"], &["--prefix", "--cwd"]),
    (
        &["cp", "mv", "ln", "install"],
        &["-t", "--target-directory"],
    ),
    (&["mktemp"], &["-p", "--tmpdir"]),
];

/// Options with which files are changed where they are, per program.
const IN_PLACE: &[(&[&str], &[&str])] = &[(
    &[
        "yq", "prettier", "black", "gofmt", "rustfmt", "isort", "autopep8",
    ],
    &["-i", "-w", "--write", "--in-place"],
)];

/// Looks at what a program is told to write.
pub(super) fn rule(name: &str, rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    for (_, options) in OPTIONS.iter().filter(|(names, _)| names.contains(&name)) {
        for (at, word) in rest.iter().enumerate() {
            let text = word.text.as_str();
            for option in *options {
                let target = match text.strip_prefix(option) {
                    Some("") => rest.get(at + 1).cloned(),
                    Some(value) => value
                        .strip_prefix('=')
                        .or((value.starts_with(['/', HOME]) || value.starts_with(".."))
                            .then_some(value))
                        .map(Argument::known),
                    None => None,
                };
                if let Some(target) = target {
                    write(&target, scene, findings);
                }
            }
        }
    }
    for (_, options) in IN_PLACE.iter().filter(|(names, _)| names.contains(&name)) {
        if rest
            .iter()
            .any(|word| options.contains(&word.text.as_str()))
        {
            for target in rest.iter().filter(|word| !word.is_option()) {
                write(target, scene, findings);
            }
        }
    }
    // Packed into the first operand.
    if name == "zip"
        && let Some(target) = rest.iter().find(|word| !word.is_option())
    {
        write(target, scene, findings);
    }
    if matches!(
        name,
        "gzip" | "gunzip" | "xz" | "unxz" | "bzip2" | "bunzip2"
    ) {
        for target in rest.iter().filter(|word| !word.is_option()) {
            write(target, scene, findings);
        }
    }
}
