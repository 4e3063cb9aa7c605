"""What a request costs at least: Flask reads or writes one row. Served by gunicorn."""

from __future__ import annotations

import os

from flask import Flask, render_template_string, request
from sqlalchemy import create_engine, text

PAGE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>{{ name }}</title></head>
<body><p>{{ name }}: {{ contact_id }}</p></body></html>
"""
ROW = text("SELECT contact_id FROM link WHERE contact_id = :id")

TABLE = text(
    "CREATE TABLE IF NOT EXISTS bare_row (at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, body TEXT)"
)
INSERT = text("INSERT INTO bare_row (body) VALUES (:body)")

app = Flask(__name__)
engine = create_engine(os.environ["DATABASE_URL"])


@app.get("/row")
def prepare() -> str:
    with engine.begin() as connection:
        connection.execute(TABLE)
    return ""


@app.post("/row")
def write() -> str:
    with engine.begin() as connection:
        connection.execute(INSERT, {"body": request.get_data(as_text=True)})
    return ""


@app.route("/<contact_id>", methods=["GET", "POST"])
def page(contact_id: str) -> str:
    with engine.connect() as connection:
        found = connection.execute(ROW, {"id": contact_id}).scalar_one()
    return render_template_string(PAGE, name="Bare", contact_id=found)
