"""The screens of the demo CRM: the table of contents of its pages."""

from demo.crm.pages import (
    bulk,
    contacts,
    desk,
    preferences,
    relations,
    sales,
    start,
    ticks,
    widget_token,
)

BLUEPRINTS = (
    desk.blueprint,
    start.blueprint,
    contacts.blueprint,
    ticks.blueprint,
    bulk.blueprint,
    relations.blueprint,
    sales.blueprint,
    preferences.blueprint,
    widget_token.blueprint,
)
