"""Tests of the Mail+ sandbox, over HTTP as any client would."""
