//! hirocli
