"""Reading in what has its master elsewhere: persons, staff, orders, delegations. docs/import.md.

From a table (``persons``, ``orders``, ``delegations`` say what a row means; staff is endpoint/people) or from
FHIR (``fhir`` makes the same rows). Each row is new, changed, unchanged or faulty; read twice, nothing
changes.
"""
