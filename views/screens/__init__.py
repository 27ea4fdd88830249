"""The screens: functions of a shift and a place. State in, controls out."""
