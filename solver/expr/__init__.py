"""The language: immutable typed nodes with symbolic shapes, read from text and written to text."""
