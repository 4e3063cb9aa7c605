"""Words of permissions: lines under `switches`, usual `grounds`, `log` of acts, `everything`."""
