"""Scenarios: simulated clusters as YAML files, and where they are found."""

from lvstop.demo.scenario.loading import Scenario, find_scenario, load_scenario, parse_scenario, shipped_scenarios

__all__ = ["Scenario", "find_scenario", "load_scenario", "parse_scenario", "shipped_scenarios"]
