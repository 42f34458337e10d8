//! The cards of models: one file for each digest of weights. A card that cannot be read is none:
//! the next probe writes it anew.

use std::fs;
use std::path::{Path, PathBuf};

use super::artifacts::write_whole;
use super::error::StoreError;
use super::folder::make_folder;
use crate::engine::card::Card;

/// The folder of all cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cards {
    root: PathBuf,
}

impl Cards {
    /// The cards in that folder, which need not be there.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// The file of the card of these weights; none if they have no digest to be known by.
    pub fn file(&self, digest: &str) -> Option<PathBuf> {
        let name = digest.strip_prefix("sha256:").unwrap_or(digest);
        let is_digest = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_digest.then(|| self.root.join(format!("{name}.json")))
    }

    /// The card of these weights, if they were probed.
    pub fn read(&self, digest: &str) -> Option<Card> {
        let text = fs::read_to_string(self.file(digest)?).ok()?; // silent-ok: not probed
        serde_json::from_str(&text).ok() // silent-ok: another version's; as said above
    }

    /// Keeps a card instead of the one before. Gives its file; none without a digest.
    pub fn write(&self, card: &Card) -> Result<Option<PathBuf>, StoreError> {
        let Some(path) = self.file(&card.digest) else {
            return Ok(None);
        };
        make_folder(&self.root)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = serde_json::to_string_pretty(card)
            .unwrap_or_else(|error| unreachable!("a card is plain data: {error}"));
        write_whole(&self.root, &name, &format!("{text}\n"))?;
        Ok(Some(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::card::Measured;

    #[test]
    fn a_card_is_found_again_by_its_digest_only() {
        let place = tempfile::TempDir::new().unwrap();
        let cards = Cards::at(&place.path().join("models"));
        let card = |digest: &str| Card {
            model: "tiny".to_owned(),
            digest: digest.to_owned(),
            server: "http://127.0.0.1:11434".to_owned(),
            bytes: 1,
            measured: Measured::default(),
        };
        assert_eq!(cards.read("ab12"), None);
        assert!(cards.write(&card("ab12")).unwrap().is_some());
        assert_eq!(cards.read("sha256:ab12"), Some(card("ab12")));
        assert_eq!(cards.read("ab13"), None);
        // A digest is a server's word: it names no other file.
        for digest in ["", "../ab12", "a/b", "a.json"] {
            assert_eq!(cards.file(digest), None, "{digest}");
            assert_eq!(cards.write(&card(digest)).unwrap(), None);
        }
        fs::write(cards.file("ab12").unwrap(), "{").unwrap();
        assert_eq!(cards.read("ab12"), None);
    }
}
