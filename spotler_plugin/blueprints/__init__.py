"""The table of contents of our URLs.

| URL                     | Who asks            | File                                         |
|-------------------------|---------------------|----------------------------------------------|
| /launch, /session       | the CRM's page      | launch (which widget shows which page)       |
| /data-block/…           | widget data-block   | data_block                                   |
| /contact-modal/…        | widget contact-modal| contact_modal/routes, contact_modal/earlier  |
| /bulk-step/…            | widget bulk-step    | bulk_step                                    |
| /admin/…                | widget admin        | admin, connection, automation, permission    |
| /admin/first-day/…      | widget admin        | first_day                                    |
| /admin/mapping, /previews | widget admin      | mapping, preview                             |
| /admin/contacts/…       | widget admin        | contact_list                                 |
| /admin/runs/…           | widget admin        | run                                          |
| /admin/backups/…        | widget admin        | backup/routes, backup/upload                 |
| /backups/…              | who has a link      | backup/file                                  |
| /admin/backups/…/restore | widget admin       | restore                                      |
| /admin/drift/…          | widget admin        | drift                                        |
| /admin/consent/…        | widget admin, its own tab | consent_log                            |
| /admin/events/…         | widget admin        | event/routes                                 |
| /admin/privacy/…        | widget admin        | privacy/routes                               |
| /contact-modal/erasure  | widget contact-modal| privacy/erasure                              |
| /events/…               | the CRM's server    | event/intake                                 |
| /api/v1/…               | the CRM's server    | api                                          |
| /api/openapi….yaml      | the CRM's developer | api/openapi                                  |
| /automatic-actions/…    | admin, automatic-action | automatic_action                         |
| /healthz, /readyz       | the operator        | probes                                       |
| /metrics                | Prometheus          | metrics                                      |
| /static/…               | everybody           | Flask's own and assets: kept by browsers     |
"""

from __future__ import annotations

from flask import Flask

from spotler_plugin import wording
from spotler_plugin.blueprints import (
    admin,
    assets,
    automation,
    connection,
    contact_list,
    data_block,
    launch,
    metrics,
    permission,
    probes,
)
from spotler_plugin.blueprints.api import openapi
from spotler_plugin.blueprints.api import routes as api
from spotler_plugin.blueprints.automatic_action import firings as automatic_action
from spotler_plugin.blueprints.backup import file as backup_file
from spotler_plugin.blueprints.backup import routes as backup
from spotler_plugin.blueprints.backup import upload as backup_upload
from spotler_plugin.blueprints.bulk_step import routes as bulk_step
from spotler_plugin.blueprints.consent_log import sheet as consent_log
from spotler_plugin.blueprints.contact_modal import earlier as contact_earlier
from spotler_plugin.blueprints.contact_modal import routes as contact_modal
from spotler_plugin.blueprints.drift import routes as drift
from spotler_plugin.blueprints.event import intake as event_intake
from spotler_plugin.blueprints.event import routes as event
from spotler_plugin.blueprints.first_day import routes as first_day
from spotler_plugin.blueprints.first_day import screen as first_day_screen
from spotler_plugin.blueprints.mapping import routes as mapping
from spotler_plugin.blueprints.preview import routes as preview
from spotler_plugin.blueprints.privacy import erasure
from spotler_plugin.blueprints.privacy import routes as privacy
from spotler_plugin.blueprints.restore import routes as restore
from spotler_plugin.blueprints.run import routes as run


def init_app(app: Flask) -> None:
    wording.init_app(app)
    assets.init_app(app)
    first_day_screen.init_app(app)
    for module in (launch, data_block, contact_modal, admin, connection, automation, probes):
        app.register_blueprint(module.blueprint)
    for module in (
        api,
        automatic_action,
        backup,
        backup_file,
        backup_upload,
        bulk_step,
        consent_log,
        contact_earlier,
        contact_list,
        drift,
        erasure,
        event,
        event_intake,
        first_day,
        mapping,
        metrics,
        openapi,
        permission,
        preview,
        privacy,
        restore,
        run,
    ):
        app.register_blueprint(module.blueprint)
