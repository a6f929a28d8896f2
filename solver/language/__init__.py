"""The words that the program prints on a page, one catalogue a language: `en.toml` and its translations."""
