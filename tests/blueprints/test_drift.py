"""Verschillen: the last report and who differs in what, one under way, a choice, the setting."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Connection,
    ConnectionState,
    Drift,
    DriftItem,
    DriftKind,
    DriftStage,
    DriftState,
    Environment,
    Permission,
    Preview,
    Property,
    Run,
    RunKind,
    SelectionContact,
    Source,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.drift.difference import PERMISSION, Difference, Side
from spotler_plugin.services.drift.setting import drift_setting
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

MOMENT = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)


@pytest.fixture
def connected(environment: Environment) -> None:
    db.session.add(
        Connection(environment_id=environment.id, key="k" * 20, secret="s" * 20,
                   key_ending="kkkk", secret_ending="ssss", connected_by="A. de Vries",
                   state=ConnectionState.CONNECTED, proved_at=datetime.now(UTC))
    )  # fmt: skip


def drift(environment: Environment, **values: object) -> Drift:
    now = datetime.now(UTC)
    row = Drift(
        **{
            "id": uuid4(),
            "environment_id": environment.id,
            "mapping_version": environment.mapping_version,
            "created_at": now,
            "read_since": now,
            "read_until": now,
            "counts": {},
            "by_property": {},
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row


@pytest.fixture
def ready(environment: Environment, connected: None) -> Drift:
    """Two that differ, of whom one cannot be written; one that is only in Spotler; a mistake."""
    owner = environment.id
    row = drift(
        environment,
        state=DriftState.READY,
        actor_name="A. de Vries",
        compared=60,
        to_compare=60,
        equal=58,
        counts={"different": 2, "without_id": 1, "mirror": 1},
        by_property={"city": 2},
    )
    db.session.add(
        Property(environment_id=owner, name="city", description="Plaats", type="string", entries=[])
    )
    db.session.add(Permission(environment_id=owner, bit=1, description="Nieuwsbrief"))
    run = Run(id=uuid4(), environment_id=owner, request_token=uuid4(), kind=RunKind.SYNC,
              source=Source.ADMIN, actor_name="Bob", created_at=MOMENT)  # fmt: skip
    db.session.add(run)
    city = Difference("city", "Delft", "Gouda", Side.SPOTLER, "Delft", MOMENT.isoformat(),
                      str(run.id))  # fmt: skip
    bit = Difference(f"{PERMISSION}1", True, False)
    for kind, id_, name, reason, differences in (
        (DriftKind.DIFFERENT, "c-1", "Zoë Österbaan", None, [city]),
        (DriftKind.DIFFERENT, "c-2", "Jan <b>", Reason.INACTIVE, [city]),
        (DriftKind.WITHOUT_ID, "", "", None, []),
        (DriftKind.MIRROR, "c-3", "Piet", None, [bit]),
    ):
        db.session.add(
            DriftItem(environment_id=owner, drift_id=row.id, kind=kind, contact_id=id_, name=name,
                      address=f"{id_ or 'zonder'}@example.nl", reason=reason,
                      searched=f"{name} {id_ or 'zonder'}@example.nl".casefold(),
                      properties="|city|" if differences == [city] else "",
                      differences=[each.to_json() for each in differences], refusals=[],
                      changed_at=MOMENT)
        )  # fmt: skip
    db.session.commit()
    return row


def test_before_there_is_a_connection(admin: Widget) -> None:
    said = words(admin.get("/admin/drift"))
    assert "Er is nog geen verbinding met Spotler" in said and "Nu vergelijken" not in said


def test_it_is_asked_for_watched_and_stopped(
    admin: Widget, environment: Environment, connected: None
) -> None:
    assert "Er is nog niet vergeleken" in words(admin.get("/admin/drift"))
    answer = admin.ask("POST", "/admin/drift")
    assert "Bezig met vergelijken" in words(answer)
    row = db.session.scalars(select(Drift)).one()
    row.stage, row.compared, row.to_compare = DriftStage.COMPARING, 1200, 5000
    row.reason = Reason.CRM_AWAY
    url = f"/admin/drift/{row.id}"
    said = words(admin.get(f"{url}/progress"))
    assert "1.200 van 5.000 gekoppelde contactpersonen vergeleken" in said
    assert "nog ongeveer" in said or "nog een paar seconden" in said
    assert "We proberen het vanzelf opnieuw." in said
    assert "Het vergelijken is gestopt." in words(admin.ask("DELETE", url))
    db.session.refresh(row)
    assert row.state is DriftState.CANCELLED
    over = admin.get(f"{url}/progress")
    assert over.headers["HX-Retarget"] == "#screen"


def test_who_differs_and_in_what(admin: Widget, ready: Drift) -> None:
    said = words(admin.get("/admin/drift"))
    for each in (
        "2 gekoppelde contactpersonen zijn niet gelijk",
        "58 van 60",
        "door A. de Vries",
        "Zoë Österbaan",
        "Yoobi: Delft · Spotler: Gouda",
        "Gewijzigd in Spotler.",
        "Laatst geschreven: Delft , 23 nov 2026 14:05 (Synchronisatie gestart door Bob)",
        "Wordt niet bijgewerkt:",
        "Nieuwsbrief Bekend was: aan · Spotler: uit",
    ):
        assert each in said
    assert "zonder@" not in said, "who is nobody's here is not in the way"
    assert "zonder@" in words(admin.get("/admin/drift?kind=without_id"))
    only = words(admin.get("/admin/drift?kind=mirror"))
    assert "Piet" in only and "Zoë" not in only
    assert "Zoë" in words(admin.get("/admin/drift?query=öster&property=city"))
    assert "Geen contacten gevonden" in words(admin.get("/admin/drift?query=nobody"))


def test_a_new_report_does_not_take_the_one_that_is_looked_at(
    admin: Widget, environment: Environment, ready: Drift
) -> None:
    newer = drift(environment, state=DriftState.READY)
    answer = admin.get(f"/admin/drift/{newer.id}/progress")
    assert "Het vergelijken is klaar." in words(answer)
    assert "HX-Retarget" not in answer.headers


def test_the_ticked_ones_are_previewed(admin: Widget, ready: Drift) -> None:
    url = f"/admin/drift/{ready.id}/synchronise"
    ids = dict(db.session.execute(select(DriftItem.contact_id, DriftItem.id)).all())
    assert admin.ask("POST", url).status_code == 422
    assert admin.ask("POST", url, item=[ids["c-2"]]).status_code == 422
    answer = admin.ask("POST", url, item=[ids["c-1"], ids["c-2"]])
    assert "Wat gaat er gebeuren" in words(answer)
    preview = db.session.scalars(select(Preview)).one()
    assert (preview.kind, preview.total) == (RunKind.SYNC, 1)
    assert db.session.scalars(select(SelectionContact.contact_id)).all() == ["c-1"]
    back = words(admin.get(f"/admin/previews/{preview.id}/mapping"))
    assert "2 gekoppelde contactpersonen zijn niet gelijk" in back, "back to where one came from"
    assert "Wat gaat er gebeuren" in words(admin.ask("POST", url, all="1", query="zoë"))


def test_what_is_compared_by_itself(admin: Widget, environment: Environment) -> None:
    url = "/admin/drift/setting"
    assert admin.ask("POST", url, threshold="veel").status_code == 422
    assert admin.ask("POST", url, threshold="1.000", nightly="1").status_code == 200
    chosen = drift_setting(environment.id)
    assert (chosen.nightly, chosen.threshold) == (True, 1000)
    admin.ask("POST", url, threshold="0")
    assert drift_setting(environment.id).nightly is False


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        ("1", "2 gekoppelde contactpersonen zijn niet gelijk in Yoobi en Spotler. Vergeleken:"),
        ("2", "In orde 2 gekoppelde contactpersonen zijn niet gelijk"),
    ],
)
def test_the_overview_tells_above_the_threshold(
    admin: Widget, ready: Drift, threshold: str, said: str
) -> None:
    admin.ask("POST", "/admin/drift/setting", threshold=threshold)
    overview = words(admin.get("/admin/overview"))
    assert said in overview
    assert ("Bekijk wie en wat" in overview) == (threshold == "1")


def test_it_speaks_english(client: FlaskClient, ready: Drift, launch: Launch) -> None:
    token = launch("Alice", widget="admin", resource={"type": "none"}, lang="en")
    widget = Widget.launch(client, token)
    said = words(widget.get("/admin/drift"))
    assert "2 linked contacts differ" in said and "Changed in Spotler." in said
