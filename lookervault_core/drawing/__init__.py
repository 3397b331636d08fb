"""Draw tiles on a grid as SVG: pure, without a library, and without knowing content types; families say what to draw."""
