"""The Mail+ sandbox: our stand-in for Spotler's REST API.

The demo, the tests and the benchmarks talk to it instead of to Spotler. It behaves as
``spotler-api.md`` §11 asks, can be told to misbehave (``control/``), and shows a person what
is in the account (``pages/``).

It speaks JSON; of the XML that the service also knows (§1.2) only what forms are asked in.

Requests, routes and answers are werkzeug's; the server is our own, on the standard library's
threading one, and no WSGI server, for three reasons. A fault must be able to cut the connection
after a write was applied, so the handler has to own the socket. The state lives in the process,
so there can be only one. And a benchmark of the plugin must not measure the sandbox: all of WSGI
makes a small call take nearly twice as long.
"""
