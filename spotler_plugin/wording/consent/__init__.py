"""Words of `permissions`: the lines under `switches`, usual `grounds`, and the `log` of acts."""
