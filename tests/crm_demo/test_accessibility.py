"""axe finds nothing in the CRM's own pages, light and dark, wide and narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from demo.crm.server import DemoCrm

pytestmark = pytest.mark.browser
# The widgets' insides are the plugin's; here a fake one fills them.
OPTIONS = {
    "iframes": False,
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 320)])
def test_every_page(browser: Browser, running: DemoCrm, scheme: str, width: int) -> None:
    data = running.data
    contact = data.contacts.page("", "", 1, 0)[0]
    selection = data.selections.add(data.contacts.ids(""), "u-devries")
    data.contacts.change(contact.id, {"note": "Nieuw"})
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    context.request.post(f"{running.origin}/ticks/all")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in (
        "/",
        "/contacts",
        "/contacts/new",
        f"/contacts/{contact.id}",
        "/bulk",
        f"/bulk/{selection.id}",
        "/relations",
        f"/relations/{contact.relation_id}",
        f"/relations/{contact.relation_id}/settings",
        "/sales",
        "/preferences",
        "/preferences/spotler",
        "/preferences/automatic-actions",
        "/preferences/sales-scheme",
        "/preferences/events",
        "/contacts/gone",
    ):
        page.goto(running.origin + path)
        found = Axe().run(page, options=OPTIONS)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{path} is {wider} px too wide."
    context.close()
