//! The outline of a file: the lines that declare something, found by how they begin. No parser:
//! what a line looks like is enough for a model to know where to read on. Pure text, bounded.

use std::fmt::Write as _;

/// Characters of one line of an outline.
const LINE_MOST: usize = 100;

/// How lines of a language begin that declare something.
struct Rules {
    /// Endings of files.
    endings: &'static [&'static str],
    /// Words in front that say nothing by themselves: `pub`, `async`, `export`.
    modifiers: &'static [&'static str],
    /// The first word after them.
    starts: &'static [&'static str],
    /// Columns of indentation up to which a declaration counts.
    depth: usize,
}

const RULES: &[Rules] = &[
    Rules {
        endings: &["py", "pyi"],
        modifiers: &["async"],
        starts: &["def", "class"],
        depth: 4,
    },
    Rules {
        endings: &["rs"],
        modifiers: &["pub", "async", "const", "unsafe", "extern", "default"],
        starts: &[
            "fn",
            "struct",
            "enum",
            "trait",
            "impl",
            "mod",
            "type",
            "macro_rules!",
            "union",
        ],
        depth: 4,
    },
    Rules {
        endings: &["js", "mjs", "cjs", "jsx", "ts", "tsx", "mts", "cts"],
        modifiers: &["export", "default", "async", "declare", "abstract"],
        starts: &[
            "function",
            "function*",
            "class",
            "interface",
            "enum",
            "type",
            "namespace",
            "const",
            "let",
        ],
        depth: 0,
    },
    Rules {
        endings: &["go"],
        modifiers: &[],
        starts: &["func", "type"],
        depth: 0,
    },
    Rules {
        endings: &["java", "kt", "cs"],
        modifiers: &[
            "public",
            "protected",
            "private",
            "internal",
            "static",
            "final",
            "abstract",
            "sealed",
            "override",
            "open",
            "data",
            "suspend",
            "async",
            "virtual",
        ],
        starts: &[
            "class",
            "interface",
            "enum",
            "record",
            "@interface",
            "fun",
            "object",
        ],
        depth: 4,
    },
    Rules {
        endings: &["md", "markdown"],
        modifiers: &[],
        starts: &["#", "##", "###"],
        depth: 0,
    },
];

/// Endings of files in which a function begins in the first column and has a bracket.
const C_LIKE: &[&str] = &["c", "h", "cc", "cpp", "cxx", "hpp", "hh"];

/// The outline of that file in at most so many bytes: how long it is, and its declarations with
/// their line numbers. What is cut is said.
pub fn outline(path: &str, text: &str, room: usize) -> String {
    let count = text.lines().count();
    let lines = if count == 1 { "line" } else { "lines" };
    let mut outline = format!("{path} ({count} {lines})");
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    let declarations = text
        .lines()
        .enumerate()
        .filter(|(_, line)| declares(ending, line));
    let mut left_out = 0;
    for (index, line) in declarations {
        let row = format!("\n  {}: {}", index + 1, shown(line));
        if left_out > 0 || outline.len() + row.len() > room {
            left_out += 1;
        } else {
            outline.push_str(&row);
        }
    }
    if left_out > 0 {
        let _ = write!(outline, "\n  and {left_out} more"); // silent-ok: writing to a String
    }
    outline
}

fn declares(ending: &str, line: &str) -> bool {
    if C_LIKE.contains(&ending) {
        return declares_in_c(line);
    }
    let Some(rules) = RULES.iter().find(|rules| rules.endings.contains(&ending)) else {
        return false;
    };
    let depth = line.len() - line.trim_start().len();
    if depth > rules.depth {
        return false;
    }
    let mut words = line.split_whitespace();
    let first = words.find(|word| !rules.modifiers.contains(&without_scope(word)));
    first.is_some_and(|word| {
        let word = word.split(['<', '(', '{']).next().unwrap_or_default();
        rules.starts.contains(&word)
    }) || is_member(ending, line, depth)
}

/// A method of Java or C# begins with its type, so only its modifier and bracket give it away.
fn is_member(ending: &str, line: &str, depth: usize) -> bool {
    matches!(ending, "java" | "cs")
        && depth > 0
        && line.contains('(')
        && !line.trim_end().ends_with(';')
        && ["public ", "protected ", "private ", "static "]
            .iter()
            .any(|start| line.trim_start().starts_with(start))
}

