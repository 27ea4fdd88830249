"""The watch: what units have to see to is told to those on call (care/watch.py says what and when).

Each minute, by whoever leads among the workers: ``telling`` states what is new as notices, and puts a message
for each way of reaching somebody in ``outgoing`` in the same transaction; ``channels`` sends them.
"""
