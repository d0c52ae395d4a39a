"""What follows from the readings: clusters, rates, events, alerts. Pure functions over the model."""
