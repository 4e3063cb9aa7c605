"""The tables, one noun a file. Rows hold columns, enums and transitions; the verbs are services."""

from spotler_plugin.models.act import TAKING_BACK, Act, Source
from spotler_plugin.models.address_act import AddressAct
from spotler_plugin.models.automatic_action import ActionType, AutomaticAction
from spotler_plugin.models.backup import (
    Backup,
    BackupCause,
    BackupChunk,
    BackupDownload,
    BackupKind,
    BackupPiece,
    BackupRefusal,
    BackupSettings,
    BackupState,
)
from spotler_plugin.models.catalogue import (
    Automation,
    AutomationKind,
    AutomationOrigin,
    Field,
    Permission,
    Property,
)
from spotler_plugin.models.connection import Connection, ConnectionState
from spotler_plugin.models.consent import AddressHolder, ConsentSetting
from spotler_plugin.models.drift import (
    OF_CRM,
    OF_LINKED,
    OF_NOBODY,
    Drift,
    DriftItem,
    DriftKind,
    DriftSetting,
    DriftStage,
    DriftState,
)
from spotler_plugin.models.enrolment import AMISS, ENROLLED, STILL_OPEN, Enrolment, EnrolmentState
from spotler_plugin.models.environment import Environment, EnvironmentSecret, Owned, SecretKind
from spotler_plugin.models.erasure import ErasedMark, Erasure, ErasureState
from spotler_plugin.models.event import (
    Event,
    EventOutcome,
    EventStanding,
    EventType,
    Inbox,
)
from spotler_plugin.models.feed import Feed
from spotler_plugin.models.firing import Firing, FiringState
from spotler_plugin.models.launch import UsedLaunch
from spotler_plugin.models.leased import Leased, Queued
from spotler_plugin.models.link import Link
from spotler_plugin.models.mapping import MappingRow
from spotler_plugin.models.mirror import MirrorContact
from spotler_plugin.models.outcome import (
    IN_STEP,
    MAY_BE_RETRIED,
    NOT_WRITTEN,
    SENT,
    SETTLED,
    WENT_WRONG,
    Outcome,
)
from spotler_plugin.models.preview import Figure, Preview, PreviewClaim, PreviewItem, PreviewState
from spotler_plugin.models.retention import Retention
from spotler_plugin.models.run import (
    ADDING,
    CLOSED,
    IN_TURN,
    OF_ALL_LINKED,
    OF_EVENTS,
    OF_ONE,
    REPEATABLE,
    SWITCHING,
    UNATTENDED,
    UNDER_WAY,
    UNDOABLE,
    Run,
    RunItem,
    RunKind,
    RunState,
)
from spotler_plugin.models.selection import Selection, SelectionContact, SelectionState
from spotler_plugin.models.whom import Whom

__all__ = [
    "ADDING",
    "AMISS",
    "CLOSED",
    "ENROLLED",
    "IN_STEP",
    "IN_TURN",
    "MAY_BE_RETRIED",
    "NOT_WRITTEN",
    "OF_ALL_LINKED",
    "OF_CRM",
    "OF_EVENTS",
    "OF_LINKED",
    "OF_NOBODY",
    "OF_ONE",
    "REPEATABLE",
    "SENT",
    "SETTLED",
    "STILL_OPEN",
    "SWITCHING",
    "TAKING_BACK",
    "UNATTENDED",
    "UNDER_WAY",
    "UNDOABLE",
    "WENT_WRONG",
    "Act",
    "ActionType",
    "AddressAct",
    "AddressHolder",
    "AutomaticAction",
    "Automation",
    "AutomationKind",
    "AutomationOrigin",
    "Backup",
    "BackupCause",
    "BackupChunk",
    "BackupDownload",
    "BackupKind",
    "BackupPiece",
    "BackupRefusal",
    "BackupSettings",
    "BackupState",
    "Connection",
    "ConnectionState",
    "ConsentSetting",
    "Drift",
    "DriftItem",
    "DriftKind",
    "DriftSetting",
    "DriftStage",
    "DriftState",
    "Enrolment",
    "EnrolmentState",
    "Environment",
    "EnvironmentSecret",
    "ErasedMark",
    "Erasure",
    "ErasureState",
    "Event",
    "EventOutcome",
    "EventStanding",
    "EventType",
    "Feed",
    "Field",
    "Figure",
    "Firing",
    "FiringState",
    "Inbox",
    "Leased",
    "Link",
    "MappingRow",
    "MirrorContact",
    "Outcome",
    "Owned",
    "Permission",
    "Preview",
    "PreviewClaim",
    "PreviewItem",
    "PreviewState",
    "Property",
    "Queued",
    "Retention",
    "Run",
    "RunItem",
    "RunKind",
    "RunState",
    "SecretKind",
    "Selection",
    "SelectionContact",
    "SelectionState",
    "Source",
    "UsedLaunch",
    "Whom",
]
