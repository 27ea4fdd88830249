"""SBARs for journal systems: FHIR R4, to be read, in the name of somebody legitimerad (docs/fhir.md)."""
