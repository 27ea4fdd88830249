"""Deviations as figures: years of old reports read in, vårddygn, and what is counted for whom."""
