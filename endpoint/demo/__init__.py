"""The invented municipality Provkommun: what a demo and the tests are filled with. Nobody in it exists."""
