//! The catalogue of AWS-managed policies: there by default in every account, under `arn:aws:iam::aws:policy/`.
//!
//! A catalogue is a file of its own: this module reads and writes it. It is checked as a whole when it is opened, which
//! takes some microseconds; everything else waits until somebody asks. Documents lie in compressed blocks, and finding one
//! policy opens one block.
//!
//! The form: [`MAGIC`]; the CRC-32 of all that follows, 4 bytes; the length of the compressed index, 4 bytes; the index;
//! the compressed blocks, one after another. Numbers are little-endian, compression is zlib, index and blocks are JSON.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io::{Read, Write};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use data_encoding::BASE32;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Policy, PolicyText, PolicyVersion, Tags, id};

/// How a catalogue begins; the number is the form's version.
const MAGIC: &[u8; 8] = b"DWAMP\0\0\x01";
/// About how much text a block holds, in bytes, before compression.
const BLOCK: usize = 1 << 16;
/// No index and no block is larger, in bytes.
const MAX_PART: u64 = 1 << 24;

/// What the ARNs of AWS-managed policies begin with.
pub const AWS_MANAGED: &str = "arn:aws:iam::aws:policy/";

/// An AWS-managed policy as the catalogue's maker knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// The friendly name.
    pub name: String,
    /// The path, `/` or `/…/`.
    pub path: String,
    /// When AWS made it.
    pub created: Timestamp,
    /// When AWS made its default version.
    pub updated: Timestamp,
    /// The number of its default version, the only one that the catalogue has.
    pub version: u32,
    /// That version's document.
    pub document: String,
}

impl ManagedPolicy {
    /// `arn:aws:iam::aws:policy/PATH/NAME`
    fn arn(&self) -> String {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        format!("{AWS_MANAGED}{path}{}", self.name)
    }
}

/// Why bytes are not a catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogueError {
    /// They begin otherwise, or are of a newer version.
    NotACatalogue,
    /// They are not as they were written.
    Damaged,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            CatalogueError::NotACatalogue => "this is no catalogue of AWS-managed policies, or one of a newer version",
            CatalogueError::Damaged => "the catalogue of AWS-managed policies is damaged",
        })
    }
}

impl std::error::Error for CatalogueError {}

/// A catalogue; by default one without policies. Clones share it.
#[derive(Clone, Default)]
pub struct Catalogue(Option<Arc<Opened>>);

struct Opened {
    bytes: Cow<'static, [u8]>,
    index: OnceLock<Index>,
}

/// What is in which block, in the order of the ARNs.
#[derive(Default)]
struct Index {
    source: String,
    arns: Vec<String>,
    /// For each ARN the number of its block and its place in it.
    by_arn: HashMap<String, (usize, usize)>,
    blocks: Vec<Block>,
}

struct Block {
    range: Range<usize>,
    policies: OnceLock<Vec<Arc<Policy>>>,
}

#[derive(Serialize, Deserialize)]
struct StoredIndex {
    source: String,
    /// For each block its length and the ARNs of its policies.
    blocks: Vec<(usize, Vec<String>)>,
}

