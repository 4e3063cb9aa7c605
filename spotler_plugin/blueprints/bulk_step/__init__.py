"""The second step of a bulk mutation: what to change, what that would do, and Opslaan."""
