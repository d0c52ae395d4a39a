"""Benchmarks: `cd tests && python -m benchmarks [--quick]`, or `make bench`.

Machines differ and are busy, so nothing here is judged by its time. Each row is a ratio to a floor (what the work costs
where nothing but the unavoidable is done) that was measured in the same run, in turns with it.
"""