impl Catalogue {
    /// Opens a catalogue.
    ///
    /// # Errors
    /// The bytes are none, or not as they were written.
    pub fn open(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Catalogue, CatalogueError> {
        let bytes = bytes.into();
        let rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(CatalogueError::NotACatalogue)?;
        let (sum, content) = rest.split_first_chunk().ok_or(CatalogueError::Damaged)?;
        if crc32fast::hash(content) != u32::from_le_bytes(*sum) {
            return Err(CatalogueError::Damaged);
        }
        Ok(Catalogue(Some(Arc::new(Opened { bytes, index: OnceLock::new() }))))
    }

    /// Writes a catalogue. `source` says where the policies are from.
    pub fn write(source: &str, mut policies: Vec<ManagedPolicy>) -> Vec<u8> {
        policies.sort_by_cached_key(ManagedPolicy::arn);
        let (mut blocks, mut stored, mut block, mut size) = (Vec::new(), Vec::new(), Vec::new(), 0);
        let mut policies = policies.into_iter().peekable();
        while let Some(policy) = policies.next() {
            size += policy.document.len();
            block.push(policy);
            if size >= BLOCK || policies.peek().is_none() {
                let arns = block.iter().map(ManagedPolicy::arn).collect();
                let bytes = deflated(&block);
                stored.push((bytes.len(), arns));
                blocks.extend(bytes);
                (block, size) = (Vec::new(), 0);
            }
        }
        let index = deflated(&StoredIndex { source: source.to_owned(), blocks: stored });
        let length = u32::try_from(index.len()).unwrap_or(u32::MAX);
        let content = [length.to_le_bytes().as_slice(), &index, &blocks].concat();
        [MAGIC.as_slice(), &crc32fast::hash(&content).to_le_bytes(), &content].concat()
    }

    /// Where the policies are from; none if there is no catalogue.
    pub fn source(&self) -> Option<&str> {
        self.0.as_ref().map(|_| self.index().source.as_str())
    }

    /// Whether there is no catalogue. Nothing is read for it.
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// How many policies there are.
    pub fn len(&self) -> usize {
        self.index().arns.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The policy of this ARN, spelled exactly.
    pub fn get(&self, arn: &str) -> Option<&Arc<Policy>> {
        // Accounts without AWS-managed policies never open the index.
        if !arn.starts_with(AWS_MANAGED) {
            return None;
        }
        let (opened, index) = (self.0.as_ref()?, self.index());
        let (block, place) = *index.by_arn.get(arn)?;
        let block = index.blocks.get(block)?;
        block.policies.get_or_init(|| read_block(&opened.bytes, &block.range)).get(place)
    }

    /// The ARNs that come after this one, in their order. No block is opened for them.
    pub fn after<'a>(&'a self, arn: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let arns = &self.index().arns;
        let first = arns.partition_point(|known| known.as_str() <= arn);
        arns.iter().skip(first).map(String::as_str)
    }

    fn index(&self) -> &Index {
        static NONE: OnceLock<Index> = OnceLock::new();
        match &self.0 {
            // What passed the check was written by us: it can be read.
            Some(opened) => opened.index.get_or_init(|| read_index(&opened.bytes).unwrap_or_default()),
            None => NONE.get_or_init(Index::default),
        }
    }
}

fn read_index(bytes: &[u8]) -> Option<Index> {
    let content = bytes.get(MAGIC.len() + 4..)?;
    let (length, rest) = content.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let stored: StoredIndex = inflated(rest.get(..length)?)?;
    let mut index = Index { source: stored.source, ..Index::default() };
    let mut start = bytes.len() - rest.len() + length;
    for (length, arns) in stored.blocks {
        let end = start.checked_add(length)?;
        for (place, arn) in arns.into_iter().enumerate() {
            index.by_arn.insert(arn.clone(), (index.blocks.len(), place));
            index.arns.push(arn);
        }
        index.blocks.push(Block { range: start..end, policies: OnceLock::new() });
        start = end;
    }
    Some(index)
}

fn read_block(bytes: &[u8], range: &Range<usize>) -> Vec<Arc<Policy>> {
    let policies: Option<Vec<ManagedPolicy>> = bytes.get(range.clone()).and_then(inflated);
    policies.unwrap_or_default().into_iter().map(|policy| Arc::new(entity(policy))).collect()
}

/// The policy as accounts see it. AWS's own unique ids of these policies are not public: ours are made from the ARN, so
/// that they are the same everywhere and for ever.
fn entity(policy: ManagedPolicy) -> Policy {
    let digest = BASE32.encode(&Sha256::digest(policy.arn()));
    let unique: String = digest.chars().take(17).collect();
    let document = PolicyText::unparsed(policy.document);
    Policy {
        id: format!("{}{unique}", id::POLICY),
        name: policy.name,
        path: policy.path,
        created: policy.created,
        updated: policy.updated,
        description: None,
        tags: Tags::default(),
        versions: vec![PolicyVersion { number: policy.version, document, created: policy.updated }],
        default_version: policy.version,
        next_version: policy.version.saturating_add(1),
        aws_managed: true,
    }
}

fn deflated(value: &impl Serialize) -> Vec<u8> {
    // Writing plain data as JSON, and compressing it, to memory cannot fail.
    let json = serde_json::to_vec(value).unwrap_or_default();
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&json).and_then(|()| encoder.finish()).unwrap_or_default()
}

fn inflated<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Option<T> {
    let mut json = Vec::new();
    ZlibDecoder::new(bytes).take(MAX_PART).read_to_end(&mut json).ok()?;
    serde_json::from_slice(&json).ok()
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_some() { "Catalogue" } else { "Catalogue(none)" })
    }
}

#[cfg(test)]
mod tests;
