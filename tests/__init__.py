"""Tests, one folder per part of the project."""
