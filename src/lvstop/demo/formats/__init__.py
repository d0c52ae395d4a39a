"""Real formats, a module each, written from the state of the simulated world. Pure: what is shown is passed."""
