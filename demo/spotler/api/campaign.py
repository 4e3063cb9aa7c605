"""``/campaign``: the old module (spotler-api.md §2.4)."""

from werkzeug import Response

from demo.spotler import dates
from demo.spotler.account.campaigns import Campaign, Participation
from demo.spotler.account.contacts import Contact, Standing
from demo.spotler.account.mailings import Mailing
from demo.spotler.answers import json_answer, no_content
from demo.spotler.api.automation import fields_of, triggered_contact
from demo.spotler.errors import ApiError
from demo.spotler.request import Request
from demo.spotler.state import State


def _contact(state: State, request: Request) -> Contact:
    contact = triggered_contact(state, request.payload)
    if contact is None:
        # 400, not 404: the contact is not the resource of the path (§9.6).
        raise ApiError(400, "CONTACT_NOT_FOUND", "Contact not found")
    return contact


def _campaign(state: State, encrypted_id: str) -> Campaign:
    campaign = state.account.campaigns.find(encrypted_id)
    if campaign is None:
        raise ApiError(404, "CAMPAIGN_NOTFOUND", "Campaign not found")
    return campaign


def listing(state: State, request: Request) -> Response:
    """All campaigns, also inactive ones and ones without triggers."""
    return json_answer([campaign.as_json() for campaign in state.account.campaigns.all])


def trigger(state: State, request: Request, trigger_id: str) -> Response:
    """Put a contact in a campaign; its first mailing leaves at once."""
    account = state.account
    campaign = account.campaigns.with_trigger(trigger_id)
    fields = fields_of(request.payload, "campaignFields")
    if campaign is None:
        raise ApiError(404, "TRIGGER_NOTFOUND", "Trigger not found")
    contact = _contact(state, request)
    if contact.standing is Standing.OPTED_OUT:
        raise ApiError(400, "CONTACT_OPTOUT", "The contact has opted out")
    if not campaign.active:
        raise ApiError(400, "INVALID_STATE", "Campaign is inactive")
    if account.campaigns.running(campaign, contact):
        raise ApiError(400, "INVALID_STATE", "Contact is already in the campaign")
    number = len(account.campaigns.participations) + 1
    taking_part = Participation(number, campaign, contact, dates.now(), fields)
    account.campaigns.participations.append(taking_part)
    for encrypted_id, name in campaign.mailings[:1]:
        mailing = Mailing(encrypted_id, name, name, taking_part.at, campaign.name)
        account.mailings.deliver(mailing, contact, taking_part.at).subscription = taking_part.id
    return no_content()


def stop(state: State, request: Request, campaign_id: str) -> Response:
    """Take a contact out of a campaign."""
    campaign = _campaign(state, campaign_id)
    running = state.account.campaigns.running(campaign, _contact(state, request))
    if running is None:
        raise ApiError(400, "INVALID_STATE", "Contact is not in the campaign")
    running.stopped_at = dates.now()
    return no_content()


def mailings(state: State, request: Request, campaign_id: str) -> Response:
    """The campaign's mailings."""
    campaign = _campaign(state, campaign_id)
    return json_answer(
        [{"encryptedId": code, "name": name, "type": "EMAIL"} for code, name in campaign.mailings]
    )