fn declares_in_c(line: &str) -> bool {
    let begins = line
        .chars()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let end = line.trim_end();
    let first = line.split_whitespace().next().unwrap_or_default();
    let is_type = matches!(
        first,
        "struct" | "enum" | "union" | "typedef" | "class" | "namespace" | "template"
    );
    begins && (is_type || (line.contains('(') && !end.ends_with([';', ',', ':'])))
        || line.starts_with("#define ")
}

/// `pub(crate)` is `pub`.
fn without_scope(word: &str) -> &str {
    word.split('(').next().unwrap_or_default()
}

fn shown(line: &str) -> String {
    let line = line.trim_end().trim_end_matches(['{', ':']).trim_end();
    line.chars().take(LINE_MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &str) {
        assert_eq!(outline(path, text, 4_000), expected);
    }

    #[test]
    fn python() {
        check(
            "todo.py",
            "import os\n\n\nclass Todo:\n    def add(self, text: str):\n        def inner():\n            pass\n\nasync def main():\n    define = 1\n",
            "todo.py (10 lines)\n  4: class Todo\n  5:     def add(self, text: str)\n  9: async def main()",
        );
    }

    #[test]
    fn rust() {
        check(
            "src/lib.rs",
            "//! fn in a comment\nuse std::fmt;\npub(crate) struct List<T> {\nimpl<T> List<T> {\n    pub const fn new() -> Self {\n        fn deep() {}\npub async fn run() {\n",
            "src/lib.rs (7 lines)\n  3: pub(crate) struct List<T>\n  4: impl<T> List<T>\n  5:     pub const fn new() -> Self\n  7: pub async fn run()",
        );
    }

    #[test]
    fn scripts_and_types() {
        check(
            "app.ts",
            "import x from 'x';\nexport default class App {\n  render() {}\n}\nexport const add = (a: number) => a;\nfunction go(){\ninterface Shape {\n",
            "app.ts (7 lines)\n  2: export default class App\n  5: export const add = (a: number) => a;\n  6: function go()\n  7: interface Shape",
        );
    }

    #[test]
    fn go_java_and_c() {
        check(
            "main.go",
            "package main\nfunc (s *Store) Add() {\ntype Store struct {\n\tfunc inner\n",
            "main.go (4 lines)\n  2: func (s *Store) Add()\n  3: type Store struct",
        );
        check(
            "App.java",
            "public final class App {\n    private int n;\n    public static void main(String[] a) {\n        call(1);\n    }\n",
            "App.java (5 lines)\n  1: public final class App\n  3:     public static void main(String[] a)",
        );
        check(
            "list.c",
            "#include <stdio.h>\n#define MOST 3\nstatic int count(struct list *l)\n{\n    return go(l);\n}\nint later(void);\nstruct list {\n",
            "list.c (8 lines)\n  2: #define MOST 3\n  3: static int count(struct list *l)\n  8: struct list",
        );
    }

    #[test]
    fn headings_and_what_is_not_known() {
        check(
            "README.md",
            "# Todo\n\ntext # no\n## Use\n",
            "README.md (4 lines)\n  1: # Todo\n  4: ## Use",
        );
        check("data.json", "{}", "data.json (1 line)");
        check("Makefile", "", "Makefile (0 lines)");
    }

    #[test]
    fn it_stays_in_its_room() {
        let text = "def function_with_a_name():\n".repeat(100);
        let outline = outline("a.py", &text, 400);
        assert!(outline.len() < 430, "{}", outline.len());
        assert!(outline.ends_with("more"), "{outline}");
        let long = format!("def {}():", "ü".repeat(300));
        assert!(super::outline("a.py", &long, 4_000).chars().count() < 130);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(
            text in "(?s).{0,200}",
            path in "[a-z]{0,3}(\\.(py|rs|ts|go|java|c|md))?",
            room in 0..300_usize,
        ) {
            let outline = outline(&path, &text, room);
            proptest::prop_assert!(outline.len() <= room.max(40) + 20);
        }
    }
}
