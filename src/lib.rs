//! Metadata Copilot Pipeline API.
