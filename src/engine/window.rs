//! The context window: how large one is asked for, and why; how a loaded model stands in memory,
//! and what to do when it does not fit. The one table of sizes is here. What the facts are is found
//! out elsewhere (`run/health`).

use serde::{Deserialize, Serialize};

/// The sizes that are chosen from, in tokens. Below 8,192 a task, its tools and one file do not
/// fit; above 65,536 local models gain little and reading the prompt takes minutes.
pub const SIZES: [u64; 4] = [8_192, 16_384, 32_768, 65_536];

/// What is asked for when the memory is not known: room for a few files and their edits on a card
/// with 8 GB, where the server's own default of 4,096 tokens would cut the task itself.
pub const WITHOUT_KNOWLEDGE: u64 = 16_384;

/// A window that somebody has loaded is used from this size on.
const LARGE_ENOUGH: u64 = 16_384;

/// The cache of one token when a model does not tell its shape: more than most of up to 30 billion
/// parameters need (qwen3:8b takes 147,456 bytes, a 32b 262,144).
const CACHE_PER_TOKEN: u64 = 160 * 1024;

/// What a server needs besides weights and cache, per model: buffers for computing.
const BUFFERS: u64 = 512 * 1024 * 1024;

/// Everything the choice depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What a person asked for.
    pub wanted: Option<u64>,
    /// What the model was trained for.
    pub trained: Option<u64>,
    /// Bytes of its weights.
    pub weights: u64,
    /// Bytes of cache that a token of the window takes, if the model tells its shape.
    pub cache_per_token: Option<u64>,
    /// Bytes of memory of the machine, if it is this one and tells.
    pub memory: Option<u64>,
    /// What the model's card advises.
    pub advised: Option<u64>,
    /// The window with which it is loaded at the moment.
    pub loaded: Option<u64>,
}

/// A window and the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Tokens.
    pub tokens: u64,
    /// Why so many, as a sentence.
    pub why: String,
}

impl Facts {
    /// Bytes that the model takes with a window of so many tokens.
    pub fn bytes(&self, window: u64) -> u64 {
        let cache = self.cache_per_token.unwrap_or(CACHE_PER_TOKEN);
        self.weights
            .saturating_add(BUFFERS)
            .saturating_add(cache.saturating_mul(window))
    }

    /// Bytes of this machine that a model may take: three quarters, the rest is for everything else.
    fn room(&self) -> Option<u64> {
        self.memory.map(|memory| memory / 4 * 3)
    }

    /// Whether the model fits with the smallest window; none if the memory is not known.
    pub fn fits(&self) -> Option<bool> {
        self.room().map(|room| self.bytes(SIZES[0]) <= room)
    }

    /// The window to ask for.
    pub fn choose(&self) -> Window {
        let trained = self.trained.unwrap_or(u64::MAX);
        if let Some(wanted) = self.wanted {
            return if wanted > trained {
                window(
                    trained,
                    "what the model was trained for; you asked for more",
                )
            } else {
                window(wanted, "as you asked for")
            };
        }
        let free = self.unloaded(trained);
        match self.loaded {
            Some(loaded) if loaded == free.tokens || loaded > trained => free,
            Some(loaded) if loaded >= LARGE_ENOUGH.min(free.tokens) => window(
                loaded,
                "the model is loaded with this window already, and another would load it anew for everyone who uses it",
            ),
            Some(loaded) => Window {
                why: format!(
                    "{} It is loaded with {loaded} at the moment, which is too little: the first request loads it anew.",
                    free.why
                ),
                ..free
            },
            None => free,
        }
    }

    /// The window for a model that is not loaded.
    fn unloaded(&self, trained: u64) -> Window {
        if let Some(advised) = self.advised {
            return window(
                advised.min(trained),
                "the model's card says so (loop models probe)",
            );
        }
        let Some(room) = self.room() else {
            let why = "the memory of the server's machine is not known";
            return window(WITHOUT_KNOWLEDGE.min(trained), why);
        };
        let fitting = SIZES
            .into_iter()
            .rev()
            .map(|size| size.min(trained))
            .find(|size| self.bytes(*size) <= room);
        let tokens = fitting.unwrap_or(SIZES[0].min(trained));
        let need = gigabytes(self.bytes(tokens));
        let room = gigabytes(room);
        let why = match fitting {
            Some(_) if tokens == trained => format!(
                "all that the model was trained for; with it the model takes about {need} of {room} GB"
            ),
            Some(_) => format!(
                "the largest of {} that fits: with it the model takes about {need} of {room} GB, three quarters of this machine's memory",
                SIZES.map(|size| size.to_string()).join(", ")
            ),
            None => format!(
                "the smallest; even with it the model takes about {need} GB, and three quarters of this machine's memory are {room}: expect it to be slow, or choose a smaller model"
            ),
        };
        window(tokens, &why)
    }
}

fn window(tokens: u64, why: &str) -> Window {
    Window {
        tokens,
        why: format!("{tokens} tokens: {why}."),
    }
}

/// Gigabytes with one decimal.
pub fn gigabytes(bytes: u64) -> String {
    let tenths = (bytes + 50_000_000) / 100_000_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// How a model is loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    /// The window in force.
    pub window: Option<u64>,
    /// Bytes in all.
    pub bytes: u64,
    /// Bytes on the graphics card.
    pub bytes_on_gpu: u64,
}

impl Loaded {
    /// Whether all of it stands on the graphics card.
    pub fn is_on_gpu(&self) -> bool {
        self.bytes > 0 && self.bytes_on_gpu >= self.bytes
    }

    /// Where it stands, in words.
    pub fn place(&self) -> String {
        let percent = (self.bytes_on_gpu.saturating_mul(100)).checked_div(self.bytes);
        match percent {
            None => "where it stands is not known".to_owned(),
            Some(0) => format!("{} GB, on the CPU", gigabytes(self.bytes)),
            Some(percent) => format!(
                "{} GB, {} % of it on the graphics card",
                gigabytes(self.bytes),
                percent.min(100)
            ),
        }
    }

    /// What to do when only a part of it is on the graphics card. A machine without one is told
    /// nothing: there it cannot be otherwise.
    pub fn advice(&self) -> Option<String> {
        let is_split = self.bytes_on_gpu > 0 && !self.is_on_gpu();
        is_split.then(|| {
            let smaller = self
                .window
                .and_then(|window| SIZES.into_iter().rev().find(|size| *size < window));
            let window = match smaller {
                Some(size) => format!("a smaller window (--num-ctx {size}), "),
                None => String::new(),
            };
            format!(
                "The model does not fit on the graphics card ({}), so every answer is slow. What helps: {window}a smaller quantisation or a smaller model; on the server, OLLAMA_FLASH_ATTENTION=1 with OLLAMA_KV_CACHE_TYPE=q8_0 halves the memory of the window.",
                self.place()
            )
        })
    }
}

#[cfg(test)]
mod tests;
