"""`python -m benchmarks [part]`: all parts but those that are only run when they are named."""

from __future__ import annotations

import argparse

from benchmarks import (
    backup,
    bulk,
    clicks,
    consent_log,
    drift,
    environments,
    events,
    first_paint,
    kills,
    linking,
    memory,
    profile,
    restore,
    runs,
    slow_crm,
    still,
    upload,
)

PARTS = ("runs", "linking", "memory", "first-paint", "slow-crm")
ON_REQUEST = (
    "backup", "bulk", "clicks", "consent-log", "drift", "environments", "events", "profile",
    "kills", "restore", "still", "upload",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="?", choices=(*PARTS, *ON_REQUEST), help="all when left out")
    parser.add_argument(
        "--contacts", type=int, help="of runs, linking, memory (at most) and profile"
    )
    parser.add_argument("--workers", type=int, default=runs.WORKERS, help="of runs")
    parser.add_argument("--repeats", type=int, default=runs.REPEATS, help="of runs; medians count")
    parser.add_argument("--environments", type=int, default=environments.ENVIRONMENTS)
    parser.add_argument("--events", type=int, default=3000)
    parser.add_argument("--acts", type=int, default=consent_log.ACTS, help="of consent-log")
    parser.add_argument("--kills", type=int, default=kills.KILLS, help="of kills")
    parser.add_argument("--seed", type=int, default=1, help="of kills")
    asked = parser.parse_args()
    contacts = asked.contacts or runs.CONTACTS
    for part in [asked.part] if asked.part else PARTS:
        match part:
            case "runs":
                runs.measure(contacts, asked.workers, asked.repeats)
                runs.measure_pace(contacts)
            case "linking":
                linking.measure(asked.contacts or linking.CONTACTS)
            case "memory":
                memory.measure(asked.contacts or memory.MOST)
            case "first-paint":
                first_paint.measure()
            case "slow-crm":
                slow_crm.measure()
            case "backup":
                backup.measure(asked.contacts or backup.CONTACTS)
            case "bulk":
                bulk.measure(asked.contacts or bulk.CONTACTS)
            case "clicks":
                clicks.measure()
            case "consent-log":
                consent_log.measure(asked.acts)
            case "drift":
                drift.measure(asked.contacts or drift.CONTACTS)
            case "environments":
                environments.measure(asked.environments)
            case "events":
                events.measure(asked.events)
            case "kills":
                kills.measure(asked.kills, asked.seed)
            case "still":
                still.measure()
            case "restore":
                restore.measure(asked.contacts or restore.CONTACTS)
            case "upload":
                upload.measure()
            case "profile":
                profile.measure(contacts)


if __name__ == "__main__":
    main()
