//! AWS protocols: bytes to neutral tree and back, driven by the model.
