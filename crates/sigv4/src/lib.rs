//! Signature Version 4: canonical requests, verification, signing, presigning.
