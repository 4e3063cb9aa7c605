"""Tests of the demo CRM and of the embed script."""
