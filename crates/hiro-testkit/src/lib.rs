//! hiro-testkit
