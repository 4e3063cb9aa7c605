"""The Mail+ sandbox: our stand-in for Spotler's REST API.

The demo, the tests and the benchmarks talk to it instead of to Spotler. It behaves as
``spotler-api.md`` §11 asks, can be told to misbehave (``control/``), and shows a person what
is in the account (``pages.py``).

It speaks JSON only; the XML that the service also knows (§1.2) is left out.

It runs on the standard library's threading HTTP server and not on Flask, for three reasons.
A fault must be able to cut the connection after a write was applied, so the handler has to own
the socket. The state lives in the process, so there can be only one. And a benchmark of the
plugin must not measure the sandbox: a bare handler costs a fraction of a WSGI request.
"""
