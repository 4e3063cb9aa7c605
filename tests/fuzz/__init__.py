"""Whatever is sent to us or answered to us, nothing of ours fails; the same examples each time."""
