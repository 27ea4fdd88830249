"""Forms on the console: one renderer of the FHIR Questionnaire subset, for whatever is filled in there.

`catalogue` knows the forms, `typed` turns what a browser sends into answers, `sheet` is what the template
``forms/sheet.html`` draws, `drafts` keeps what has been begun.
"""
