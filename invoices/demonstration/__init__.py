"""A believable, deterministic parcel network in files, for the demo, the tests and the benches. No Django."""
