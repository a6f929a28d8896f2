"""What is true: named rewrite rules by topic, each one declaration with its formula, its source and its examples."""
