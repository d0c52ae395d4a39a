"""Moving virtual addresses from one director to the other on purpose.

intent → soundings (asked of the directors just now) → assessment: checks, levers, consequences → plan or refusal
→ confirmation → execution with a stopwatch → verification → outcome and report.
"""
