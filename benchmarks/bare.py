"""What a page costs at least: Flask renders a template and reads one row. Served by gunicorn."""

from __future__ import annotations

import os

from flask import Flask, render_template_string
from sqlalchemy import create_engine, text

PAGE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>{{ name }}</title></head>
<body><p>{{ name }}: {{ contact_id }}</p></body></html>
"""
ROW = text("SELECT contact_id FROM link WHERE contact_id = :id")

app = Flask(__name__)
engine = create_engine(os.environ["DATABASE_URL"])


@app.route("/<contact_id>", methods=["GET", "POST"])
def page(contact_id: str) -> str:
    with engine.connect() as connection:
        found = connection.execute(ROW, {"id": contact_id}).scalar_one()
    return render_template_string(PAGE, name="Bare", contact_id=found)
