//! Tools of packages: whether they are asked to fetch something.

/// Tools of a project that come with its packages: `npx` finds them there and fetches nothing.
const OF_PROJECTS: &[&str] = &[
    "tsc",
    "tsx",
    "ts-node",
    "jest",
    "vitest",
    "mocha",
    "ava",
    "c8",
    "nyc",
    "eslint",
    "prettier",
    "stylelint",
    "biome",
    "standard",
    "xo",
    "vite",
    "webpack",
    "rollup",
    "esbuild",
    "parcel",
    "babel",
    "next",
    "nuxt",
    "astro",
    "svelte-check",
    "vue-tsc",
    "ng",
    "turbo",
    "nx",
    "playwright",
    "cypress",
    "tailwindcss",
    "postcss",
    "rimraf",
    "typedoc",
    "tap",
];

/// Whether a package tool is asked to fetch.
pub(super) fn fetches(name: &str, words: &[&str]) -> bool {
    let offline = [
        "--offline",
        "--no-index",
        "--frozen",
        "--dry-run",
        "--prefer-offline",
    ];
    if words.iter().any(|word| offline.contains(word)) {
        return false;
    }
    let verb = words
        .iter()
        .find(|word| !word.starts_with(['-', '+']))
        .copied()
        .unwrap_or_default();
    if gets_a_tool(name, words) {
        return !words.contains(&"--no-install");
    }
    let verbs: &[&str] = match name {
        "pip" | "pip3" | "pipx" => &["install", "download", "uninstall"],
        "npm" | "pnpm" | "bun" => &[
            "install",
            "i",
            "ci",
            "add",
            "update",
            "publish",
            "uninstall",
        ],
        "yarn" => &["", "install", "add", "upgrade", "publish"],
        "cargo" => &[
            "install", "add", "update", "fetch", "publish", "login", "search",
        ],
        "rustup" => &[
            "install",
            "update",
            "toolchain",
            "component",
            "target",
            "self",
        ],
        "go" => &["get", "install"],
        "gem" => &["install", "update", "push"],
        "bundle" | "composer" => &["install", "update", "add", "require"],
        "poetry" | "pdm" => &["install", "add", "update", "publish"],
        "uv" => &["add", "sync", "pip", "tool", "publish"],
        "conda" | "mamba" => &["install", "create", "update"],
        "ollama" | "huggingface-cli" => return true,
        _ => return false,
    };
    // `pip install -e .` and `npm ci` fetch as well, as soon as there are dependencies.
    verbs.contains(&verb)
}

/// Whether a runner gets the program that it is to run from other machines.
fn gets_a_tool(name: &str, words: &[&str]) -> bool {
    let tools = match (name, words) {
        ("npx" | "bunx" | "uvx", words)
        | ("npm", ["exec" | "x", words @ ..])
        | ("pnpm" | "yarn", ["dlx", words @ ..])
        | ("bun", ["x", words @ ..]) => words,
        ("pipx", ["run", ..]) | ("uv", ["tool", ..]) => return true,
        _ => return false,
    };
    let asked =
        |word: &&str| matches!(*word, "-y" | "--yes" | "-p") || word.starts_with("--package");
    let line = |word: &&str| matches!(*word, "-c" | "--call");
    let tool = tools.iter().find(|word| !word.starts_with('-'));
    let known = tool.is_none_or(|tool| OF_PROJECTS.contains(tool));
    tools.iter().any(asked) || !(known || tools.iter().any(line))
}
