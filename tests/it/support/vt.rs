//! A terminal's screen, as far as the program's output needs one: text, wrapping, scrolling, cursor
//! movements, erasing, and a second screen that goes as it came. A sequence that it does not know is a failure of the test.
#![expect(clippy::expect_used, reason = "tests")]

/// What stands on the screen.
pub(crate) struct Vt {
    columns: usize,
    rows: usize,
    cells: Vec<Vec<char>>,
    row: usize,
    column: usize,
    /// How often the bell rang.
    pub(crate) bells: usize,
    /// The terminal's title.
    pub(crate) title: String,
    /// The title that was put aside.
    aside: Option<String>,
    /// Whether the cursor is hidden.
    pub(crate) cursor_hidden: bool,
    /// Whether a frame is being drawn that is shown as a whole only.
    pub(crate) half_drawn: bool,
    /// What the second screen covers, and where the cursor was then.
    covered: Option<(Vec<Vec<char>>, usize, usize)>,
    unfinished: Vec<u8>,
}

/// The second cell of a wide character.
const WIDE: char = '\0';

impl Vt {
    pub(crate) fn new(columns: usize, rows: usize) -> Self {
        Self {
            columns,
            rows,
            cells: vec![vec![' '; columns]; rows],
            row: 0,
            column: 0,
            bells: 0,
            title: "shell".to_owned(),
            aside: None,
            cursor_hidden: false,
            half_drawn: false,
            covered: None,
            unfinished: Vec::new(),
        }
    }

    /// The rows, without blanks at their ends and without empty rows at the end.
    pub(crate) fn text(&self) -> String {
        let rows = self.cells.iter().map(|row| {
            let row: String = row.iter().filter(|cell| **cell != WIDE).collect();
            row.trim_end().to_owned()
        });
        rows.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    /// Whether the second screen is shown.
    pub(crate) fn is_second(&self) -> bool {
        self.covered.is_some()
    }

    /// The terminal has another size: rows and columns go or come at the bottom and on the right.
    pub(crate) fn resize(&mut self, columns: usize, rows: usize) {
        for row in &mut self.cells {
            row.resize(columns, ' ');
        }
        self.cells.resize(rows, vec![' '; columns]);
        (self.columns, self.rows) = (columns, rows);
        self.move_to(self.row, self.column);
    }

    fn move_to(&mut self, row: usize, column: usize) {
        self.row = row.min(self.rows - 1);
        self.column = column.min(self.columns - 1);
    }

    fn second(&mut self, is_shown: bool) {
        let blank = vec![vec![' '; self.columns]; self.rows];
        match (is_shown, self.covered.take()) {
            (true, None) => {
                let first = std::mem::replace(&mut self.cells, blank);
                self.covered = Some((first, self.row, self.column));
            }
            (true, covered) => self.covered = covered,
            (false, Some((cells, row, column))) => {
                self.cells = cells;
                self.resize(self.columns, self.rows);
                self.move_to(row, column);
            }
            (false, None) => {}
        }
    }

    /// Row and column of the cursor, counted from 0.
    pub(crate) fn cursor(&self) -> (usize, usize) {
        (self.row, self.column)
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let mut all = std::mem::take(&mut self.unfinished);
        all.extend_from_slice(bytes);
        let valid = match std::str::from_utf8(&all) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        self.unfinished = all.split_off(valid);
        let text = String::from_utf8(all).expect("cut where it is valid");
        let mut rest = text.as_str();
        while let Some(ch) = rest.chars().next() {
            if ch != '\x1b' {
                self.put(ch);
                rest = &rest[ch.len_utf8()..];
                continue;
            }
            let command = rest.strip_prefix("\x1b]");
            if let Some((title, after)) = command.and_then(|rest| rest.split_once("\x1b\\")) {
                let title = title
                    .strip_prefix("2;")
                    .expect("the title and nothing else");
                title.clone_into(&mut self.title);
                rest = after;
                continue;
            }
            let end = rest
                .char_indices()
                .skip(2)
                .find(|(_, ch)| command.is_none() && ('@'..='~').contains(ch));
            let Some((end, last)) = end else {
                // The rest of the sequence comes with the next bytes.
                let mut bytes = rest.as_bytes().to_vec();
                bytes.append(&mut self.unfinished);
                self.unfinished = bytes;
                return;
            };
            self.sequence(&rest[1..end], last);
            rest = &rest[end + 1..];
        }
    }

    fn sequence(&mut self, parameters: &str, last: char) {
        let count = parameters.trim_start_matches('[').parse().unwrap_or(1);
        match last {
            'A' => self.row = self.row.saturating_sub(count),
            'C' => self.column = (self.column + count).min(self.columns - 1),
            'H' => {
                let place = parameters.trim_start_matches('[');
                let mut numbers = place.split(';').map(|number| number.parse().unwrap_or(1));
                let mut next = || numbers.next().unwrap_or(1_usize).saturating_sub(1);
                let (row, column) = (next(), next());
                self.move_to(row, column);
            }
            'J' if parameters == "[2" => {
                for row in &mut self.cells {
                    row.fill(' ');
                }
            }
            'J' => {
                self.cells[self.row][self.column..].fill(' ');
                for row in &mut self.cells[self.row + 1..] {
                    row.fill(' ');
                }
            }
            'K' if parameters == "[2" => self.cells[self.row].fill(' '),
            'K' => self.cells[self.row][self.column..].fill(' '),
            'h' | 'l' if parameters == "[?25" => self.cursor_hidden = last == 'l',
            'h' | 'l' if parameters == "[?2026" => self.half_drawn = last == 'h',
            't' if parameters == "[22;2" => self.aside = Some(self.title.clone()),
            't' if parameters == "[23;2" => {
                self.title = self.aside.take().expect("a title was put aside");
            }
            'h' | 'l' if parameters == "[?1049" => self.second(last == 'h'),
            'm' | 'h' | 'l' => {}
            other => panic!("unknown sequence {parameters:?} {other:?}"),
        }
    }

    fn put(&mut self, ch: char) {
        match ch {
            '\r' => self.column = 0,
            '\n' => self.line_feed(),
            '\x07' => self.bells += 1,
            ch => {
                assert!(!ch.is_control(), "{ch:?} on the screen");
                let width = console::measure_text_width(&ch.to_string());
                if self.column + width > self.columns {
                    self.column = 0;
                    self.line_feed();
                }
                if width > 0 {
                    self.cells[self.row][self.column] = ch;
                    self.cells[self.row][self.column + 1..self.column + width].fill(WIDE);
                    self.column += width;
                }
            }
        }
    }

    fn line_feed(&mut self) {
        if self.row + 1 < self.rows {
            self.row += 1;
        } else {
            self.cells.remove(0);
            self.cells.push(vec![' '; self.columns]);
        }
    }
}
