"""Changing a director: intent → plan or refusal → execution → verification → outcome. The only layer that can.

Planning is pure. `execute` is the one module that touches a director, and only `engine` imports it.
"""
