"""Words for what the code calls by a name: statuses, reasons, switches. A function per thing."""

from __future__ import annotations

from flask import Flask

from spotler_plugin.wording.backups import (
    backup_mark,
    backup_state,
    backup_title,
    fault_text,
    size_text,
)
from spotler_plugin.wording.consent.log import (
    actor_word,
    arrival_word,
    ground_word,
    settled_text,
    standing_text,
    switch_word,
)
from spotler_plugin.wording.consent.permissions import permission_word
from spotler_plugin.wording.consent.switches import (
    again_text,
    automation_facts,
    automation_note,
    permission_facts,
    permission_note,
)
from spotler_plugin.wording.contact.address import mine_text, sharer_word, theirs_text
from spotler_plugin.wording.contact.history import kind_word
from spotler_plugin.wording.drift import drift_word
from spotler_plugin.wording.events import standing_mark, standing_word
from spotler_plugin.wording.events import type_word as event_word
from spotler_plugin.wording.health.checks import mark_word, moment_word, topic_word
from spotler_plugin.wording.mapping import problem_text, type_word
from spotler_plugin.wording.runs import (
    counted_text,
    outcome_word,
    remapping_text,
    run_mark,
    run_state,
    run_title,
    stop_question,
)
from spotler_plugin.wording.statuses import status_word
from spotler_plugin.wording.text import sentence
from spotler_plugin.wording.values.spelling import field_spelled


def init_app(app: Flask) -> None:
    for written in (automation_note, permission_note, problem_text, status_word, type_word):
        app.add_template_filter(written)
    for on_demand in (again_text, automation_facts, permission_facts):
        app.add_template_filter(on_demand)
    for of_address in (mine_text, sharer_word, theirs_text):
        app.add_template_filter(of_address)
    for written_out in (field_spelled, sentence):
        app.add_template_filter(written_out)
    app.add_template_filter(kind_word, "history_kind")
    app.add_template_filter(drift_word)
    for of_act in (actor_word, arrival_word, ground_word, permission_word, switch_word):
        app.add_template_filter(of_act)
    for of_sheet in (settled_text, standing_text):
        app.add_template_filter(of_sheet)
    for of_run in (
        counted_text,
        outcome_word,
        remapping_text,
        run_mark,
        run_state,
        run_title,
        stop_question,
    ):
        app.add_template_filter(of_run)
    for of_backup in (backup_mark, backup_state, backup_title, fault_text, size_text):
        app.add_template_filter(of_backup)
    app.add_template_filter(event_word, "event_word")
    for of_event in (standing_mark, standing_word):
        app.add_template_filter(of_event)
    for of_check in (mark_word, moment_word, topic_word):
        app.add_template_filter(of_check)
