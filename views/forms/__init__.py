"""The one renderer: a page of any questionnaire as controls. No form is written as screen code."""
