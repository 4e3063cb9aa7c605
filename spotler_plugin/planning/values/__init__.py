"""Values: the types that they have, how they are parsed, converted and compared."""
